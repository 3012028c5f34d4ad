"""Every piece of a summary is understood as the whole is: in the unit and up to the day that it was made in, or not at all."""

import itertools
import pickle
import warnings

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clv

pytestmark = pytest.mark.filterwarnings("ignore::clv.FitWarning", "ignore::clv.DataWarning")

UNTIL = "2024-03-31"
TIMES = {"unit": "day", "grain": "day", "until": UNTIL}
UNITS = ["day", "week", "month", "year"]


@pytest.fixture(scope="module")
def joined_at_once():
    """Orders of 400 customers who all came on one day: purchases at rates from Gamma(1.2, 20 days), dropout of 0.1 after each."""
    rng = np.random.default_rng(16)
    start, rows = np.datetime64("2024-01-01"), []
    for customer in range(400):
        day, rate = 0.0, rng.gamma(1.2, 1 / 20)
        while day < 91:
            rows.append((customer, start + int(day), round(float(rng.gamma(6, 3)), 2)))
            if rng.random() < 0.1:
                break
            day += rng.exponential(1 / rate)
    return pd.DataFrame(rows, columns=["customer_id", "order_date", "amount"])


@pytest.fixture(scope="module")
def in_days(joined_at_once):
    return clv.summarize(joined_at_once, unit="day", until=UNTIL)


def as_dict(frame):
    return {name: frame[name].to_numpy() for name in frame}


KINDS = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "duckdb": lambda frame: duckdb.from_arrow(pa.Table.from_pandas(frame, preserve_index=False)),
    "dict": as_dict,
    "numpy": lambda frame: frame.to_records(index=False),
}


def rows_of(answer, places):
    """Some rows of a frame of any kind."""
    if isinstance(answer, pd.DataFrame):
        return answer.iloc[places]
    if isinstance(answer, pl.DataFrame):
        return answer[places]
    if isinstance(answer, pa.Table):
        return answer.take(pa.array(places))
    if isinstance(answer, dict):
        return {name: column[places] for name, column in answer.items()}
    return answer[places]


def numbers_of(answer):
    """Its real columns, bit by bit."""
    if isinstance(answer, (pl.DataFrame, pa.Table)):
        answer = answer.to_pandas()
    columns = {name: np.asarray(answer[name]) for name in (answer.dtype.names if isinstance(answer, np.ndarray) else answer)}
    return {name: column.view("int64") for name, column in columns.items() if column.dtype == "float64"}


def test_what_times_mean_goes_with_every_kind_of_frame(joined_at_once):
    for kind, make in KINDS.items():
        summary = clv.summarize(make(joined_at_once), unit="day", until=UNTIL)
        if kind == "pandas":
            assert summary.attrs["clv"] == TIMES and "unit" not in summary
        elif kind == "pyarrow":
            assert summary.schema.metadata[b"clv-summary"] == b'{"version":1,"unit":"day","grain":"day","end":"2024-03-31"}'
            assert "unit" not in summary.column_names
        else:
            records = isinstance(summary, np.ndarray)
            names = summary.dtype.names if records else summary.columns if hasattr(summary, "columns") else summary
            assert [*names][-3:] == ["unit", "grain", "observed_until"]
            frame = (
                pd.DataFrame(summary)
                if kind in ("dict", "numpy")
                else summary.to_arrow_table().to_pandas()
                if kind == "duckdb"
                else summary.to_pandas()
            )
            assert set(frame["unit"]) == set(frame["grain"]) == {"day"}
            assert {str(day)[:10] for day in frame["observed_until"]} == {UNTIL}
        assert clv.BgNbd().fit(summary).unit_ == "day"


def test_a_table_of_the_engine_says_it_in_any_form(joined_at_once, tmp_path):
    path = tmp_path / "orders.csv"
    joined_at_once.to_csv(path, index=False)
    table = clv.summarize(path, unit="day", until=UNTIL)
    assert table.columns[-3:] == ["unit", "grain", "observed_until"]
    for form in (table, pickle.loads(pickle.dumps(table)), pa.table(table), pl.DataFrame(table), duckdb.from_arrow(table)):
        assert clv.BgNbd().fit(form).unit_ == "day"
    for form in (table.to_pandas(), table.to_polars(), table.to_arrow(), table.to_numpy()):
        assert clv.BgNbd().fit(form).unit_ == "day"
    assert pickle.loads(pickle.dumps(table)).metadata == table.metadata
    assert table.to_pandas().attrs["clv"] == TIMES and "unit" not in table.to_pandas()


def test_a_summary_in_days_makes_a_model_in_days(joined_at_once, in_days):
    """Not one in weeks, whose expectations would be seven times too low: times in another unit scale alpha, and nothing else."""
    weekly = clv.BgNbd().fit(clv.summarize(joined_at_once, unit="week", until=UNTIL))
    for kind, make in KINDS.items():
        summary = clv.summarize(make(joined_at_once), unit="day", until=UNTIL)
        daily = clv.BgNbd().fit(summary)
        assert (daily.unit_, daily.observed_until_) == ("day", UNTIL)
        scaled = weekly.params_ | {"alpha": 7 * weekly.params_["alpha"]}
        assert daily.params_ == pytest.approx(scaled, rel=1e-5), kind
    own = clv.BgNbd().fit(in_days)
    ours, theirs = own.predict(in_days, "12w"), weekly.predict(clv.summarize(joined_at_once, until=UNTIL), "12w")
    np.testing.assert_allclose(ours["purchases_12w"], theirs["purchases_12w"], rtol=1e-5)
    # What is expected over a time like that observed is about what was seen.
    assert own.expected_purchases_new(90.0) * 400 == pytest.approx(in_days["frequency"].sum(), rel=0.05)


def test_where_nothing_tells_the_unit_it_is_asked_for(in_days):
    bare = in_days.copy()
    bare.attrs.clear()
    with pytest.raises(clv.UsageError, match="several time units fit the dates") as asked:
        clv.BgNbd().fit(bare)
    assert asked.value.answers == ["unit='day'", "unit='week'", "unit='month'", "unit='year'"][: len(asked.value.answers)]
    assert "unit='day'" in asked.value.answers and len(asked.value.answers) > 1
    assert clv.BgNbd(unit="day").fit(bare).params_ == clv.BgNbd().fit(in_days).params_
    with pytest.raises(clv.UsageError) as asked:
        clv.compare(bare)
    assert "unit='day'" in asked.value.answers
    assert clv.compare(bare, unit="day").advice == clv.compare(in_days).advice


@pytest.mark.parametrize(("unit", "grain"), [*itertools.product(UNITS, ["day", "week", "month"])])
def test_pieces_are_predicted_as_the_whole_is(unit, grain, sample):
    """Bit for bit, down to one row: of rows with T = 0 alone, of customers of one day, of single customers."""
    until = {"day": "1997-03-25", "week": "1997-03-30", "month": "1997-05-31"}[grain]
    orders = sample[sample["order_date"] <= until]
    model = clv.BgNbd().fit(clv.summarize(orders, unit=unit, grain=grain, until=until))
    assert (model.unit_, model.grain_, model.observed_until_) == (unit, grain, until)
    for kind, make in KINDS.items():
        if kind in ("duckdb", "numpy"):
            continue
        summary = clv.summarize(make(orders), unit=unit, grain=grain, until=until)
        ages, whole = np.asarray(summary["T"]), model.predict(summary, ["6m"])
        known = numbers_of(whole)
        youngest, (_, first) = np.flatnonzero(ages == ages.min()), np.unique(ages, return_index=True)
        pieces = [
            youngest,
            np.flatnonzero(ages == ages.max()),
            np.arange(0, len(ages), 7),
            np.array([5]),
            *[np.array([row]) for row in first[:40:4]],
        ]
        for piece in pieces:
            answer = numbers_of(model.predict(rows_of(summary, piece), ["6m"]))
            for name, column in known.items():
                np.testing.assert_array_equal(answer[name], column[piece], err_msg=f"{kind} {name}")
    assert grain != "day" or ages.min() == 0


def test_pieces_of_opportunities(sample):
    until = "1997-09-30"
    summary = clv.summarize(sample, unit="month", grain="month", until=until)
    model = clv.BgBb().fit(summary)
    known = model.predict(summary, "12m")
    for row in (0, 17, 2356):
        pd.testing.assert_frame_equal(model.predict(summary.iloc[[row]], "12m"), known.iloc[[row]])


def without_times(frame):
    bare = frame.copy()
    bare.attrs.clear()
    return bare


LOSSES = {
    "row": lambda s: s.iloc[[0]],
    "mask": lambda s: s[s["frequency"] > 1],
    "columns": lambda s: s[["frequency", "recency", "T", "monetary_value"]],
    "sorted": lambda s: s.sort_values("T"),
    "assign": lambda s: s.assign(region="north"),
    "copy": lambda s: s.copy(),
    "index": lambda s: s.set_index("customer_id"),
    "index and back": lambda s: s.set_index("customer_id").reset_index(),
    "sample": lambda s: s.sample(5, random_state=1),
    "merge": lambda s: s.merge(pd.DataFrame({"customer_id": s["customer_id"], "region": "north"}), on="customer_id"),
    "concat with itself": lambda s: pd.concat([s[:5], s[5:]]),
    "join": lambda s: s.join(pd.Series("north", index=s.index, name="region")),
    "grouped": lambda s: s.groupby("frequency").head(2),
    "apply": lambda s: s.apply(lambda column: column),
    "query": lambda s: s.query("frequency >= 0"),
    "dictionary": lambda s: pd.DataFrame(s.to_dict("list")),
    "csv": lambda s: pd.read_csv(pd.io.common.StringIO(s.to_csv(index=False)), parse_dates=["first_purchase"]),
    "pickle": lambda s: pickle.loads(pickle.dumps(s)),
    "polars": pl.from_pandas,
    "pyarrow": lambda s: pa.Table.from_pandas(s),
    "dict": as_dict,
    "bare row": lambda s: without_times(s).iloc[[0]],
    "bare": without_times,
}


@pytest.mark.parametrize("loss", LOSSES)
def test_what_pandas_does_to_a_summary_never_changes_its_unit(loss, in_days, joined_at_once):
    """Whatever becomes of what it says of its times: the answer is that of the whole, or there is none."""
    daily = clv.BgNbd().fit(in_days)
    weekly = clv.BgNbd().fit(clv.summarize(joined_at_once, unit="week", until=UNTIL))
    piece = LOSSES[loss](in_days)
    expected = daily.expected_purchases(in_days, 30).to_numpy()
    of = np.asarray(piece["customer_id"]) if "customer_id" in getattr(piece, "columns", piece) else np.arange(len(piece["T"]))
    place = in_days.reset_index(drop=True).reset_index().set_index("customer_id")["index"]
    if loss == "index":
        of = piece.index.to_numpy()
    if loss != "columns":
        np.testing.assert_array_equal(np.asarray(daily.expected_purchases(piece, 30)), expected[place[of]])
    else:
        np.testing.assert_array_equal(daily.expected_purchases(piece, 30), expected)
    # Nobody asks a model in weeks about days unnoticed.
    with pytest.raises(clv.UsageError):
        weekly.predict(piece, "12w")


def test_summaries_that_were_made_otherwise_are_not_mixed(joined_at_once, in_days):
    later = clv.summarize(joined_at_once, unit="day", until="2024-04-30")
    weekly = clv.summarize(joined_at_once, unit="week", until=UNTIL)
    model = clv.BgNbd().fit(in_days)
    for other in (later, weekly):
        together = pd.concat([in_days[:200], other[200:]])
        assert "clv" not in together.attrs
        with pytest.raises(clv.Error):
            model.predict(together, "12w")
    for make in (pl.from_pandas, lambda frame: pa.Table.from_pandas(frame, preserve_index=False)):
        pieces = [clv.summarize(make(joined_at_once), unit=unit, until=UNTIL)[:5] for unit in ("day", "week")]
        together = pl.concat(pieces) if isinstance(pieces[0], pl.DataFrame) else pa.concat_tables(pieces)
        with pytest.raises(clv.Error):
            model.predict(together, "12w")


def test_a_frame_that_says_one_thing_and_holds_another_is_refused(in_days):
    model = clv.BgNbd().fit(in_days)
    in_weeks = in_days.assign(recency=in_days["recency"] / 7, T=in_days["T"] / 7)
    with pytest.raises(clv.DataError, match="do not lead to one end"):
        model.predict(in_weeks, "12w")
    bare = in_weeks[["frequency", "recency", "T"]]
    assert bare.attrs["clv"] == TIMES
    with pytest.raises(clv.DataError, match="no whole number of days"):
        model.predict(bare, "12w")
    moved = in_days.assign(first_purchase=in_days["first_purchase"] + pd.Timedelta(days=30))
    with pytest.raises(clv.DataError, match="observed until 2024-03-31"):
        model.predict(moved, "12w")
    for wrong in ("day", {"unit": 1}, ["day"], {"unit": "fortnight"}):
        said = in_days.copy()
        said.attrs["clv"] = wrong
        with pytest.raises(clv.Error, match=r"attrs|unit is 'fortnight'"):
            clv.BgNbd().fit(said)
    with pytest.raises(clv.UsageError, match="not in weeks"):
        clv.BgNbd(unit="week").fit(in_days)
    damaged = pa.table(as_dict(in_days)).replace_schema_metadata({"clv-summary": "{"})
    with pytest.raises(clv.DataError, match="damaged"):
        clv.BgNbd().fit(damaged)


def test_ages_beyond_what_was_observed_are_refused(summary, undated, sample, model, tmp_path):
    later = clv.summarize(sample)
    bare = without_times(later)[["frequency", "recency", "T", "monetary_value"]]
    with pytest.raises(clv.UsageError, match=r"T goes up to .*observed for .*until 1997-09-30.*observed_until"):
        model.predict(bare, "3m")
    model.save(tmp_path / "model.json")
    with pytest.raises(clv.UsageError, match="T goes up to"):
        clv.load(tmp_path / "model.json").predict(bare, "3m")
    known = model.predict(later, "3m")
    dated = bare.assign(unit="week", observed_until=str(later["last_purchase"].max())[:10])
    np.testing.assert_array_equal(model.predict(dated, "3m")["purchases_3m"], known["purchases_3m"])
    # By a day, and the message shows it; by less, as in print, they are rounded.
    older = undated.assign(T=undated["T"] + 1 / 7)
    with pytest.raises(clv.UsageError, match=r"T goes up to 39, and .* 38\.86 weeks"):
        model.predict(older, "3m")
    model.predict(undated.assign(T=undated["T"] + 0.003), "3m")
    years = clv.summarize(sample, unit="year", until="1997-09-30")
    yearly, bare = clv.BgNbd().fit(years), without_times(years)[["frequency", "recency", "T"]]
    with pytest.raises(clv.UsageError, match=r"T goes up to 0\.7474, and .* 0\.7447 years"):
        yearly.predict(bare.assign(T=bare["T"] + 1 / 365.25), "3m")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict(undated, "3m")
        model.predict(later, "3m")
    assert model.predict(later[["frequency", "recency", "T", "monetary_value"]], "3m")["purchases_3m"].equals(known["purchases_3m"])


def test_parquet_keeps_it(joined_at_once, in_days, tmp_path):
    known = clv.BgNbd().fit(in_days).params_
    in_days.to_parquet(tmp_path / "pandas.parquet")
    pq.write_table(clv.summarize(pa.Table.from_pandas(joined_at_once), unit="day", until=UNTIL), tmp_path / "arrow.parquet")
    for path in (tmp_path / "pandas.parquet", tmp_path / "arrow.parquet"):
        assert clv.BgNbd().fit(path).params_ == clv.BgNbd().fit(pq.read_table(path)).params_ == known
    assert clv.BgNbd().fit(pd.read_parquet(tmp_path / "pandas.parquet")).params_ == known


def test_names_in_other_letters(in_days):
    loud = in_days.rename(columns=str.upper)
    loud.attrs = dict(in_days.attrs)
    model = clv.BgNbd().fit(loud)
    assert model.params_ == clv.BgNbd().fit(in_days).params_
    assert model.predict(loud, "12w")["customer_id"].tolist() == in_days["customer_id"].tolist()
