"""What all fitters share: parameters with their uncertainty, the summary, files."""

from __future__ import annotations

import json
import os
import warnings
from typing import Any, ClassVar

import numpy as np

from clv import _clv
from clv.fitted import NotFittedError
from clv.warned import FitWarning

from .inputs import Floats
from .pandas_import import pandas

FORMAT = "clv-lifetimes"
VERSION = 1

# Two-sided 95%, rounded as lifetimes rounds it.
NORMAL_975 = 1.96


class BaseFitter:
    """A model with parameters by name in `params_`; set that Series yourself to predict with published ones."""

    _names: ClassVar[tuple[str, ...]] = ()
    _columns: ClassVar[tuple[str, ...]] = ()

    def __init__(self, penalizer_coef: float = 0.0) -> None:
        """A fitter whose objective is the mean negative log-likelihood plus `penalizer_coef` times the sum of squared
        parameters, those that are times in shares of the longest `T`."""
        penalizer_coef = float(penalizer_coef)
        if not (np.isfinite(penalizer_coef) and penalizer_coef >= 0):
            raise ValueError(f"penalizer_coef is {penalizer_coef}: it is a number from 0 on")
        self.penalizer_coef = penalizer_coef

    def __repr__(self) -> str:
        name = f"lifetimes.{type(self).__name__}"
        if not hasattr(self, "params_"):
            return f"<{name}>"
        subjects = f" fitted with {len(self.data)} subjects," if hasattr(getattr(self, "data", None), "shape") else ""
        values = ", ".join(f"{key}: {value:.2f}" for key, value in sorted(self.params_.items()))
        return f"<{name}:{subjects} {values}>"

    def _unload_params(self, *names: str) -> list[float]:
        """The values of these parameters. Raises NotFittedError, a ValueError, before a fit."""
        if not hasattr(self, "params_"):
            raise NotFittedError(f"this {type(self).__name__} has not been fitted: call fit first")
        return [float(self.params_[name]) for name in names]

    def _values(self) -> list[float]:
        return self._unload_params(*self._names)

    def _keep(self, fit: dict[str, Any], verbose: bool, frames: int) -> None:
        """Takes over what a fit found, and warns of it where the user called, so many frames up."""
        pd = pandas()
        names = list(self._names)
        values = np.asarray(fit["parameters"])
        # No number where a parameter ran off: nothing is known of it, which is what an infinite variance says.
        logs = [[np.nan if cell is None else cell for cell in row] for row in fit["covariance_of_logs"]]
        variance = np.outer(values, values) * np.asarray(logs)
        unknown = np.isnan(variance)
        variance[unknown] = 0.0
        variance[np.diag(np.diag(unknown))] = np.inf
        self.params_ = pd.Series(values, index=names)
        self.variance_matrix_ = pd.DataFrame(variance, index=names, columns=names)
        errors = pd.Series(np.sqrt(np.diag(variance)), index=names)
        self.standard_errors_ = errors
        self.confidence_intervals_ = pd.DataFrame(
            {
                "lower 95% bound": (self.params_ - NORMAL_975 * errors).clip(lower=0.0),
                "upper 95% bound": self.params_ + NORMAL_975 * errors,
            }
        )
        if verbose:
            print(
                f"{type(self).__name__}: {fit['verdict']} after {fit['iterations']} iterations, {fit['evaluations']} evaluations; "
                f"log-likelihood {fit['log_likelihood']:.4f}"
            )
        if not fit["converged"]:
            advice = "More customers or a longer observation would settle them"
            if self.penalizer_coef == 0 and "infinity" in fit["verdict"]:
                advice += ", and a penalizer_coef of 0.001 to 0.1 keep them small"
            warnings.warn(
                f"{type(self).__name__} ended {fit['verdict']}. Predictions over times like those observed can be used, the "
                f"parameters named mean nothing by themselves. {advice}",
                FitWarning,
                stacklevel=frames + 1,
            )

    @property
    def summary(self) -> Any:
        """DataFrame, a parameter a row: `coef`, `se(coef)`, `lower 95% bound`, `upper 95% bound`."""
        self._unload_params()
        pd = pandas()
        return pd.DataFrame(
            {
                "coef": self.params_,
                "se(coef)": self.standard_errors_,
                "lower 95% bound": self.confidence_intervals_["lower 95% bound"],
                "upper 95% bound": self.confidence_intervals_["upper 95% bound"],
            },
            index=self.params_.index,
        )

    def print_summary(self) -> None:
        """Prints `summary`."""
        print(self.summary)

    def save_model(
        self,
        path: str | os.PathLike[str],
        save_data: bool = True,
        save_generate_data_method: bool = True,
        values_to_save: list[Any] | None = None,
        *,
        overwrite: bool = False,
    ) -> None:
        """Writes the fitter to a JSON file, which any version of Python reads and which runs nothing when it is read.

        It replaces what another fitter saved; anything else only with `overwrite`.

        With `save_data` the rows that it was fitted to are in it, too: customers' data. `values_to_save` may hold one value (text,
        number or None) to find in `data` instead. `save_generate_data_method` changes nothing: there is nothing to save.
        """
        del save_generate_data_method
        record: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "fitter": type(self).__name__,
            "penalizer_coef": self.penalizer_coef,
        }
        if hasattr(self, "params_"):
            record["params"] = {key: float(value) for key, value in self.params_.items()}
        for name in ("_negative_log_likelihood_", "_scale"):
            if hasattr(self, name):
                record[name] = float(getattr(self, name))
        if hasattr(self, "variance_matrix_"):
            rows = np.asarray(self.variance_matrix_, dtype=float).tolist()
            record["variance"] = [[cell if np.isfinite(cell) else None for cell in row] for row in rows]
        data: Any = getattr(self, "data", None)
        if save_data and hasattr(data, "columns"):
            record["data"] = {name: data[name].tolist() for name in data.columns}
            record["index"] = [_plain(key) for key in data.index]
        elif not save_data:
            record["data"] = values_to_save[0] if values_to_save else None
        _clv.write_text(path, json.dumps(record, allow_nan=False) + "\n", "fitter", overwrite)

    def load_model(self, path: str | os.PathLike[str]) -> None:
        """Takes over what `save_model` wrote. Raises ValueError for other files, among them those that lifetimes pickled."""
        with open(path, "rb") as file:
            content = file.read()
        try:
            record = json.loads(content)
        except ValueError:
            record = None
        if not isinstance(record, dict) or record.get("format") != FORMAT:
            raise ValueError(
                f"{os.fspath(path)} was not written by save_model of clv.lifetimes. Files of lifetimes are pickles, which only "
                "lifetimes itself can read: fit again, or copy its params_ into the params_ of this fitter"
            )
        if record.get("version") != VERSION:
            raise ValueError(f"{os.fspath(path)} has version {record.get('version')}, this clv reads {VERSION}: update clv")
        if record["fitter"] != type(self).__name__:
            raise ValueError(f"{os.fspath(path)} holds a {record['fitter']}, not a {type(self).__name__}")
        self._take(record)

    def _take(self, record: dict[str, Any]) -> None:
        pd = pandas()
        self.__dict__.clear()
        self.penalizer_coef = record["penalizer_coef"]
        for name in ("_negative_log_likelihood_", "_scale"):
            if name in record:
                setattr(self, name, record[name])
        if "variance" in record:
            values = np.array([record["params"][name] for name in self._names])
            # The way back from variances to those of logarithms, by which _keep goes.
            logs = [
                [None if cell is None else cell / (values[i] * values[j]) for j, cell in enumerate(row)]
                for i, row in enumerate(record["variance"])
            ]
            self._keep({"parameters": values, "covariance_of_logs": logs, "converged": True}, verbose=False, frames=0)
        if "params" in record:
            self.params_ = pd.Series(record["params"], dtype=float)
        if isinstance(record.get("data"), dict):
            self.data = pd.DataFrame(record["data"], index=record["index"])
        elif "data" in record:
            self.data = record["data"]


def _plain(key: Any) -> Any:
    """A label as JSON has it; what is neither text nor number becomes text."""
    key = key.item() if isinstance(key, np.generic) else key
    return key if isinstance(key, (str, int, float)) else str(key)


def mean_of(values: Floats, weights: Floats) -> float:
    """Weighted mean."""
    return float(values @ weights / weights.sum())
