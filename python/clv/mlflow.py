"""Fitted models in MLflow: logged, loaded and served as a `pyfunc`.

>>> info = clv.mlflow.log_model(model, name="clv")
>>> mlflow.pyfunc.load_model(info.model_uri).predict(summary, params={"horizons": "3m,12m", "margin": 0.3})

What is stored is the model file, which the command reads, too; there is no pickle in it. Its signature names the inputs, so that columns
may be handed over by position, as SQL does:

>>> score = mlflow.pyfunc.spark_udf(spark, info.model_uri, "double", params={"horizons": "12m", "columns": "clv_12m"})
>>> customers.withColumn("clv", score("frequency", "recency", "T", "monetary_value"))
"""

import tempfile
from pathlib import Path
from typing import Any

try:
    import mlflow.pyfunc
    from mlflow.models import ModelSignature
    from mlflow.pyfunc import PythonModel
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema
    from mlflow.types.schema import AnyType
except ImportError as error:
    raise ImportError("clv.mlflow takes MLflow: pip install mlflow, or mlflow-skinny") from error

from . import __version__
from ._clv import UsageError
from .model_files import load
from .retention import RetentionModel
from .spend import GammaGamma
from .timing import TimingModel

MODEL_FILE = "model.json"

OPTIONAL = ("customer_id", "first_purchase", "last_purchase", "orders", "total", "unit", "grain", "observed_until")
"""What a summary may say besides; without dates and these it is in the model's unit until the end of the model's data."""

PARAMS = {"horizons": ("string", "3m,6m,12m"), "margin": ("double", 1.0), "discount": ("double", 0.0), "columns": ("string", "")}
"""Types and what is usual."""


class ClvModel(PythonModel):  # type: ignore[misc]  # MLflow has no types
    """A model file that scores summaries."""

    def load_context(self, context: Any) -> None:
        """Reads the model file."""
        model = load(context.artifacts["model"])
        if isinstance(model, RetentionModel):
            raise UsageError("a model of contracts scores no summaries")
        self.model = model

    # MLflow would read types as a schema.
    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
        """Every customer's future.

        `params` are `horizons` and `columns` with commas between, `margin` and `discount`; `columns` are those of the answer that are
        wanted, all of them if none is named.
        """
        summary = _without_empty(model_input)
        if isinstance(self.model, GammaGamma):
            return self.model.predict(summary)
        given: dict[str, Any] = {name: usual for name, (_, usual) in PARAMS.items()} | (params or {})
        columns = _listed(given.pop("columns"))
        answer = self.model.predict(summary, _listed(given.pop("horizons")), **given)
        return answer[columns] if columns else answer


def _listed(text: Any) -> list[str]:
    return [part.strip() for part in str(text).split(",") if part.strip()]


def _without_empty(frame: Any) -> Any:
    """Without columns of nothing: MLflow makes them of inputs that were not handed over."""
    optional = [name for name in getattr(frame, "columns", ()) if name in OPTIONAL]
    return frame.drop(columns=[name for name in optional if frame[name].isna().all()]) if optional else frame


def signature(model: TimingModel | GammaGamma) -> ModelSignature:
    """The columns that a model takes, in the order of a call by position, and the parameters of a prediction."""
    columns = ["frequency", "recency", "T"]
    if isinstance(model, GammaGamma) or model.spend_ is not None:
        columns.append("monetary_value")
    # Of any type of number, text or date: what can be read is for the engine to say.
    inputs = [ColSpec(AnyType(), name) for name in columns]
    inputs += [ColSpec(AnyType(), name, required=False) for name in OPTIONAL]
    params = ParamSchema([ParamSpec(name, kind, usual) for name, (kind, usual) in PARAMS.items()])
    return ModelSignature(inputs=Schema(inputs), params=None if isinstance(model, GammaGamma) else params)


def _arguments(model: TimingModel | GammaGamma, folder: str, options: dict[str, Any]) -> dict[str, Any]:
    if isinstance(model, RetentionModel):
        raise UsageError("a model of contracts scores no summaries, which is what MLflow serves; save() keeps it as a file")
    path = Path(folder) / MODEL_FILE
    model.save(path)
    ours, theirs = signature(model), options.get("signature")
    if theirs is not None and theirs.params is None:
        theirs = ModelSignature(inputs=theirs.inputs, outputs=theirs.outputs, params=ours.params)
    return {
        "python_model": ClvModel(),
        "artifacts": {"model": str(path)},
        "pip_requirements": [f"clv=={__version__}"],
        **options,
        "signature": theirs or ours,
    }


def save_model(model: TimingModel | GammaGamma, path: Any, **options: Any) -> None:
    """Writes a fitted model as an MLflow model; the options are those of `mlflow.pyfunc.save_model`."""
    with tempfile.TemporaryDirectory() as folder:
        mlflow.pyfunc.save_model(path=path, **_arguments(model, folder, options))


def log_model(model: TimingModel | GammaGamma, name: str = "clv", **options: Any) -> Any:
    """Logs a fitted model with the run; the options are those of `mlflow.pyfunc.log_model`."""
    with tempfile.TemporaryDirectory() as folder:
        return mlflow.pyfunc.log_model(name=name, **_arguments(model, folder, options))
