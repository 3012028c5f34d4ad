"""Fitted models in MLflow: logged, loaded and served as a `pyfunc`.

>>> info = clv.mlflow.log_model(model, name="clv")
>>> mlflow.pyfunc.load_model(info.model_uri).predict(summary, params={"horizons": "3m,12m", "margin": 0.3})

What is stored is the model file, which the command reads, too; there is no pickle in it.
"""

import tempfile
from pathlib import Path
from typing import Any

try:
    import mlflow.pyfunc
    from mlflow.models import ModelSignature
    from mlflow.pyfunc import PythonModel
    from mlflow.types import ParamSchema, ParamSpec
except ImportError as error:
    raise ImportError("clv.mlflow takes MLflow: pip install mlflow, or mlflow-skinny") from error

from . import __version__
from .model_files import load
from .spend import GammaGamma
from .timing import TimingModel

MODEL_FILE = "model.json"


class ClvModel(PythonModel):  # type: ignore[misc]  # MLflow has no types
    """A model file that scores summaries."""

    def load_context(self, context: Any) -> None:
        """Reads the model file."""
        self.model = load(context.artifacts["model"])

    # MLflow would read types as a schema.
    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
        """Every customer's future: `params` are `horizons` with commas between, `margin` and `discount`."""
        if isinstance(self.model, GammaGamma):
            return self.model.predict(model_input)
        given: dict[str, Any] = {"horizons": "3m,6m,12m", "margin": 1.0, "discount": 0.0} | (params or {})
        horizons = [horizon.strip() for horizon in str(given.pop("horizons")).split(",")]
        return self.model.predict(model_input, horizons, **given)


def _arguments(model: TimingModel | GammaGamma, folder: str) -> dict[str, Any]:
    path = Path(folder) / MODEL_FILE
    model.save(path)
    params = ParamSchema(
        [ParamSpec("horizons", "string", "3m,6m,12m"), ParamSpec("margin", "double", 1.0), ParamSpec("discount", "double", 0.0)]
    )
    return {
        "python_model": ClvModel(),
        "artifacts": {"model": str(path)},
        "signature": ModelSignature(params=params),
        "pip_requirements": [f"clv=={__version__}"],
    }


def save_model(model: TimingModel | GammaGamma, path: Any, **options: Any) -> None:
    """Writes a fitted model as an MLflow model; the options are those of `mlflow.pyfunc.save_model`."""
    with tempfile.TemporaryDirectory() as folder:
        mlflow.pyfunc.save_model(path=path, **(_arguments(model, folder) | options))


def log_model(model: TimingModel | GammaGamma, name: str = "clv", **options: Any) -> Any:
    """Logs a fitted model with the run; the options are those of `mlflow.pyfunc.log_model`."""
    with tempfile.TemporaryDirectory() as folder:
        return mlflow.pyfunc.log_model(name=name, **(_arguments(model, folder) | options))
