"""What the columns of answers say, from the engine's list."""

import textwrap
from collections.abc import Callable
from typing import Any, TypeVar

from . import _clv

_F = TypeVar("_F", bound=Callable[..., Any])


def columns() -> _clv.Table:
    """Every column of summaries, predictions, totals and descriptions: what it says, its formula, unit and source.

    A column of its own names the option that asks for it, if one has to. Names are examples, of a horizon of three months.

    Returns
    -------
    Table
        `table`, `column`, `meaning`, `formula`, `unit`, `source`, `option`; `to_pandas()` and the like make a frame of it.
    """
    return _clv.columns()


def documented(*tables: str) -> Callable[[_F], _F]:
    """Lists the columns of these tables in the docstring of what makes them."""

    def with_columns(function: _F) -> _F:
        if function.__doc__ is not None:
            first = function.__doc__.splitlines()[-1]
            indent = first if not first.strip() else "    "
            lines = "\n".join(["Columns", "-------", *_lines(tables)])
            function.__doc__ = f"{function.__doc__.rstrip()}\n\n{textwrap.indent(lines, indent)}\n{indent}"
        return function

    return with_columns


def _lines(tables: tuple[str, ...]) -> list[str]:
    every = columns().to_numpy()
    rows = zip(*every.values(), strict=True)
    lines = []
    for table, column, meaning, formula, _, source, option in rows:
        if table in tables:
            text = meaning + (f": {formula}" if formula else "") + (f" [{source}]" if source else "")
            name, _, value = option.partition(" ")
            asked = f" (with `{name.replace('-', '_')}={value and repr(value)}`)" if name else ""
            lines += [column, *textwrap.wrap(text + asked, 110, initial_indent="    ", subsequent_indent="    ")]
    return lines
