"""What a summary says of its own times: their unit, the period of a purchase, and the last day observed.

Frames of pandas say it in `attrs`, and Arrow's in the metadata of their schema. These go with every piece and copy of a frame, so that
one row is understood as all of them are. Others have columns for it.

Beside it is what is counted of all customers' purchases, as text, which the engine makes and reads: it knows whether it is of the rows
that it comes with. No column has it, nor the currency of amounts.
"""

import json
from collections.abc import Mapping
from typing import Any

from ._clv import DataError, Table

ATTRS = "clv"
"""Where pandas keeps it."""

METADATA = "clv-summary"
"""Where Arrow does."""

PURCHASES = "clv-purchases"
"""Where both keep what is counted of purchases."""

CURRENCY = "clv-currency"
"""Where both keep the code of what amounts are in."""

COLUMNS = ("unit", "grain", "observed_until")
"""Where a table does, as its last columns."""

Times = dict[str, str | None]
"""`unit`, `grain` and `until`."""


def of_attrs(attrs: Mapping[Any, Any], name: str) -> Times | None:
    """What the attributes of a pandas frame say, if they do."""
    said = attrs.get(ATTRS)
    if said is None:
        return None
    keys = ("unit", "grain", "until")
    if not isinstance(said, Mapping) or not all(isinstance(said.get(key), (str, type(None))) for key in keys):
        raise DataError(f"{name}: attrs['{ATTRS}'] is {said!r}, which says no unit, grain and until; summarise the orders again")
    return {key: said.get(key) for key in keys}


def of_metadata(metadata: Mapping[str, str], name: str) -> Times | str | None:
    """What an Arrow schema says, if it does: of itself, or of a pandas frame that it was."""
    return metadata[METADATA] if METADATA in metadata else of_attrs(_attrs(metadata), name)


def purchases(said: Mapping[Any, Any], name: str) -> str | None:
    """What the attributes of a pandas frame, or an Arrow schema, say of purchases, if they do."""
    return _text(said, PURCHASES, "purchases", name)


def currency(said: Mapping[Any, Any], name: str) -> str | None:
    """What they say of the currency of amounts."""
    return _text(said, CURRENCY, "a currency", name)


def _text(said: Mapping[Any, Any], key: str, what: str, name: str) -> str | None:
    text = said.get(key, _attrs(said).get(key))
    if not isinstance(text, (str, type(None))):
        raise DataError(
            f"{name}: attrs['{key}'] is of type {type(text).__name__}, which says nothing of {what}; summarise the orders again"
        )
    return text


def _attrs(metadata: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Those of the pandas frame that an Arrow schema is of, if it is."""
    try:
        attrs = json.loads(metadata.get("pandas", "{}")).get("attributes")
    except (TypeError, ValueError, AttributeError):
        return {}
    return attrs if isinstance(attrs, Mapping) else {}


def of_table(table: Table) -> Times | None:
    """What a summary that the engine made says."""
    text = table.metadata.get(METADATA)
    if text is None:
        return None
    said = json.loads(text)
    return {"unit": said["unit"], "grain": said["grain"], "until": said["end"]}


def without_columns(table: Table) -> Table:
    """A summary without the columns that it can do without, since it says it otherwise.

    Where purchases are not merged by the day, two of them stay: the dates would be taken for days.
    """
    said = of_table(table)
    if said is None or tuple(table.columns[-len(COLUMNS) :]) != COLUMNS:
        return table
    for column in COLUMNS if said["grain"] == "day" else COLUMNS[:1]:
        table = table.without(column)
    return table
