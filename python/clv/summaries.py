"""Customers with their histories, read from a frame or a file."""

from collections.abc import Iterable
from typing import Any

from . import _clv, arguments, frames
from .frames import Kind

FIELDS = frozenset(
    {
        *("customer_id", "frequency", "recency", "T", "monetary_value"),
        *("first_purchase", "last_purchase", "orders", "total", "grain", "observed_until"),
    }
)
"""Columns of a summary that are read."""


def read(
    data: Any,
    *,
    customer: str | None = None,
    unit: str | None = None,
    grain: str | None = None,
    until: Any = None,
    keep: Iterable[str] = (),
    counts_periods: bool = False,
    model: _clv.Model | None = None,
) -> tuple[_clv.Summary, Kind, bool]:
    """The customers, their kind of table, and whether they have dates.

    Customers without dates are of the unit, grain and end that are said, or else of those of the `model` that is to be asked about them.
    """
    customer = arguments.optional_text("customer", customer)
    kept = {*keep}
    named = kept | ({customer} if customer is not None else set())

    def wanted(header: list[str]) -> list[int]:
        return [i for i, name in enumerate(header) if name in FIELDS or name in named]

    # What is in an index identifies rows for the caller; for the models it need not.
    source, kind = frames.read(data, "summary", wanted, named)
    header = kind.header or (frames.header_of(source) if isinstance(source, str) else source.header)
    is_dated = "first_purchase" in header
    until = arguments.day("until", until)
    if model is not None and is_dated:
        # They say when they end themselves.
        until = None
    elif model is not None and model.knows_unit:
        unit, grain, until = unit or model.unit, grain or model.grain, until or model.until
    given = {
        "customer": customer,
        "unit": arguments.optional_text("unit", unit),
        "grain": arguments.optional_text("grain", grain),
        "until": until,
        "keep": sorted(kept),
    }
    return _clv.Summary(source, given, counts_periods), kind, is_dated
