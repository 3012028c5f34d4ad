"""Every kind of frame in, the same kind out: the same orders give the same numbers, and the caller's data stay as they are."""

import bz2
import datetime as dt
import decimal
import gzip
import io
import lzma
import pickle
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clv

pytestmark = pytest.mark.filterwarnings("ignore::clv.DataWarning")

UNTIL = "1997-09-30"


@pytest.fixture(scope="module")
def known(summary):
    """What pandas itself says of the sample: one row per customer, by definition (Fader & Hardie, note 004)."""
    return summary


@pytest.fixture(scope="module")
def arrow(sample):
    return pa.table(
        {
            "customer_id": pa.array(sample["customer_id"].tolist()),
            "order_date": pa.array(sample["order_date"].dt.date.tolist()),
            "quantity": pa.array(sample["quantity"].tolist()),
            "amount": pa.array(sample["amount"].tolist()),
        }
    )


def columns_of(answer):
    """The columns of an answer of any kind as lists, days as text."""
    if isinstance(answer, clv.Table):
        answer = answer.to_numpy()
    if isinstance(answer, pd.DataFrame):
        answer = {name: answer[name].to_numpy() for name in answer}
    if isinstance(answer, pl.DataFrame):
        answer = {name: answer[name].to_numpy() for name in answer.columns}
    if isinstance(answer, duckdb.DuckDBPyRelation):
        answer = answer.to_arrow_table()
    if isinstance(answer, pa.Table):
        answer = {name: np.array(answer[name].to_pylist()) for name in answer.column_names}
    if isinstance(answer, np.ndarray):
        answer = {name: answer[name] for name in answer.dtype.names}

    def cells(array):
        array = np.asarray(array)
        if array.dtype.kind == "M" or (array.dtype == object and len(array) and isinstance(array[0], dt.date)):
            return [str(np.datetime64(day, "D")) for day in array]
        return array.tolist()

    return {name: cells(array) for name, array in answer.items()}


def plain(cell):
    """A cell of pyarrow as Python's, others as they are."""
    return cell.as_py() if isinstance(cell, pa.Scalar) else cell


def without_times(columns):
    """Without what a summary says of its times, which pandas and pyarrow say otherwise."""
    for name in ("unit", "grain", "observed_until") if "unit" in columns else ():
        assert len({str(cell) for cell in columns.pop(name)}) == 1
    return columns


def assert_same(answer, known, but=()):
    ours, theirs = without_times(columns_of(answer)), without_times(columns_of(known))
    assert list(ours) == list(theirs)
    for name in set(theirs) - set(but):
        assert ours[name] == theirs[name], name


# What the summary is


def test_summary_is_what_pandas_computes(sample, summary):
    """By the definitions of Fader & Hardie: purchases of a day are one, the first is none, values are means of the repeat days."""
    end = pd.Timestamp(UNTIL)
    days = sample[sample["order_date"] <= end].groupby(["customer_id", "order_date"], as_index=False)["amount"].sum()
    of = days.groupby("customer_id")["order_date"]
    first, last, purchases = of.min(), of.max(), of.count()
    repeats = days[days["order_date"] > days["customer_id"].map(first)].groupby("customer_id")["amount"].mean()
    ours = summary.set_index("customer_id").sort_index()
    # Orders at no price are no purchases: customers who have one are looked at elsewhere.
    free = set(sample.loc[sample["amount"] <= 0, "customer_id"])
    ours = ours[~ours.index.isin(free)]
    first, last, purchases = (column[~column.index.isin(free)] for column in (first, last, purchases))
    assert len(ours) > 2300
    assert (ours["frequency"] == purchases - 1).all()
    np.testing.assert_allclose(ours["recency"], (last - first).dt.days / 7, rtol=1e-15)
    np.testing.assert_allclose(ours["T"], (end - first).dt.days / 7, rtol=1e-15)
    np.testing.assert_allclose(ours["monetary_value"], repeats.reindex(ours.index).fillna(0.0), rtol=1e-12)
    assert (ours["first_purchase"] == first).all() and (ours["last_purchase"] == last).all()
    spent = sample[sample["order_date"] <= end].groupby("customer_id")["amount"].sum()
    np.testing.assert_allclose(ours["total"], spent.reindex(ours.index), rtol=1e-12)


# pandas, in every form of its columns

IDS = {
    "object": lambda ids: ids.astype(object),
    "string": lambda ids: ids.astype("string[python]"),
    "string-arrow": lambda ids: ids.astype("string[pyarrow]"),
    "arrow": lambda ids: ids.astype(pd.ArrowDtype(pa.string())),
    "large-arrow": lambda ids: ids.astype(pd.ArrowDtype(pa.large_string())),
    "categorical": lambda ids: ids.astype("category"),
    "categorical-unused": lambda ids: ids.astype("category").cat.add_categories(["none of them"]),
}

DATES = {
    "ns": lambda days: days.astype("datetime64[ns]"),
    "us": lambda days: days.astype("datetime64[us]"),
    "ms": lambda days: days.astype("datetime64[ms]"),
    "s": lambda days: days.astype("datetime64[s]"),
    "text": lambda days: days.dt.strftime("%Y-%m-%d"),
    "text-with-time": lambda days: days.dt.strftime("%Y-%m-%d 23:59:59"),
    "dates": lambda days: days.dt.date,
    "timestamps-object": lambda days: days.astype(object),
    "late-in-the-day": lambda days: days + pd.Timedelta("23:59:59.999999"),
    "utc": lambda days: days.dt.tz_localize("UTC") + pd.Timedelta("12h"),
    "tokyo": lambda days: days.dt.tz_localize("Asia/Tokyo") + pd.Timedelta("30min"),
    "fixed-offset": lambda days: days.dt.tz_localize("-08:00") + pd.Timedelta("23h"),
    "arrow-date": lambda days: days.dt.date.astype(pd.ArrowDtype(pa.date32())),
    "arrow-date64": lambda days: days.dt.date.astype(pd.ArrowDtype(pa.date64())),
    "arrow-timestamp": lambda days: days.astype(pd.ArrowDtype(pa.timestamp("us"))),
    "period": lambda days: days.dt.to_period("D"),
}

AMOUNTS = {
    "float32": lambda amounts: amounts.astype("float32"),
    "Float64": lambda amounts: amounts.astype("Float64"),
    "Float32": lambda amounts: amounts.astype("Float32"),
    "arrow": lambda amounts: amounts.astype(pd.ArrowDtype(pa.float64())),
    "arrow-decimal": lambda amounts: pd.Series([decimal.Decimal(f"{a:.2f}") for a in amounts], dtype=pd.ArrowDtype(pa.decimal128(12, 2))),
    "decimal": lambda amounts: pd.Series([decimal.Decimal(f"{a:.2f}") for a in amounts], dtype=object),
    "object-floats": lambda amounts: amounts.astype(object),
    "text": lambda amounts: amounts.map("{:.2f}".format),
    "big-endian": lambda amounts: pd.Series(amounts.to_numpy().astype(">f8")),
    "longdouble": lambda amounts: pd.Series(amounts.to_numpy().astype("longdouble")),
}


@pytest.mark.parametrize("form", IDS)
def test_customers_in_every_form_of_pandas(form, sample, known):
    answer = clv.summarize(sample.assign(customer_id=IDS[form](sample["customer_id"])), until=UNTIL)
    assert isinstance(answer, pd.DataFrame)
    assert_same(answer, known)


@pytest.mark.parametrize("form", DATES)
def test_dates_in_every_form_of_pandas(form, sample, known):
    assert_same(clv.summarize(sample.assign(order_date=DATES[form](sample["order_date"])), until=UNTIL), known)


@pytest.mark.parametrize("form", AMOUNTS)
def test_amounts_in_every_form_of_pandas(form, sample, known):
    amounts = AMOUNTS[form](sample["amount"])
    answer = clv.summarize(sample.assign(amount=amounts), until=UNTIL)
    assert_same(answer, known, but=("monetary_value", "total"))
    exact = "32" not in form
    for name in ("monetary_value", "total"):
        np.testing.assert_allclose(answer[name], known[name], rtol=1e-14 if exact else 1e-6)


@pytest.mark.parametrize("kind", ["int8", "int16", "int32", "uint8", "uint64", "Int64", "Int8", "UInt32", "boolean-free object"])
def test_integers_in_every_width(kind, sample):
    small = sample.assign(amount=(sample["quantity"] % 100))
    narrow = small.assign(amount=small["amount"].astype(object if "object" in kind else kind))
    assert_same(clv.summarize(narrow, until=UNTIL), clv.summarize(small.assign(amount=small["amount"].astype(float)), until=UNTIL))


def test_numbers_as_customers_are_numbers(sample, known):
    numbered = sample.assign(customer_id=sample["customer_id"].astype("int64"))
    answer = clv.summarize(numbered, until=UNTIL)
    assert answer["customer_id"].dtype == "int64"
    assert answer["customer_id"].tolist() == [int(text) for text in known["customer_id"]]
    assert_same(answer, known, but=("customer_id",))


def test_whole_floats_as_customers_are_the_same_customers(sample, known):
    """pandas makes floats of integers among which one is missing."""
    floats = sample.assign(customer_id=sample["customer_id"].astype("int64").astype("float64"))
    answer = clv.summarize(floats, until=UNTIL)
    assert [float(one) for one in answer["customer_id"]] == [float(text) for text in known["customer_id"]]
    assert_same(answer, known, but=("customer_id",))


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT, decimal.Decimal("NaN")], ids=["None", "nan", "NA", "NaT", "Decimal"])
@pytest.mark.parametrize("column", ["customer_id", "order_date", "amount"])
def test_cells_without_anything_are_left_out_and_counted(column, missing, sample):
    forms = {"customer_id": sample["customer_id"], "order_date": sample["order_date"].dt.date, "amount": sample["amount"]}
    cells = forms[column].astype(object).copy()
    cells.iloc[[3, 5, 7]] = missing
    holed = sample.assign(**{column: cells})
    orders = clv.Orders(holed, until=UNTIL)
    assert orders.read["rows"] == len(sample)
    assert sum(orders.read["left_out"].values()) >= 3
    rest = clv.summarize(sample.drop(index=sample.index[[3, 5, 7]]), until=UNTIL)
    assert_same(orders.summarize(), rest)
    with pytest.raises(clv.DataError):
        clv.Orders(holed, strict=True)


@pytest.mark.parametrize("kind", ["datetime64[ns]", "Float64", "float64", "string"])
def test_missing_cells_of_typed_columns(kind, sample):
    column = {"datetime64[ns]": "order_date", "string": "customer_id"}.get(kind, "amount")
    cells = sample[column].astype(kind).copy()
    cells.iloc[[3, 5, 7]] = pd.NA if kind in ("Float64", "string") else np.nan if kind == "float64" else pd.NaT
    rest = clv.summarize(sample.drop(index=sample.index[[3, 5, 7]]), until=UNTIL)
    assert_same(clv.summarize(sample.assign(**{column: cells}), until=UNTIL), rest)


def test_index_levels_are_columns(sample, known):
    by_customer = sample.set_index("customer_id")
    assert_same(clv.summarize(by_customer, until=UNTIL), known)
    by_both = sample.set_index(["customer_id", "order_date"])
    assert_same(clv.summarize(by_both, until=UNTIL), known)
    by_other = sample.set_index("quantity", append=True)
    assert_same(clv.summarize(by_other, until=UNTIL), known)


def test_index_of_any_kind_is_only_an_index(sample, known):
    shuffled = sample.set_index(np.random.default_rng(1).permutation(len(sample)))
    assert_same(clv.summarize(shuffled, until=UNTIL), known)
    repeated = sample.set_index(np.zeros(len(sample), dtype=int))
    assert_same(clv.summarize(repeated, until=UNTIL), known)


def test_order_of_rows_does_not_matter(sample, known):
    shuffled = sample.sample(frac=1.0, random_state=1)
    answer = clv.summarize(shuffled, until=UNTIL)
    assert_same(answer.sort_values("customer_id"), known.sort_values("customer_id"))


def test_blocks_that_are_strided_or_read_only(sample, known):
    wide = np.zeros((len(sample), 6))
    wide[:, 4] = sample["amount"]
    frame = pd.DataFrame({"customer_id": sample["customer_id"], "order_date": sample["order_date"], "amount": wide[:, 4]}, copy=False)
    assert_same(clv.summarize(frame, until=UNTIL), known)
    backwards = sample.iloc[::-1]
    assert_same(clv.summarize(backwards, until=UNTIL).sort_values("customer_id"), known.sort_values("customer_id"))
    every_second = pd.concat([sample, sample]).sort_index(kind="stable").iloc[::2]
    assert_same(clv.summarize(every_second, until=UNTIL), known)
    locked = wide[:, 4].copy()
    locked.flags.writeable = False
    days = sample["order_date"].to_numpy().copy()
    days.flags.writeable = False
    assert_same(clv.summarize({"customer_id": sample["customer_id"].to_numpy(), "order_date": days, "amount": locked}, until=UNTIL), known)


def test_other_columns_are_not_touched(sample, known):
    class Untouchable:
        def __str__(self):
            raise AssertionError("a column that nobody asked for was read")

        __repr__ = __str__

    assert_same(clv.summarize(sample.assign(odd=[Untouchable()] * len(sample)), until=UNTIL), known)


def test_columns_with_the_same_name_are_refused_if_they_matter(sample, known):
    twice = sample.copy()
    twice.insert(4, "amount", sample["amount"] * 2, allow_duplicates=True)
    with pytest.raises(clv.DataError, match="amount"):
        clv.summarize(twice, until=UNTIL)
    harmless = sample.copy()
    harmless.insert(4, "quantity", sample["quantity"] * 2, allow_duplicates=True)
    assert_same(clv.summarize(harmless, until=UNTIL, amount="amount"), known)


def test_labels_that_are_numbers(sample, known):
    numbered = sample.rename(columns={"customer_id": 0, "order_date": 1, "quantity": 2, "amount": 3})
    assert_same(clv.summarize(numbered, customer="0", date="1", amount="3", until=UNTIL), known)


def test_multi_level_labels_do_not_break(sample):
    deep = sample.copy()
    deep.columns = pd.MultiIndex.from_product([["a"], sample.columns])
    with pytest.raises(clv.Error):
        clv.summarize(deep)


def test_sparse_amounts(sample, known):
    sparse = sample.assign(amount=pd.arrays.SparseArray(sample["amount"].to_numpy(), fill_value=0.0))
    assert_same(clv.summarize(sparse, until=UNTIL), known)


def test_a_caller_s_data_stay_as_they_are(sample, summary):
    before, orders_before = summary.copy(deep=True), sample.copy(deep=True)
    model = clv.BgNbd().fit(summary)
    for answer in (model.predict(summary), model.p_alive(summary), model.pmf(summary, "3m"), model.totals(summary, futures=100)):
        # Writing to an answer does not write to the question, either.
        if isinstance(answer, pd.DataFrame):
            answer.iloc[:, -1] = 0
        else:
            answer[:] = 0
    answer = clv.summarize(sample, until=UNTIL)
    answer.loc[:, "frequency"] = 1
    pd.testing.assert_frame_equal(summary, before)
    pd.testing.assert_frame_equal(sample, orders_before)


# Other kinds


def test_polars(arrow, known):
    frame = pl.from_arrow(arrow)
    for orders in (frame, frame.lazy(), pl.concat([frame[:100], frame[100:]], rechunk=False)):
        answer = clv.summarize(orders, until=UNTIL)
        assert isinstance(answer, pl.DataFrame)
        assert_same(answer, known)
    for form in (
        frame.with_columns(pl.col("customer_id").cast(pl.Categorical)),
        frame.with_columns(pl.col("customer_id").cast(pl.Enum(frame["customer_id"].unique().sort()))),
        frame.with_columns(pl.col("order_date").cast(pl.Datetime("ms"))),
        frame.with_columns(pl.col("order_date").cast(pl.Datetime("ns")).dt.replace_time_zone("Europe/Berlin")),
        frame.with_columns(pl.col("order_date").cast(pl.String)),
        frame.with_columns(pl.col("amount").cast(pl.String)),
        frame.with_columns(pl.col("amount").cast(pl.Decimal(12, 2))),
    ):
        assert_same(clv.summarize(form, until=UNTIL), known)


def test_pyarrow(arrow, known):
    views = arrow.set_column(0, "customer_id", arrow["customer_id"].cast(pa.string_view()))
    dictionary = arrow.set_column(0, "customer_id", arrow["customer_id"].dictionary_encode())
    decimals = arrow.set_column(3, "amount", arrow["amount"].cast(pa.decimal128(12, 2), safe=False))
    batches = pa.Table.from_batches(arrow.to_batches(max_chunksize=97))
    large = arrow.set_column(0, "customer_id", arrow["customer_id"].cast(pa.large_string()))
    sliced = pa.concat_tables([arrow, arrow]).slice(len(arrow) // 2, len(arrow))
    assert len(sliced) == len(arrow)
    for orders in (arrow, views, dictionary, decimals, batches, large):
        answer = clv.summarize(orders, until=UNTIL)
        assert isinstance(answer, pa.Table)
        assert_same(answer, known)
    by_id = pd.DataFrame(columns_of(clv.summarize(sliced, until=UNTIL))).sort_values("customer_id")
    assert by_id["total"].tolist() == known.sort_values("customer_id")["total"].tolist()
    (batch,) = arrow.combine_chunks().to_batches()
    assert_same(clv.summarize(batch, until=UNTIL), known)
    assert_same(clv.summarize(pa.RecordBatchReader.from_batches(arrow.schema, arrow.to_batches(max_chunksize=50)), until=UNTIL), known)


@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo", "+09:00"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_timestamps_of_arrow_in_every_unit(unit, zone, arrow, known):
    local = arrow["order_date"].cast(pa.timestamp(unit))
    typed = (
        local
        if zone is None
        else pa.compute.assume_timezone(local, "Asia/Tokyo" if zone == "+09:00" else zone).cast(pa.timestamp(unit, zone))
    )
    assert_same(clv.summarize(arrow.set_column(1, "order_date", typed), until=UNTIL), known)


def test_zone_decides_the_day():
    orders = pd.DataFrame(
        {
            "customer_id": ["a", "a"],
            "order_date": pd.to_datetime(["2024-01-01 23:30", "2024-01-02 00:30"]).tz_localize("UTC"),
            "amount": 1.0,
        }
    )
    # Half an hour before and after midnight in London is one day in Berlin, and in New York another.
    assert clv.summarize(orders)["frequency"].tolist() == [1]
    assert clv.summarize(orders, timezone="Europe/Berlin")["frequency"].tolist() == [0]
    berlin = orders.assign(order_date=orders["order_date"].dt.tz_convert("Europe/Berlin"))
    assert clv.summarize(berlin)["frequency"].tolist() == [0]
    assert clv.summarize(berlin, timezone="America/New_York")["last_purchase"].tolist() == [pd.Timestamp("2024-01-01")]


def test_duckdb(arrow, known):
    answer = clv.summarize(duckdb.from_arrow(arrow), until=UNTIL)
    assert isinstance(answer, duckdb.DuckDBPyRelation)
    assert_same(answer, known)
    connection = duckdb.connect()
    connection.register("orders", arrow)
    assert_same(clv.summarize(connection.sql("select * from orders where amount is not null"), until=UNTIL), known)
    assert_same(
        clv.summarize(connection.sql("select customer_id, order_date, cast(amount as decimal(12, 2)) as amount from orders"), until=UNTIL),
        known,
    )


def test_dictionaries_and_records(sample, known):
    columns = {name: sample[name].to_numpy() for name in sample}
    answer = clv.summarize(columns, until=UNTIL)
    assert isinstance(answer, dict)
    assert_same(answer, known)
    lists = {name: sample[name].tolist() for name in sample}
    assert_same(clv.summarize(lists, until=UNTIL), known)
    text = {**columns, "customer_id": sample["customer_id"].to_numpy().astype("U5")}
    assert_same(clv.summarize(text, until=UNTIL), known)
    records = sample.assign(customer_id=sample["customer_id"].astype("O")).to_records(index=False)
    answer = clv.summarize(np.asarray(records), until=UNTIL)
    assert isinstance(answer, np.ndarray) and answer.dtype.names is not None
    assert_same(answer, known)


def test_arrays_of_bytes_are_text(sample, known):
    data = {
        "customer_id": sample["customer_id"].to_numpy().astype("S5"),
        "order_date": sample["order_date"].to_numpy(),
        "amount": sample["amount"].to_numpy(),
    }
    answer = clv.summarize(data, until=UNTIL)
    assert answer["customer_id"].tolist() == known["customer_id"].tolist()


def test_days_of_numpy_in_every_unit(sample, known):
    for unit in ("D", "h", "m", "s", "ms", "us", "ns"):
        columns = {
            "customer_id": sample["customer_id"].to_numpy(),
            "order_date": sample["order_date"].to_numpy().astype(f"datetime64[{unit}]"),
            "amount": sample["amount"].to_numpy(),
        }
        assert_same(clv.summarize(columns, until=UNTIL), known)


# Files


def test_paths_give_tables(sample_path, known):
    for path in (sample_path, Path(sample_path)):
        answer = clv.summarize(path, until=UNTIL)
        assert isinstance(answer, clv.Table)
        assert_same(answer, known)


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".zst", None)])
def test_compressed_files(suffix, pack, sample_path, known, tmp_path):
    if pack is None:
        pack = pa.Codec("zstd").compress
    path = tmp_path / f"orders.csv{suffix}"
    path.write_bytes(bytes(pack(Path(sample_path).read_bytes())))
    try:
        answer = clv.summarize(path, until=UNTIL)
    except clv.Error as error:
        # What cannot be unpacked is named, and what to do.
        assert suffix.strip(".") in str(error) or "gz" in str(error)
        assert suffix != ".gz"
    else:
        assert_same(answer, known)


def test_several_files_are_one_table(sample, known, tmp_path):
    halves = [tmp_path / "1.csv", tmp_path / "2.csv"]
    sample[:3000].to_csv(halves[0], index=False)
    sample[3000:].to_csv(halves[1], index=False)
    assert_same(clv.summarize(halves, until=UNTIL), known)
    assert_same(clv.summarize([str(half) for half in halves], until=UNTIL), known)
    assert_same(clv.summarize(str(tmp_path / "*.csv"), until=UNTIL), known)
    assert_same(clv.summarize([sample[:3000], sample[3000:]], until=UNTIL), known)


def test_parquet_by_path(arrow, known, tmp_path):
    whole, first, second = tmp_path / "orders.parquet", tmp_path / "1.pq", tmp_path / "2.pq"
    pq.write_table(arrow, whole)
    pq.write_table(arrow[:3000], first)
    pq.write_table(arrow[3000:], second)
    assert_same(clv.summarize(whole, until=UNTIL), known)
    assert isinstance(clv.summarize(whole, until=UNTIL), clv.Table)
    assert_same(clv.summarize([first, second], until=UNTIL), known)


def test_parquet_patterns_are_patterns(arrow, known, tmp_path):
    pq.write_table(arrow[:3000], tmp_path / "1.parquet")
    pq.write_table(arrow[3000:], tmp_path / "2.parquet")
    assert_same(clv.summarize(str(tmp_path / "*.parquet"), until=UNTIL), known)


def test_a_summary_in_a_file(summary, model, tmp_path):
    """CSV and Parquet, of the summary that a frame holds."""
    text, typed = tmp_path / "summary.csv", tmp_path / "summary.parquet"
    summary.to_csv(text, index=False)
    pq.write_table(pa.Table.from_pandas(summary, preserve_index=False), typed)
    alive = model.p_alive(summary).to_numpy()
    for path in (text, typed, str(text)):
        # Text has the digits of numbers, and days are days.
        np.testing.assert_allclose(model.p_alive(path), alive, rtol=1e-12)


def test_files_and_frames_do_not_mix(sample, sample_path):
    with pytest.raises(clv.UsageError, match="frames or paths"):
        clv.summarize([sample, sample_path])
    with pytest.raises(clv.UsageError, match="empty"):
        clv.summarize([])


def test_files_that_are_not_there(tmp_path, model):
    with pytest.raises(FileNotFoundError, match=r"nothing\.csv"):
        clv.summarize(tmp_path / "nothing.csv")
    with pytest.raises(FileNotFoundError, match=r"nothing\.json"):
        clv.load(tmp_path / "nothing.json")
    with pytest.raises(FileNotFoundError, match=r"nothing\.parquet"):
        clv.summarize(tmp_path / "nothing.parquet")
    with pytest.raises(FileNotFoundError):
        model.save(tmp_path / "no folder" / "model.json")


# Answers


def makers(summary):
    """The summary in every kind, without what only pandas has."""
    columns = {name: summary[name].to_numpy() for name in ("customer_id", "frequency", "recency", "T", "monetary_value", "first_purchase")}
    columns["first_purchase"] = columns["first_purchase"].astype("datetime64[D]")
    table = pa.table(
        {name: pa.array(column.tolist()) if column.dtype.kind != "M" else pa.array(column) for name, column in columns.items()}
    )
    return {
        "pandas": (summary, pd.DataFrame, pd.Series),
        "polars": (pl.from_arrow(table), pl.DataFrame, pl.Series),
        "lazy": (pl.from_arrow(table).lazy(), pl.DataFrame, pl.Series),
        "pyarrow": (table, pa.Table, np.ndarray),
        "duckdb": (duckdb.from_arrow(table), duckdb.DuckDBPyRelation, np.ndarray),
        "dict": (columns, dict, np.ndarray),
    }


@pytest.mark.parametrize("kind", ["pandas", "polars", "lazy", "pyarrow", "duckdb", "dict"])
def test_answers_are_of_the_caller_s_kind(kind, summary, model):
    frame, whole, single = makers(summary)[kind]
    fitted = clv.BgNbd(until=UNTIL).fit(frame)
    assert fitted.params_ == model.params_
    known = model.predict(summary, ["3m"], counts=2, intervals=[80])
    answer = fitted.predict(frame, ["3m"], counts=2, intervals=[80])
    assert isinstance(answer, whole)
    ours, theirs = columns_of(answer), columns_of(known)
    for name in ("customer_id", "p_alive", "purchases_3m", "expected_spend", "clv_3m", "value_3m_lo80", "value_3m_hi80"):
        assert ours[name] == theirs[name]
    alive = fitted.p_alive(frame)
    assert isinstance(alive, single)
    assert list(alive) == list(model.p_alive(summary))
    assert isinstance(fitted.totals(frame, futures=50), whole)
    assert isinstance(fitted.pmf(frame, "3m", 3), whole)
    assert isinstance(fitted.intervals(frame, "3m"), whole)


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "duckdb", "dict"])
def test_tables_are_of_the_caller_s_kind(kind, arrow, sample):
    orders = {
        "pandas": sample,
        "polars": pl.from_arrow(arrow),
        "pyarrow": arrow,
        "duckdb": duckdb.from_arrow(arrow),
        "dict": {name: sample[name].to_numpy() for name in sample},
    }[kind]
    whole = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.Table, "duckdb": duckdb.DuckDBPyRelation, "dict": dict}[kind]
    evaluation = clv.evaluate(orders, split=UNTIL)
    assert isinstance(evaluation.scores, whole)
    for name in evaluation.tables:
        assert isinstance(evaluation.table(name), whole)
    for name, table in clv.evaluate(sample, split=UNTIL).tables.items():
        # NaN is nothing, and equal to nothing.
        assert repr(columns_of(table)) == repr(columns_of(evaluation.tables[name]))


def test_index_is_kept(summary, model):
    known = model.p_alive(summary).to_numpy()
    for index in (
        pd.Index(summary["customer_id"].to_numpy(), name="customer_id"),
        pd.RangeIndex(5, 5 + len(summary)),
        pd.MultiIndex.from_arrays([summary["customer_id"], range(len(summary))], names=["customer_id", "place"]),
        pd.DatetimeIndex(pd.date_range("2000-01-01", periods=len(summary))),
        pd.Index(np.zeros(len(summary))),
    ):
        frame = summary.drop(columns="customer_id").set_index(index)
        if "customer_id" not in (index.names or []):
            frame.insert(0, "customer_id", summary["customer_id"].to_numpy())
        for answer in (model.predict(frame, "3m"), model.p_alive(frame), model.pmf(frame, "3m", 2), model.intervals(frame, "3m")):
            pd.testing.assert_index_equal(answer.index, frame.index)
        np.testing.assert_array_equal(model.p_alive(frame).to_numpy(), known)
        np.testing.assert_array_equal(model.predict(frame, "3m")["p_alive"].to_numpy(), known)


def test_rows_are_answered_in_the_order_they_came(summary, model):
    shuffled = summary.sample(frac=1.0, random_state=3)
    np.testing.assert_array_equal(model.p_alive(shuffled).sort_index(), model.p_alive(summary))
    assert model.predict(shuffled, "3m")["customer_id"].tolist() == shuffled["customer_id"].tolist()


def test_arrays_are_tables_by_place(undated):
    array = undated.to_numpy()
    with_names = clv.ParetoNbd().fit(undated)
    bare = clv.ParetoNbd().fit(array)
    assert bare.params_ == with_names.params_
    np.testing.assert_array_equal(bare.p_alive(array), with_names.p_alive(undated))
    assert clv.ParetoNbd().fit(array[:, :3]).params_ == with_names.params_
    assert clv.ParetoNbd().fit(np.asfortranarray(array)).params_ == with_names.params_
    assert clv.ParetoNbd().fit(array.astype(object)).params_ == with_names.params_
    assert clv.ParetoNbd().fit(array.astype(">f8")).params_ == with_names.params_


def test_names_in_an_index_are_customers(undated, summary):
    model = clv.BgNbd().fit(undated)
    answer = model.predict(undated, 13)
    assert answer.index.tolist() == summary["customer_id"].tolist()
    without = model.predict(undated.reset_index(drop=True), 13)
    assert "customer_id" not in without.columns
    np.testing.assert_array_equal(without["purchases_13"], answer["purchases_13"])


# Tables


def test_table_in_every_form(sample_path, known):
    table = clv.summarize(sample_path, until=UNTIL)
    assert len(table) == len(known) == len(table.column("T"))
    assert table.columns == list(table) == [*known.columns, "unit", "grain", "observed_until"]
    assert "T" in table and "t" not in table
    for form in (table.to_pandas(), table.to_polars(), table.to_arrow(), pl.DataFrame(table), pa.table(table), table.to_numpy()):
        assert_same(form, known)
    pd.testing.assert_index_equal(table.to_pandas(index=known["customer_id"]).index, pd.Index(known["customer_id"]))
    assert duckdb.from_arrow(table).aggregate("count(*)").fetchall() == [(len(known),)]
    np.testing.assert_array_equal(table["T"], table.column("T"))
    with pytest.raises(KeyError, match="monetary_value"):
        table.column("monetary")
    # Columns are the caller's own: to write to one changes no table.
    table.column("T")[:] = 0
    np.testing.assert_array_equal(table.column("T"), known["T"])


def test_table_travels(sample_path):
    import copy
    import pickle

    table = clv.summarize(sample_path, until=UNTIL)
    for same in (pickle.loads(pickle.dumps(table)), copy.deepcopy(table)):
        assert same.columns == table.columns
        assert_same(same, table)
        assert [same.column(name).dtype for name in same] == [table.column(name).dtype for name in table]


# What cannot be read


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (3, "int"),
        (None, "give a frame, a path"),
        ([1, 2], "int"),
        (object(), "object"),
        ({"customer_id": 1, "order_date": ["2024-01-01"], "amount": [1.0]}, "dimensions"),
        ({"customer_id": [1], "order_date": ["2024-01-01"], "amount": [1j]}, "amount"),
        ({"customer_id": [1], "order_date": ["2024-01-01"], "amount": [1.0, 2.0]}, "amount"),
        ({}, "customer"),
        (np.zeros(3), "shape"),
        (np.zeros((2, 2, 2)), "shape"),
        (pd.Series([1.0]), "Series"),
        (pd.DataFrame(), "customer"),
        (pd.DataFrame({"customer_id": [1], "amount": [1.0]}), "date"),
        (pd.DataFrame({"customer_id": [1], "order_date": [pd.Timedelta("1D")], "amount": [1.0]}), "order_date"),
        (pa.table({"customer_id": [[1]], "order_date": [dt.date(2024, 1, 1)], "amount": [1.0]}), "customer_id"),
        (pa.table({"customer_id": [1], "order_date": [dt.time(1)], "amount": [1.0]}), "order_date"),
        (pl.DataFrame({"customer_id": [1], "order_date": [dt.date(2024, 1, 1)], "amount": [{"a": 1}]}), "amount"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_refusals_say_what_is_wrong(data, words):
    with pytest.raises(clv.Error, match=words):
        clv.summarize(data)


@pytest.mark.parametrize(
    ("column", "cells", "words"),
    [
        ("frequency", [1.5], "frequency"),
        ("frequency", [-1], "frequency"),
        ("frequency", [np.nan], "frequency"),
        ("frequency", ["many"], "frequency"),
        ("recency", [-1.0], "recency"),
        ("recency", [np.inf], "recency"),
        ("recency", [9.0], "recency"),
        ("T", [np.nan], "T"),
        ("T", [0.5], "T"),
        ("T", [True], "T"),
        ("monetary_value", [np.nan], "monetary_value"),
        ("monetary_value", [np.inf], "monetary_value"),
    ],
)
@pytest.mark.parametrize("kind", ["pandas", "dict", "polars", "pyarrow"])
def test_summaries_that_cannot_be(kind, column, cells, words, model):
    row = {"frequency": [2], "recency": [3.0], "T": [8.0], "monetary_value": [5.0], column: cells}
    maker = {"pandas": pd.DataFrame, "dict": dict, "polars": pl.DataFrame, "pyarrow": pa.table}[kind]
    with pytest.raises(clv.DataError, match=words):
        clv.BgNbd.from_params(**model.params_, spend=clv.GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44)).predict(maker(row), 3)


def test_missing_columns_of_summaries_are_named(undated):
    for column in ("frequency", "recency", "T"):
        with pytest.raises(clv.Error, match=column):
            clv.BgNbd().fit(undated.drop(columns=column))
    with pytest.raises(clv.Error, match="monetary_value"):
        clv.GammaGamma().fit(undated.drop(columns="monetary_value"))


class FakeSpark:
    """A Spark DataFrame, as far as anybody looks."""

    columns: ClassVar = ["customer_id", "order_date", "amount"]
    toArrow = toPandas = lambda self: None


FakeSpark.__module__ = "pyspark.sql.classic.dataframe"


class ThatFails(FakeSpark):
    def __arrow_c_stream__(self, requested_schema=None):
        raise TypeError("timestamps without a session")


ThatFails.__module__ = "elsewhere.dataframe"


class FakeCursor:
    """One of ADBC: of the database interface, with a call that makes a table."""

    description = ()
    fetchall = fetchone = fetch_arrow_table = lambda self: None


def of_duckdb():
    connection = duckdb.connect()
    connection.execute("select 1 as customer_id")
    return connection


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            FakeSpark,
            r"a Spark FakeSpark is no table; give what clv\.spark makes of it where it is \(summarize, count, predict\), or its rows, "
            r"which \.toArrow\(\) or \.toPandas\(\) brings to this machine",
        ),
        (ThatFails, r"cannot be handed over: .*timestamps without a session.* Give what \.toArrow\(\) or \.toPandas\(\) makes of it"),
        (FakeCursor, r"a cursor is no table; give the result of its query, \.fetch_arrow_table\(\)"),
        (lambda: io.StringIO("customer_id\n1"), "an open file is no table; give its path"),
        (lambda: (row for row in [{"customer_id": 1}]), "a generator is no table; give a list of frames or paths"),
        (lambda: [{"customer_id": 1, "order_date": "2024-01-01", "amount": 1.0}], r"these are rows, .*pandas\.DataFrame\(rows\)"),
        (lambda: [(1, "2024-01-01", 1.0)], r"these are rows, .*pandas\.DataFrame\(rows\)"),
    ],
    ids=["Spark", "one that fails", "ADBC", "file", "generator", "dictionaries", "tuples"],
)
def test_what_is_no_table_gets_a_way_out(make, words, model):
    with pytest.raises(clv.Error, match=words):
        clv.summarize(make())
    if "rows" not in words.split(";")[0]:
        with pytest.raises(clv.Error, match=words.split(r"\.fetch")[0][:40]):
            model.predict(make())


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (of_duckdb, r"a DuckDB connection is no table; give a relation, \.sql\('select \.\.\.'\), or .*\.to_arrow_table\(\)"),
        (
            lambda: sqlite3.connect(":memory:").execute("select 1"),
            r"a cursor is no table; give its rows: pandas\.DataFrame\(cursor\.fetchall\(\)",
        ),
        (
            lambda: sqlite3.connect(":memory:"),
            r"a connection is no table; give the result of a query: pandas\.read_sql\(query, connection\)",
        ),
    ],
    ids=["DuckDB", "cursor", "connection"],
)
def test_customers_are_a_table(make, words, model):
    """Orders may come from a connection; who is to be predicted stands in a table."""
    with pytest.raises(clv.Error, match=words):
        model.predict(make())


# Memory

MEASURED = """
import gc, sys
import numpy as np, psutil
import clv

rows = 5_000_000
rng = np.random.default_rng(1)
kind = sys.argv[1]
customers = rng.integers(0, 50_000, rows)
days = (np.datetime64("2023-01-01") + rng.integers(0, 700, rows)).astype("datetime64[us]")
amounts = rng.gamma(2.0, 10.0, rows)
columns = {"customer_id": customers, "order_date": days, "amount": amounts}
if kind == "pandas":
    import pandas
    frame = pandas.DataFrame(columns, copy=False)
elif kind == "polars":
    import polars
    frame = polars.DataFrame(columns)
elif kind == "pyarrow":
    import pyarrow
    frame = pyarrow.table(columns)
else:
    frame = columns
few = {name: column[:1000] for name, column in columns.items()}
clv.summarize(few)
gc.collect()
process = psutil.Process()
before = process.memory_info().rss
held, _ = clv.frames.read(frame, "orders")
after = process.memory_info().rss
assert len(held) == rows
print((after - before) / 2**20)
"""


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "dict"])
def test_numbers_and_dates_are_read_where_they_are(kind):
    """A frame of 5 million orders, 114 MiB: to hand it over takes next to nothing."""
    run = subprocess.run([sys.executable, "-c", MEASURED, kind], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert float(run.stdout) < 12


def test_orders_without_amounts_tell_purchases(sample):
    bare = sample[["customer_id", "order_date"]]
    with pytest.raises(clv.DataError, match="amount") as refused:
        clv.summarize(bare)
    assert "amount=False" in str(refused.value)
    summary = clv.summarize(bare, amount=False, until="1997-09-30")
    whole = clv.summarize(sample, until="1997-09-30")
    assert list(summary) == [name for name in whole if name not in ("monetary_value", "total")]
    pd.testing.assert_frame_equal(summary, whole[list(summary)])
    model = clv.BgNbd().fit(summary)
    assert model.spend_ is None
    assert model.params_ == clv.BgNbd(spend=None).fit(whole).params_
    assert not [name for name in model.predict(summary, "12m") if name.startswith(("clv", "value", "monetary"))]
    assert "value-deciles" not in clv.evaluate(bare, amount=False, split="1997-09-30").tables


@pytest.mark.parametrize("column", [True, pd.Timedelta("1D"), 1j, None], ids=["bool", "timedelta", "complex", "nothing"])
def test_columns_that_nobody_asked_for_do_no_harm(sample, known, column):
    model = clv.BgNbd().fit(known)
    for frame in (sample.assign(other=column), {**{name: sample[name].to_numpy() for name in sample}, "other": [column] * len(sample)}):
        summary = clv.summarize(frame, until=UNTIL)
        assert len(summary["frequency"]) == len(known)
    other = known.assign(other=column)
    pd.testing.assert_frame_equal(model.predict(other, "3m"), model.predict(known, "3m"))
    clv.BgNbd().fit({**{name: known[name].to_numpy() for name in known}, "other": np.array([column] * len(known))})


def test_polars_columns_of_nothing_and_of_truths_are_read(sample, known):
    frame = pl.from_pandas(sample).with_columns(nothing=pl.lit(None), gift=pl.lit(True))
    assert len(clv.summarize(frame, until=UNTIL)) == len(known) == len(clv.summarize(frame.lazy(), until=UNTIL))
    kept = clv.summarize(frame, until=UNTIL, keep=["gift", "nothing"])
    assert kept["gift"].unique().to_list() == ["True"] and kept["nothing"].null_count() == len(kept)
    assert clv.Orders(sample.assign(gift=True), duplicates="drop").read["orders"] <= len(sample)
    assert set(clv.summarize(sample.assign(gift=True), keep=["gift"])["gift"]) == {"True"}


def test_what_is_kept_is_what_it_was(sample, known):
    number = sample["customer_id"].astype(int)
    frame = sample.assign(
        age=number % 50 + 20,
        share=number / 7,
        since=sample["order_date"].groupby(sample["customer_id"]).transform("min"),
        moment=pd.Timestamp("2024-03-01 12:30"),
        gap=np.where(number % 2 == 0, number, np.nan),
        name="n" + sample["customer_id"],
        zoned=pd.Timestamp("2024-03-01 23:00", tz="America/New_York"),
        far=np.uint64(2**63 + 5),
    )
    frame["farther"] = pd.Series([decimal.Decimal(10**30)] * len(frame), dtype=pd.ArrowDtype(pa.decimal128(38, 0)))
    frame["none of some"] = pd.array([2**62 + 1 if n % 2 else None for n in number], dtype="Int64")
    names = ["age", "share", "since", "moment", "gap", "name", "zoned"]
    firsts = frame.groupby("customer_id")[names].last()
    for made in (frame, pl.from_pandas(frame), pa.Table.from_pandas(frame, preserve_index=False)):
        kept = clv.summarize(made, keep=names)
        kept = kept if isinstance(kept, pd.DataFrame) else kept.to_pandas()
        kept = kept.set_index("customer_id")
        for name in ("age", "share", "gap"):
            np.testing.assert_array_equal(kept[name], firsts[name].loc[kept.index])
        wide = clv.summarize(made, keep=["far", "farther", "none of some"])
        assert {int(one) for one in wide["far"]} == {2**63 + 5} and {*map(plain, wide["farther"])} == {10**30}
        some = {None if plain(one) is None or one is pd.NA else int(plain(one)) for one in wide["none of some"]}
        assert some == {None, 2**62 + 1}
        assert kept["age"].dtype == "int64"
        assert (pd.to_datetime(kept["since"]) == firsts["since"].loc[kept.index]).all()
        assert set(kept["moment"]) == {"2024-03-01T12:30:00"} and (kept["name"] == firsts["name"].loc[kept.index]).all()
        assert set(kept["zoned"]) == {"2024-03-01T23:00:00"}


def test_groups_by_month_are_months(known):
    model = clv.BgNbd().fit(known)
    months = known.assign(month=known["first_purchase"].dt.to_period("M").dt.to_timestamp())
    assert model.totals(months, "3m", by="month")["month"].tolist() == ["(all)", "1997-01-01", "1997-02-01", "1997-03-01"]


def test_duckdb_answers_are_on_the_connection_of_the_question(sample):
    connection = duckdb.connect()
    connection.register("orders", sample)
    connection.sql("create table regions as select distinct customer_id, 'north' as region from orders")
    summary = clv.summarize(connection.sql("select * from orders"), until=UNTIL)
    joined = connection.sql("select count(*) from summary join regions using (customer_id) where region = 'north'")
    assert joined.fetchall() == [(2357,)]
    assert {name for (name,) in connection.sql("show tables").fetchall()} == {"orders", "regions"}
    test = clv.evaluate(connection.sql("select * from orders"), split=UNTIL)
    assert pickle.loads(pickle.dumps(test)).advice == test.advice
    connection.register("predicted", clv.BgNbd().fit(summary).predict(summary, "3m"))
    assert connection.sql("select count(*) from predicted").fetchall() == [(2357,)]


def test_an_index_identifies_rows_for_the_caller_alone(known):
    """Customers drawn again, and those of two countries, may have the same name there."""
    named = known.set_index("customer_id")
    drawn = named.sample(frac=1, replace=True, random_state=1)
    model = clv.BgNbd().fit(drawn)
    assert model.params_ == clv.BgNbd().fit(drawn.reset_index(drop=True)).params_
    assert model.predict(drawn, "3m").index.equals(drawn.index)
    both = pd.concat({"de": named, "fr": named}, names=["country"])
    assert clv.BgNbd().fit(both).n_customers_ == 2 * len(known)
    assert clv.BgNbd().fit(both).totals(both, "3m", by="country")["country"].tolist() == ["(all)", "de", "fr"]
    with pytest.raises(clv.DataError, match="appears twice"):
        clv.BgNbd().fit(drawn.reset_index())


def test_hashes_are_numbers_without_a_sign(sample, known):
    hashes = pd.util.hash_pandas_object(sample["customer_id"], index=False)
    assert hashes.dtype == "uint64" and hashes.max() > 2**63
    for frame in (sample.assign(customer_id=hashes), pl.from_pandas(sample.assign(customer_id=hashes))):
        summary = clv.summarize(frame, until=UNTIL)
        assert len(summary) == len(known)
        assert set(summary["customer_id"]) <= set(hashes) and str(summary["customer_id"].dtype).lower() == "uint64"


def test_advice_is_given_in_python(sample):
    with pytest.raises(clv.UsageError, match="decimal_comma=True"):
        clv.summarize(sample.assign(amount="29,330"))
