"""Warnings of the package."""

import sys
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from . import _clv

PACKAGE = __name__.rpartition(".")[0]


class FitWarning(UserWarning):
    """A fit that needs a second look: at a boundary, on a ridge, or on data that the model does not suit."""


class DataWarning(UserWarning):
    """Rows that were not used."""


def warn_of_rate(asked: Mapping[str, Any]) -> None:
    """Warns of a discount rate among questions that is hardly meant as it is written."""
    caution = _clv.discount_caution({name: value for name, value in asked.items() if name == "discount"})
    warn_of([] if caution is None else [caution], FitWarning)


def warn_of(cautions: Iterable[str], kind: type[Warning]) -> None:
    """Warns of each, where the user called the package."""
    # The first level is this function.
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and f"{frame.f_globals.get('__name__')}.".startswith(f"{PACKAGE}."):
        level, frame = level + 1, frame.f_back
    for caution in cautions:
        warnings.warn(caution, kind, stacklevel=level)
