"""Warnings of the package."""

import warnings
from collections.abc import Iterable


class FitWarning(UserWarning):
    """A fit that needs a second look: at a boundary, on a ridge, or on data that the model does not suit."""


class DataWarning(UserWarning):
    """Rows that were not used."""


def warn_of(cautions: Iterable[str], kind: type[Warning]) -> None:
    """Warns of each, where the user called the package."""
    for caution in cautions:
        # This function, the one of the package that was called, and there the user.
        warnings.warn(caution, kind, stacklevel=3)
