"""What is counted of purchases goes with a summary that is whole, in whatever form, and with no other."""

import json
import pickle
from collections import Counter

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clv
from clv import summaries

pytestmark = pytest.mark.filterwarnings("ignore::clv.FitWarning", "ignore::clv.DataWarning")

UNTIL = "1997-09-30"
KEY = "clv-purchases"


@pytest.fixture(scope="module")
def orders(sample):
    return sample[sample["order_date"] <= UNTIL]


@pytest.fixture(scope="module")
def whole(orders):
    return clv.summarize(orders, until=UNTIL)


def read(summary):
    """What a model that is given the summary knows of purchases, as text."""
    return summaries.read(summary)[0].table().metadata.get(KEY)


def test_purchases_are_counted_one_by_one(orders, whole):
    lengths, on = Counter(), Counter()
    for _, days in orders.groupby("customer_id")["order_date"]:
        days = np.unique(pd.to_datetime(days).to_numpy().astype("datetime64[D]").astype(int))
        lengths.update(np.diff(days).tolist())
        on.update(days[1:].tolist())
    said = json.loads(whole.attrs[KEY])
    assert said["interpurchase_days"] == [list(pair) for pair in sorted(lengths.items())]
    assert said["repeat_purchases"] == [list(pair) for pair in sorted(on.items())]
    assert sum(lengths.values()) == whole["frequency"].sum() > 1000


def parquet(frame, path):
    frame.to_parquet(path)
    return path


KEPT = {
    "itself": lambda s, path: s,
    "copy": lambda s, path: s.copy(),
    "sorted": lambda s, path: s.sort_values("T", ascending=False),
    "all of it": lambda s, path: s[s["T"] > 0],
    "another column": lambda s, path: s.assign(region="north"),
    "fewer columns": lambda s, path: s[["frequency", "recency", "T"]],
    "other names": lambda s, path: s.assign(customer_id=[f"c{i}" for i in range(len(s))]),
    "index": lambda s, path: s.set_index("customer_id"),
    "pickle": lambda s, path: pickle.loads(pickle.dumps(s)),
    "parquet": lambda s, path: pd.read_parquet(parquet(s, path)),
    "parquet, as a path": lambda s, path: str(parquet(s, path)),
    "pyarrow": lambda s, path: pa.Table.from_pandas(s, preserve_index=False),
    "pyarrow's parquet": lambda s, path: (pq.write_table(pa.Table.from_pandas(s), path), pq.read_table(path))[1],
}


@pytest.mark.parametrize("form", KEPT)
def test_what_pandas_does_with_all_rows_keeps_it(form, whole, tmp_path):
    assert read(KEPT[form](whole, tmp_path / "s.parquet")) == whole.attrs[KEY]


def replaced(frame):
    """As many customers and purchases, of whom one stands for another."""
    same = frame.index[frame["frequency"] == 2]
    times = ["frequency", "recency", "T", "first_purchase", "last_purchase"]
    other = next(row for row in same if frame.loc[row, "recency"] != frame.loc[same[0], "recency"])
    frame = frame.copy()
    frame.loc[same[0], times] = frame.loc[other, times]
    return frame


LOST = {
    "row": lambda s: s.iloc[[3]],
    "those who came back": lambda s: s[s["frequency"] > 0],
    "half": lambda s: s[::2],
    "all but one": lambda s: s[1:],
    "none came back": lambda s: s[s["frequency"] == 0],
    "bootstrap": lambda s: s.drop(columns="customer_id").sample(frac=1, replace=True, random_state=1),
    "twice": lambda s: pd.concat([s, s]).drop(columns="customer_id"),
    "replaced": replaced,
    "without attributes": lambda s: s.assign(customer_id=s["customer_id"].to_numpy()).pipe(lambda f: (f.attrs.clear(), f)[1]),
    "polars": pl.from_pandas,
    "dictionary": lambda s: {name: s[name].to_numpy() for name in s},
}


@pytest.mark.parametrize("form", LOST)
def test_of_other_rows_it_is_not_told(form, whole):
    other = LOST[form](whole)
    assert read(other) is None
    if form not in ("none came back", "row"):
        clv.BgNbd().fit(other)


def test_tables_of_the_engine_and_of_arrow_have_it(orders, whole, tmp_path):
    known = whole.attrs[KEY]
    orders.to_csv(tmp_path / "orders.csv", index=False)
    table = clv.summarize(tmp_path / "orders.csv", until=UNTIL)
    for form in (table, pickle.loads(pickle.dumps(table)), table.to_pandas(), table.to_arrow(), pa.table(table)):
        assert read(form) == known
    arrow = clv.summarize(pa.Table.from_pandas(orders, preserve_index=False), until=UNTIL)
    assert arrow.schema.metadata[KEY.encode()].decode() == known
    pq.write_table(arrow, tmp_path / "arrow.parquet")
    assert read(tmp_path / "arrow.parquet") == read(pq.read_table(tmp_path / "arrow.parquet")) == known
    assert read(arrow.sort_by("T")) == known and read(arrow[:100]) is None
    pq.write_table(arrow[5:], tmp_path / "part.parquet")
    assert read(tmp_path / "part.parquet") is None
    assert clv.Summarizer(until=UNTIL).fit_transform(orders).attrs[KEY] == known
    # Frames without attributes have no place for it.
    for frame in (pl.from_pandas(orders), {name: orders[name].to_numpy() for name in orders}):
        assert read(clv.summarize(frame, until=UNTIL)) is None


def test_damage_is_an_error(whole):
    for wrong, why in [
        ("{", "is damaged"),
        (7, r"attrs\['clv-purchases'\] is of type int"),
        ({"version": 1}, r"attrs\['clv-purchases'\] is of type dict"),
        (whole.attrs[KEY].replace("[[1,", "[[2,", 1), "its checksum is another"),
    ]:
        said = whole.copy()
        said.attrs[KEY] = wrong
        with pytest.raises(clv.DataError, match=why):
            clv.BgNbd().fit(said)
    # What a later version says is not understood, and the rows are.
    said = whole.copy()
    said.attrs[KEY] = whole.attrs[KEY].replace('"version":1', '"version":2')
    assert read(said) is None


def test_a_column_of_each_customers_sum_goes_where_the_counts_do_not(orders, whole):
    asked = clv.summarize(orders, until=UNTIL, sum_log_interpurchase=True)
    known = {}
    for customer, days in orders.groupby("customer_id")["order_date"]:
        days = np.unique(pd.to_datetime(days).to_numpy().astype("datetime64[D]").astype(int))
        known[customer] = np.log(np.diff(days) / 7).sum()
    sums = asked.set_index("customer_id")["sum_log_interpurchase"]
    np.testing.assert_allclose(sums.loc[list(known)], list(known.values()), atol=1e-12)
    assert list(asked.drop(columns="sum_log_interpurchase")) == list(whole)
    assert clv.Summarizer(until=UNTIL, sum_log_interpurchase=True).fit_transform(orders).equals(asked)

    by_counts = clv.MbgCnbd(spend=None).fit(whole)
    columns = {name: asked[name].to_numpy() for name in asked}
    for form in (pl.from_pandas(asked), columns, asked.sort_values("T")):
        fitted = clv.MbgCnbd(spend=None).fit(form)
        assert fitted.params_ == by_counts.params_ and list(fitted.profile_) == [1, 2, 3]
    assert clv.MbgCnbd(spend=None).fit(asked[:1200]).k_ == 1
    with pytest.raises(clv.DataError, match="with a column sum_log_interpurchase"):
        clv.MbgCnbd(spend=None).fit(whole[:1200])
    with pytest.raises(clv.DataError, match="in the same unit of time"):
        clv.MbgCnbd(spend=None).fit(asked.assign(sum_log_interpurchase=asked["sum_log_interpurchase"] + np.log(7) * asked["frequency"]))


def test_descriptions_say_how_regular_customers_are(orders):
    regularity = clv.describe(orders, until=UNTIL).table("regularity")
    assert regularity[["customers", "pattern"]].to_numpy().tolist() == [[507, "by chance"]]
    # As tests/reference/describe.py has them.
    found = regularity[["k", "standard_error", "k_by_chance"]].to_numpy()[0]
    np.testing.assert_allclose(found, [1.048461935362, 0.063468244511, 1.068342625844], atol=1e-11)
