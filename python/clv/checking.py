"""One look at orders before anything is fitted."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import _clv, arguments, keywords
from .orders import Orders, given_of

OF_COLUMNS = ("customer", "date", "amount", "without_amount", "quantity", "price", "ignore")


class _ShownOrders(Orders):
    """Whose first rows are told."""

    _rows_shown = 5


@dataclass(frozen=True)
class Check:
    """How orders are read, and for what there is enough: see :func:`check`."""

    orders: Orders
    """The orders, to go on with: `clv.summarize`, `clv.evaluate` and others take them."""

    guessed: dict[str, str]
    """Columns that were taken for what they may be by their names: arguments that settle it."""

    rows: Any
    """The first rows in the caller's kind: `customer`, `date` and `written` amount as they stand, `day` and `amount` as they are read."""

    enough: dict[str, tuple[bool, str]]
    """For what there is enough, and why."""

    @property
    def read(self) -> dict[str, Any]:
        """What became of the rows: see :attr:`Orders.read`."""
        return self.orders.read

    def __repr__(self) -> str:
        guesses = (
            [f"  taken by their names: {', '.join(f'{role}={name!r}' for role, name in self.guessed.items())}"] if self.guessed else []
        )
        told = [f"  {sentence}" for sentence in self.read["told"]]
        left_out = [f"  left out: {rows:,} rows, {reason}" for reason, rows in self.read["left_out"].items()]
        enough = [f"  {what:<23}  {'yes' if is_enough else 'no':<3}  {why}" for what, (is_enough, why) in self.enough.items()]
        return "\n".join([repr(self.orders), *guesses, *told, *left_out, "Is there enough for", *enough])


def check(orders: Any, **options: Any) -> Check:
    """Looks at orders without fitting anything: how they are read, what is left out, for what there is enough.

    Columns whose names are not known are taken for what they may be, in seven languages; `guessed` are the arguments that say so to
    other functions, which ask instead.

    Parameters
    ----------
    orders : frame, path, list of paths, connection, cursor or data set
        As of :class:`Orders`, whose options are taken as well.
    """
    keywords.check(check, options, [name for name in keywords.names_of(Orders.__init__) if name != "orders"], "to orders")
    guessed = _guesses(orders, options)
    read = _ShownOrders(orders, **{**options, **guessed})
    enough = {what: (is_enough, why) for what, is_enough, why in read._read.sufficiencies()}
    return Check(read, guessed, read._kind.frame(read._read.first_rows()), enough)


def _guesses(orders: Any, options: Mapping[str, Any]) -> dict[str, str]:
    header = _header(orders)
    if header is None:
        return {}
    named = {name: value for name, value in given_of(options).items() if name in OF_COLUMNS and value is not None}
    if "ignore" in named:
        named["ignore"] = arguments.texts("ignore", named["ignore"])
    return dict(_clv.guessed_columns(header, named))


def _header(orders: Any) -> list[str] | None:
    """The names of columns, where they can be had without reading."""
    first = orders[0] if isinstance(orders, (list, tuple)) and orders else orders
    if isinstance(first, (str, os.PathLike)):
        return _clv.Summary.header(os.fspath(first)) if os.path.isfile(first) else None
    names = list(first) if isinstance(first, Mapping) else getattr(first, "column_names", getattr(first, "columns", None))
    if names is None or callable(names):
        return None
    return [str(name) for name in names]
