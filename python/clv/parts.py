"""Parts of orders and of customers, wherever they are: what each machine of a cluster does with its own.

>>> clv.parts.fold(orders_of_some_customers, until="2024-12-31")     # their rows of the summary
>>> clv.parts.score(some_customers, model, ["3m", "12m"])           # their rows of the predictions

A part is a frame, and what comes out is of its kind; orders may also be an iterable of record batches of pyarrow, which make a table of
pyarrow. A part may be empty, or nobody in it may have purchased: then so is what comes out, with the same columns.

Orders of a customer must be in one part. Where they are not, :func:`partial` makes records of each part, one a customer and day, which
:func:`combine` adds up once those of a customer are together: exactly, so that no division shows in any bit. This is also how a few
customers with very many orders are dealt with.

Nothing is found out from a part, which others might contradict: dates are dates, amounts are numbers, the last day of the observation is
said, and a row that is no order is an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from . import _clv, arguments, connections, frames, keywords
from ._clv import Frame, UsageError
from .frames import Kind
from .orders import Unit

RECORDS = ("customer_id", "day", "kind", "orders", "amount_high", "amount_low", "column", "text")
"""Columns of what :func:`partial` makes."""


def fold(
    part: Any,
    *,
    until: Any,
    holdout: Any = None,
    customer: str = "customer_id",
    date: str = "order_date",
    amount: str | Literal[False] = "amount",
    unit: Unit = "week",
    grain: Unit = "day",
    from_: Any = None,
    first_purchase_before: Any = None,
    keep: Sequence[str] = (),
    sum_log_interpurchase: bool = False,
) -> Any:
    """The customers of a part that holds all of their orders: what :func:`clv.summarize` says of them, with `unit`, `grain` and
    `observed_until` as columns.

    The arguments are those of :class:`clv.Orders`. `customer` is a column of text or whole numbers, which are taken exactly as they are;
    `date` one of dates, or of timestamps without a zone; `amount` one of numbers, or False. Up to the last day of a `holdout` after
    `until`, two more columns say what the customers then did: `holdout_purchases` and, net of returns, `holdout_value`.
    """
    given = _given(keywords.of_call(locals(), "part"))
    read, kind = _frames(part, _columns(given))
    folded = _clv.Fold(given)
    for frame in read:
        folded.add(frame)
    return kind.frame(folded.summary())


def partial(
    part: Any,
    *,
    customer: str = "customer_id",
    date: str = "order_date",
    amount: str | Literal[False] = "amount",
    keep: Sequence[str] = (),
) -> Any:
    """What the orders of any part come to: a record for each customer and day, of orders and returns apart, with their number and exact sum
    (the 64 bits before and after the point); and what is kept of customers.

    The customers are in the column `customer_id`, by which records are to be brought together.
    """
    given = _given(keywords.of_call(locals(), "part"))
    read, kind = _frames(part, _columns(given))
    folded = _clv.Fold(given)
    for frame in read:
        folded.add(frame)
    return kind.frame(folded.records())


def combine(
    part: Any,
    *,
    until: Any,
    holdout: Any = None,
    amount: bool = True,
    unit: Unit = "week",
    grain: Unit = "day",
    from_: Any = None,
    first_purchase_before: Any = None,
    keep: Sequence[str] = (),
    sum_log_interpurchase: bool = False,
) -> Any:
    """The customers of a part that holds all of their records, as :func:`fold` makes them of orders; `amount` says if
    there were amounts.
    """
    given = keywords.of_call(locals(), "part", "amount")
    given = _given({**given, "amount": "amount" if arguments.truth("amount", amount) else False})
    read, kind = _frames(part, RECORDS)
    folded = _clv.Fold(given)
    for frame in read:
        folded.add_records(frame)
    return kind.frame(folded.summary())


def score(part: Any, model: Any, horizons: Any = ("3m", "6m", "12m"), **questions: Any) -> Any:
    """What a fitted model says of the customers of a part, which is a frame: `model.predict(part, horizons, **questions)`, also of nobody.

    The answers to a customer depend on nobody else; a question that does is refused.
    """
    check_questions(questions)
    if _length(part):
        return model.predict(part, horizons, **questions)
    answers, kind = _answers_to_somebody(part, model, horizons, questions)
    frame = kind.frame(_clv.Table.of_frame(Frame.from_arrow("part", answers)))
    return {name: cells[:0] for name, cells in frame.items()} if isinstance(frame, dict) else frame[:0]


def check_questions(questions: Mapping[str, Any]) -> None:
    """Refuses questions that nobody can answer who has a part of the customers."""
    if questions.get("calibrate") is not None:
        raise UsageError("calibrate learns from all orders, and a part has some of them")
    for name in ("margin", "cac"):
        if not isinstance(questions.get(name), (str, int, float, type(None))):
            raise UsageError(f"{name} is one for all, or the name of a column, where customers are in parts")


def somebody(columns: Mapping[str, bool], model: Any, questions: Mapping[str, Any]) -> Any:
    """A table of pyarrow with one customer and as many of these columns as models read, whose answers have the columns that anybody's have.

    Of the columns it is said whether they are text.
    """
    import pyarrow

    if model._fitted().covariates:
        raise UsageError("the model has covariates, and somebody must say which levels there are: give at least one customer")
    id_column = model.customer or "customer_id"
    until = model.observed_until_ or "2000-01-03"
    order = {
        "customer_id": pyarrow.array(["1"] if columns.get(id_column) else [1]),
        "order_date": pyarrow.array([str(until)]).cast(pyarrow.date32()),
        "amount": pyarrow.array([1.0]),
    }
    times: dict[str, Any] = {"unit": model.unit_ or "week", "grain": model.grain_ or "day"}
    history = fold(pyarrow.table(order), until=until, **times)
    names = {name.lower(): name for name in columns}
    cells = {names[name.lower()]: history[name] for name in history.column_names if name.lower() in names}
    cells |= {id_column: history["customer_id"]} if id_column in columns else {}
    for name in ("margin", "cac"):
        asked = questions.get(name)
        if isinstance(asked, str) and asked in columns:
            cells[asked] = pyarrow.array([1.0])
    return pyarrow.table(cells)


def _answers_to_somebody(part: Any, model: Any, horizons: Any, questions: Mapping[str, Any]) -> tuple[Any, Kind]:
    import pyarrow

    frame, kind = _frame(part, None)
    columns = {name: frame.is_text(name) for name in frame.header}
    answers = model.predict(somebody(columns, model, questions), horizons, **questions)
    return pyarrow.table(answers), Kind(kind.name if kind.name in ("pandas", "polars", "dict", "numpy") else "pyarrow")


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as the engine takes them."""
    given = {name: value for name, value in options.items() if value is not None}
    if given.get("amount") is False:
        given |= {"amount": "amount", "without_amount": True}
    return given | {"keep": arguments.texts("keep", given.get("keep", ()))}


def _columns(given: Mapping[str, Any]) -> list[str]:
    amount = [] if given.get("without_amount") else [given["amount"]]
    return [given["customer"], given["date"], *amount, *given["keep"]]


def _frames(part: Any, columns: Sequence[str]) -> tuple[Iterator[Frame], Kind]:
    """The frames that a part is made of, one after the other, and its kind."""
    handed_over = connections.batches(part, "part")
    if handed_over is not None:
        return handed_over, Kind("pyarrow")

    def wanted(header: list[str]) -> list[int]:
        return [i for i, name in enumerate(header) if name in columns]

    if isinstance(part, (list, tuple)) or (isinstance(part, Iterator) and not hasattr(part, "__arrow_c_stream__")):
        return (_frame(one, wanted)[0] for one in part), Kind("pyarrow")
    frame, kind = _frame(part, wanted)
    return iter([frame]), Kind(kind.name)


def _frame(part: Any, wanted: Any) -> tuple[Frame, Kind]:
    frame, kind = frames.read(part, "part", wanted)
    if isinstance(frame, str):
        raise UsageError("part: a path is no part; read it, or give it to clv.summarize")
    return frame, kind


def _length(frame: Any) -> int:
    if isinstance(frame, Mapping):
        return max((len(cells) for cells in frame.values()), default=0)
    return len(frame)
