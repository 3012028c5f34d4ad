"""Models read from files."""

import json
import os
from typing import Any, Literal

from . import _clv, retention
from .retention import RetentionModel
from .spend import GammaGamma
from .timing import RegularTimingModel, TimingModel, models
from .warned import DataWarning, warn_of

_CLASSES: dict[str, type[TimingModel]] = {model._kind: model for model in models()}
_OF_CONTRACTS: dict[str, type[RetentionModel]] = {model._kind: model for model in retention.models()}


def load(path: str | os.PathLike[str]) -> TimingModel | GammaGamma | RetentionModel:
    """Reads a model file: of :meth:`TimingModel.save`, or of the command."""
    path = os.fspath(path)
    # What is no text is no model, and the reader says so with the file's name.
    with open(path, encoding="utf-8", errors="replace") as file:
        model = from_json(file.read(), path)
    warn_of(_clv.of_other_runs(path, model._fitted()), DataWarning)
    return model


def from_json(text: str, name: str = "model") -> TimingModel | GammaGamma | RetentionModel:
    """The same from its text."""
    model = _clv.Model.from_json(text, name)
    facts = json.loads(text)
    if facts.get("timing") is None:
        if facts.get("spend") is None:
            return _of_contracts(model, facts["retention"])
        spend = GammaGamma(**_settings(facts["spend"]), spend_covariates=_covariates(facts["spend"], "spend"))
        spend._model = model
        return spend
    with_spend: Literal["auto"] | None = "auto" if facts.get("spend") is not None else None
    model_class, settings = _CLASSES[facts["timing"]["model"]], _settings(facts["timing"])
    if issubclass(model_class, RegularTimingModel) and not (facts["timing"].get("fit") or {}).get("profile"):
        settings["k"] = facts["timing"]["parameters"]["k"]
    settings |= {f"{what}_covariates": _covariates(facts["timing"], process) for process, what in PROCESSES.items()}
    settings["equal"] = _covariates(facts["timing"], "both")
    settings["spend_covariates"] = _covariates(facts.get("spend") or {}, "spend")
    timing = model_class(spend=with_spend, **settings)
    timing._model = model
    return timing


PROCESSES = {"purchases": "purchase", "dropout": "dropout"}


def _covariates(record: dict[str, Any], process: str) -> list[str]:
    """The covariates of a process, as a fit takes them; those of both have one coefficient."""
    effects = record.get("covariates") or {"covariates": [], "coefficients": []}
    moved = {
        one["column"] for one in effects["coefficients"] if one["process"] in ((process,) if process == "spend" else (process, "both"))
    }
    return [one["name"] for one in effects["covariates"] if moved & {*_columns(one)}]


def _columns(covariate: dict[str, Any]) -> list[str]:
    name, others = covariate["name"], covariate["coding"].get("others", [])
    return [name, f"{name} missing", *(f"{name}={level['name']}" for level in others)]


def _of_contracts(model: _clv.Model, record: dict[str, Any]) -> RetentionModel:
    """A model of contracts, with what the file says of its fit."""
    settings = _settings(record)
    of_contracts = _OF_CONTRACTS[record["model"]](unit=record["period"], prior_sd=settings["prior_sd"], robust=settings["robust"])
    of_contracts._model = model
    return of_contracts


def _settings(record: dict[str, Any]) -> dict[str, Any]:
    """How the model of a file was fitted, as far as it says."""
    fit = record.get("fit") or {}
    bootstrap = fit.get("bootstrap") or {}
    refits = len(bootstrap["draws"]) + bootstrap["failed"] if bootstrap else None
    by = bootstrap.get("by", "customers")
    settings = {"prior_sd": fit.get("prior_sd"), "robust": fit.get("robust", False), "bootstrap": refits, "bootstrap_by": by}
    held = (record.get("covariates") or {}).get("sd")
    return settings if held is None else settings | {"covariate_sd": held}
