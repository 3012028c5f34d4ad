"""Parts of orders and of customers: however they are divided, what is said of all of them."""

import datetime as dt
import json
import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from returned import TIMES, assert_equal, orders_of

import clv
from clv import _clv

pytestmark = [pytest.mark.filterwarnings("ignore::clv.DataWarning"), pytest.mark.filterwarnings("ignore::clv.FitWarning")]

UNTIL = "1998-03-31"


@pytest.fixture(scope="module")
def orders(sample_path):
    return orders_of(sample_path)


@pytest.fixture(scope="module")
def whole(orders):
    return pa.table(clv.summarize(orders, until=UNTIL))


@pytest.fixture(scope="module")
def model(whole):
    return clv.BgNbd().fit(whole)


def by_customer(table, parts):
    """Parts with all rows of some customers each."""
    of = pa.array([hash_of(str(customer)) % parts for customer in table["customer_id"].to_pylist()])
    return [table.filter(pc.equal(of, part)) for part in range(parts)]


def hash_of(text):
    return sum(ord(letter) * 31**i for i, letter in enumerate(text))


def by_lot(table, parts, seed=1):
    of = pa.array(np.random.default_rng(seed).integers(parts, size=len(table)))
    return [table.filter(pc.equal(of, part)) for part in range(parts)]


@pytest.mark.parametrize("parts", [1, 7])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"unit": "day", "grain": "week"},
        {"unit": "month", "grain": "month", "sum_log_interpurchase": True},
        {"from_": "1997-02-01", "first_purchase_before": "1997-03-01"},
        {"until": dt.date(1997, 9, 30)},
    ],
    ids=str,
)
def test_parts_of_customers_are_the_summary(orders, parts, options):
    options = {"until": UNTIL, **options}
    whole = pa.table(clv.summarize(orders, **options))
    folded = [clv.parts.fold(part, **options) for part in by_customer(orders, parts)]
    assert_equal(pa.concat_tables(folded), whole)
    for name in TIMES:
        assert {*pa.concat_tables(folded)[name].to_pylist()} == {
            {
                "unit": options.get("unit", "week"),
                "grain": options.get("grain", "day"),
                "observed_until": dt.date.fromisoformat(str(options["until"])),
            }[name]
        }


@pytest.mark.parametrize("parts", [1, 9])
def test_records_of_any_parts_add_up(orders, parts):
    whole = pa.table(clv.summarize(orders, until=UNTIL, keep=["channel"]))
    records = pa.concat_tables([clv.parts.partial(part, keep=["channel"]) for part in by_lot(orders, parts)])
    assert records.column_names == list(clv.parts.RECORDS)
    # Records of records are the same, whatever is added up first.
    combined = [clv.parts.combine(part, until=UNTIL, keep=["channel"]) for part in by_customer(records, 3)]
    assert_equal(pa.concat_tables(combined), whole)


def test_record_batches_come_one_after_the_other(orders, whole):
    batches = orders.to_batches(max_chunksize=100)
    for part in (batches, iter(batches), pa.RecordBatchReader.from_batches(orders.schema, batches), (batch for batch in batches)):
        assert_equal(clv.parts.fold(part, until=UNTIL), whole)
    records = clv.parts.partial(iter(batches))
    assert_equal(clv.parts.combine(iter(records.to_batches(max_chunksize=77)), until=UNTIL), whole)


def test_parts_are_of_the_callers_kind(orders, whole):
    folded = clv.parts.fold(orders.to_pandas(), until=UNTIL)
    assert isinstance(folded, pd.DataFrame) and list(folded.columns[-3:]) == list(TIMES)
    assert_equal(pa.Table.from_pandas(folded.assign(**{c: folded[c].dt.date for c in ("first_purchase", "last_purchase")})), whole)
    folded = clv.parts.fold(pl.from_arrow(orders), until=UNTIL)
    assert isinstance(folded, pl.DataFrame)
    assert_equal(folded.to_arrow(), whole)
    answers = clv.parts.score(folded, clv.BgNbd.from_params(r=0.24, alpha=4.4, a=0.8, b=2.4, unit="week", until=UNTIL), ["3m"])
    assert isinstance(answers, pl.DataFrame) and len(answers) == len(whole)


@pytest.mark.parametrize("ids", [pa.int64(), pa.int32(), pa.uint64(), pa.string(), pa.large_string(), pa.decimal128(20, 0)], ids=str)
def test_ids_stay_what_they_are(ids):
    orders = pa.table(
        {
            "customer_id": pa.array([7, 8, 7], pa.int64()).cast(ids),
            "order_date": pa.array([dt.date(2024, 1, 1)] * 2 + [dt.date(2024, 2, 1)]),
            "amount": [1.0, 2.0, 3.0],
        }
    )
    known = pa.table(clv.summarize(orders, until="2024-03-01"))["customer_id"]
    for part in (orders, orders[:2]):
        folded = clv.parts.fold(part, until="2024-03-01")["customer_id"]
        assert folded.type == known.type and folded.to_pylist() == known.to_pylist()
    assert clv.parts.partial(orders)["customer_id"].type in (known.type, pa.large_string())
    # Nobody's ids are of the same type.
    assert clv.parts.fold(orders[:0], until="2024-03-01")["customer_id"].type == known.type


def test_text_ids_are_exact():
    orders = pa.table(
        {
            "customer_id": ["007", "7", "7.0", "A@x", "a@x", "guest"],
            "order_date": pa.array([dt.date(2024, 1, 1)] * 6),
            "amount": [1.0] * 6,
        }
    )
    assert clv.parts.fold(orders, until="2024-03-01")["customer_id"].to_pylist() == ["007", "7", "7.0", "A@x", "a@x", "guest"]
    combined = clv.parts.combine(clv.parts.partial(orders), until="2024-03-01")
    assert combined["customer_id"].to_pylist() == ["007", "7", "7.0", "A@x", "a@x", "guest"]


def test_a_holdout_is_what_then_came(orders):
    split = dt.date(1997, 9, 30)
    folded = pa.concat_tables([clv.parts.fold(part, until=split, holdout=UNTIL) for part in by_customer(orders, 3)])
    records = clv.parts.partial(orders)
    assert_equal(clv.parts.combine(records, until=split, holdout=UNTIL), folded)
    assert_equal(folded.drop_columns(["holdout_purchases", "holdout_value"]), pa.table(clv.summarize(orders, until=split)))
    frame = orders.to_pandas()
    frame = frame[(frame["order_date"] > split) & (frame["order_date"] <= dt.date.fromisoformat(UNTIL))]
    days = frame[frame["amount"] >= 0].groupby("customer_id")["order_date"].nunique()
    value = frame.groupby("customer_id")["amount"].agg(math.fsum)
    for row in folded.to_pylist():
        assert row["holdout_purchases"] == days.get(row["customer_id"], 0)
        assert row["holdout_value"] == value.get(row["customer_id"], 0.0)
    with pytest.raises(clv.UsageError, match="holdout='1997-09-30' is no day after 1997-09-30"):
        clv.parts.fold(orders, until=split, holdout=split)


def test_nobody_is_no_row(orders):
    returns = orders.filter(pc.less(orders["amount"], 0))[:3]
    schema = clv.parts.fold(orders, until=UNTIL).schema
    for nobody in (returns, orders[:0]):
        folded = clv.parts.fold(nobody, until=UNTIL)
        assert folded.num_rows == 0 and folded.schema.names == schema.names and folded.schema.types == schema.types
    assert clv.parts.fold(iter([]), until=UNTIL).num_rows == 0
    assert clv.parts.partial(orders[:0]).num_rows == 0
    assert clv.parts.fold(orders.to_pandas()[:0], until=UNTIL).shape == (0, len(schema))


def test_purchases_alone_need_no_amounts(orders):
    alone = orders.select(["customer_id", "order_date"])
    known = pa.table(clv.summarize(alone, until=UNTIL, amount=False))
    assert_equal(clv.parts.fold(alone, until=UNTIL, amount=False), known)
    assert_equal(clv.parts.combine(clv.parts.partial(alone, amount=False), until=UNTIL, amount=False), known)


@pytest.mark.parametrize(
    "column, cells, message",
    [
        ("customer_id", pa.array([1.0]), "text, or whole numbers"),
        ("customer_id", pa.array([None], pa.string()), "no customer"),
        ("customer_id", pa.array([""]), "no customer"),
        ("order_date", pa.array(["01/02/2024"]), "no date like"),
        ("order_date", pa.array([None], pa.date32()), "no date"),
        ("order_date", pa.array([20240101]), "no dates"),
        ("order_date", pa.array([dt.datetime(2024, 1, 1)], pa.timestamp("us", "UTC")), "another one in another zone"),
        ("amount", pa.array(["1.234"]), "amounts are numbers"),
        ("amount", pa.array([float("nan")]), "no amount of money"),
        ("amount", pa.array([1e14]), "no amount of money"),
        ("amount", pa.array([None], pa.float64()), "no amount"),
    ],
)
def test_what_is_no_order_is_refused(column, cells, message):
    order = {"customer_id": pa.array(["a"]), "order_date": pa.array([dt.date(2024, 1, 1)]), "amount": pa.array([1.0])}
    with pytest.raises(clv.DataError, match=message) as error:
        clv.parts.fold(pa.table(order | {column: cells}), until="2024-03-01")
    assert error.value.row == 1 and error.value.column == column


def test_what_nobody_said_is_asked(orders):
    with pytest.raises(TypeError, match="until"):
        clv.parts.fold(orders)
    with pytest.raises(clv.UsageError, match="until"):
        clv.parts.fold(orders, until=None)
    with pytest.raises(clv.DataError, match="no column `order_date`"):
        clv.parts.fold(orders.rename_columns(["customer_id", "day", "amount", "channel"]), until=UNTIL)
    with pytest.raises(clv.UsageError, match="a path is no part"):
        clv.parts.fold("orders.csv", until=UNTIL)
    with pytest.raises(clv.DataError, match="no column `day`"):
        clv.parts.combine(orders, until=UNTIL)
    records = clv.parts.partial(orders[:2])
    odd = records.set_column(2, "kind", pa.array(["sold"] * len(records)))
    with pytest.raises(clv.DataError, match="kind is `sold`"):
        clv.parts.combine(odd, until=UNTIL)


QUESTIONS = [
    {},
    {"margin": 0.3, "discount": 0.1, "cac": 12.0},
    {"margin": "share", "cac": "cost"},
    {"intervals": [80], "median": True, "over": [10.0, 100.0]},
    {"counts": 3, "next": [50, 80]},
    {"standard_errors": True, "parameter_draws": 20, "intervals": [50], "seed": 3},
]


@pytest.mark.parametrize("questions", QUESTIONS, ids=str)
def test_scores_of_parts_are_those_of_all(whole, model, questions):
    rng = np.random.default_rng(5)
    told = whole.append_column("share", pa.array(rng.random(len(whole)))).append_column("cost", pa.array(rng.random(len(whole))))
    horizons = ["3m", "3m..6m", *(["forever"] if "discount" in questions else [])] if "counts" not in questions else ["3m"]
    known = pa.table(model.predict(told, horizons, **questions))
    parts = [clv.parts.score(part, model, horizons, **questions) for part in [*by_lot(told, 7), told[:0]]]
    assert {tuple(part.column_names) for part in parts} == {tuple(known.column_names)}
    assert parts[-1].num_rows == 0 and [field.type for field in parts[-1].schema] == [field.type for field in known.schema]
    assert_equal(pa.concat_tables(parts), known)


@pytest.mark.parametrize("name", ["BgNbd", "MbgNbd", "ParetoNbd", "Nbd", "BgBb", "MbgCnbd"])
def test_every_model_scores_parts(orders, name):
    times = {"unit": "week", "grain": "week"} if name == "BgBb" else {}
    whole = pa.table(clv.summarize(orders, until=UNTIL, **times))
    model = getattr(clv, name)(**({"k": 2} if name == "MbgCnbd" else {})).fit(whole)
    known = pa.table(model.predict(whole, ["12w"]))
    folded = [clv.parts.fold(part, until=UNTIL, **times) for part in by_customer(orders, 5)]
    assert_equal(pa.concat_tables([clv.parts.score(part, model, ["12w"]) for part in folded]), known)
    assert clv.parts.score(folded[0][:0], model, ["12w"]).column_names == known.column_names


def test_customers_of_today_are_in_the_units_of_the_summary(model):
    # All T are 0, of which no unit could be told.
    orders = pa.table({"customer_id": ["a", "b"], "order_date": pa.array([dt.date(1998, 3, 31)] * 2), "amount": [1.0, 2.0]})
    days = clv.BgNbd.from_params(r=0.24, alpha=30.8, a=0.8, b=2.4, unit="day", until=UNTIL)
    answers = clv.parts.score(clv.parts.fold(orders, until=UNTIL, unit="day"), days, ["3m"])
    assert answers["T"].to_pylist() == [0.0, 0.0]
    with pytest.raises(clv.Error, match="in weeks, not in days"):
        clv.parts.score(clv.parts.fold(orders, until=UNTIL, unit="week"), days, ["3m"])


def test_what_takes_other_customers_is_refused(whole, model):
    with pytest.raises(clv.UsageError, match="calibrate"):
        clv.parts.score(whole, model, calibrate="orders.csv")
    with pytest.raises(clv.UsageError, match="margin"):
        clv.parts.score(whole, model, margin=np.ones(len(whole)))


def test_every_option_of_a_fold_is_an_argument():
    options = json.loads(_clv.option_defaults())["fold"]
    import inspect

    arguments = {name.rstrip("_"): p.default for name, p in inspect.signature(clv.parts.fold).parameters.items() if name != "part"}
    assert arguments.keys() == options.keys() - {"without_amount"}
    for name, usual in arguments.items():
        assert name == "until" or (list(usual) if isinstance(usual, tuple) else usual) == options[name], name
