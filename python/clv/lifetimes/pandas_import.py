"""pandas, imported when a function needs it: `clv` itself runs without."""

from __future__ import annotations

from types import ModuleType


def pandas() -> ModuleType:
    """The module pandas.

    Raises ImportError, saying what to install, where there is none.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(
            "clv.lifetimes takes and returns pandas, as lifetimes did, and pandas is not installed: pip install pandas"
        ) from error
    module: ModuleType = pd
    return module
