"""Scores in the warehouse: answers by history, joined by whole numbers, are those of `clv predict`."""

import math
import subprocess

import databases
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot

import clv

pytestmark = pytest.mark.filterwarnings("ignore::clv.DataWarning", "ignore::clv.FitWarning")


@pytest.fixture(scope="module")
def orders(sample):
    return pa.Table.from_pandas(sample, preserve_index=False).select(["customer_id", "order_date", "amount"])


def run(command, folder, *arguments):
    done = subprocess.run([command, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def by_customer(table):
    return {row["customer_id"]: row for row in table.to_pylist()}


@pytest.mark.parametrize(
    ("unit", "grain", "horizons", "further"),
    [
        ("week", "day", "3m,39w,3m..12m", []),
        ("day", "day", "12m,forever", ["--discount", "0.1", "--margin", "0.3"]),
        ("week", "week", "26w,52w", ["--margin", "0.25"]),
        ("month", "month", "3m,12m", ["--discount", "0.15"]),
        ("year", "day", "6m", []),
    ],
)
def test_scores_are_those_of_clv_predict(database, orders, tmp_path, command, unit, grain, horizons, further):
    until = {"day": "1997-09-30", "week": "1997-09-28", "month": "1997-09-30"}[grain]
    database.load("orders", orders)
    options = {"until": until, "unit": unit, "grain": grain}
    summary = database.query(clv.sql(database.dialect, exact=True, **options))
    counted = database.query(clv.sql(database.dialect, exact=True, counted=True, **options))
    pq.write_table(summary, tmp_path / "summary.parquet")
    pq.write_table(counted, tmp_path / "counted.parquet")
    run(command, tmp_path, "fit", "summary.parquet", "-o", "model.json", "--overwrite")
    asked = ["--horizons", horizons, *further]
    run(command, tmp_path, "predict", "summary.parquet", "-m", "model.json", *asked, "-o", "known.parquet")
    known = by_customer(pq.read_table(tmp_path / "known.parquet"))
    database.load("clv_summary", summary)
    texts = []
    for histories in ("summary", "counted"):
        scores = ["sql", "--dialect", database.dialect, "--table", "clv_summary", "--scores", "model.json", "--for", f"{histories}.parquet"]
        texts.append(run(command, tmp_path, *scores, *asked, "-o", f"{histories}-lookup.parquet", "--lookup-table", "lookup"))
    assert texts[0] == texts[1]
    run(command, tmp_path, "count", "summary.parquet", "-o", "counts")
    scores[scores.index("--for") + 1] = "counts"
    assert run(command, tmp_path, *scores, *asked, "-o", "counts-lookup.parquet", "--lookup-table", "lookup") == texts[0]
    lookup = pq.read_table(tmp_path / "summary-lookup.parquet")
    assert all(lookup.equals(pq.read_table(tmp_path / f"{of}-lookup.parquet")) for of in ("counted", "counts"))
    assert len(lookup) == len({(row["frequency"], row["recency"], row["T"]) for row in counted.to_pylist()})
    signed = [field.with_type(pa.int32()) if field.type == pa.uint32() else field for field in lookup.schema]
    database.load("lookup", lookup.cast(pa.schema(signed)))
    found = by_customer(database.query(texts[0]))
    assert found.keys() == known.keys()
    answers = [name for name in next(iter(found.values())) if name != "customer_id"]
    assert {"p_alive", "expected_spend"} <= {*answers} and any(name.startswith("clv_") for name in answers)
    for customer, row in found.items():
        for name in answers:
            theirs = known[customer][name]
            if name == "expected_spend" or name.startswith("clv_"):
                assert abs(row[name] - theirs) <= 2 * math.ulp(theirs), (customer, name, row[name], theirs)
            else:
                assert row[name] == theirs, (customer, name)


def test_who_has_no_history_in_the_table_has_no_answers(orders, tmp_path, command):
    database = databases.DuckDb()
    database.load("orders", orders)
    for day, file in (("1997-09-30", "old"), ("1997-12-31", "new")):
        pq.write_table(database.query(clv.sql("duckdb", exact=True, until=day)), tmp_path / f"{file}.parquet")
    run(command, tmp_path, "fit", "old.parquet", "-o", "model.json")
    text = run(
        command,
        tmp_path,
        "sql",
        "--dialect",
        "duckdb",
        "--table",
        "s",
        "--scores",
        "model.json",
        "--for",
        "old.parquet",
        "-o",
        "lookup.parquet",
    )
    database.load("lookup", pq.read_table(tmp_path / "lookup.parquet"))
    database.load("s", pq.read_table(tmp_path / "new.parquet"))
    assert all(row["p_alive"] is None and row["purchases_3m"] is None for row in database.query(text).to_pylist())
    # The table can be made anew: it is known.
    again = ["sql", "--dialect", "duckdb", "--table", "s", "--scores", "model.json", "--for", "new.parquet", "-o", "lookup.parquet"]
    run(command, tmp_path, *again)


@pytest.mark.parametrize("dialect", ["postgres", "duckdb", "spark", "bigquery", "snowflake"])
def test_the_join_parses_and_names_stay_names(orders, tmp_path, command, dialect):
    pq.write_table(pa.table(clv.summarize(orders, until="1997-09-30")), tmp_path / "s.parquet")
    run(command, tmp_path, "fit", "s.parquet", "-o", "model.json")
    scores = ["sql", "--dialect", dialect, "--scores", "model.json", "--for", "s.parquet", "-o", "l.csv", "--overwrite"]
    usual = run(command, tmp_path, *scores, "--table", "shop.summary")
    (parsed,) = sqlglot.parse(usual, read=dialect)
    assert parsed.find(sqlglot.exp.Command) is None and parsed.find(sqlglot.exp.Join) is not None
    hostile = run(
        command,
        tmp_path,
        *scores,
        "--table",
        "x; drop table y",
        "--lookup-table",
        'a"; drop table y --' if dialect != "bigquery" else "a; --",
    )
    assert len(sqlglot.parse(hostile, read=dialect)) == 1


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--counted"], "--counted is about the summary"),
        (["--exact"], "--exact is about the summary"),
        (["--keep", "a"], "--keep is about the summary"),
        (["--where", "a=b"], "--where applies when orders are summarised"),
        (["--margin", "inf"], "--margin is inf"),
        (["--horizons", "soon"], "`soon` is not a horizon"),
        (["--table", "orders"], "--table names the summary in the database"),
    ],
)
def test_what_scores_do_not_take_is_refused(orders, tmp_path, command, flags, words):
    pq.write_table(pa.table(clv.summarize(orders, until="1997-09-30")), tmp_path / "s.parquet")
    run(command, tmp_path, "fit", "s.parquet", "-o", "model.json")
    scores = ["sql", "--dialect", "duckdb", "--scores", "model.json", "--for", "s.parquet", "-o", "lookup.csv"]
    table = [] if "--table" in flags else ["--table", "s"]
    done = subprocess.run([command, *scores, *table, *flags], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and words in done.stderr, done.stderr
    assert not (tmp_path / "lookup.csv").exists()


def test_a_model_with_covariates_is_refused(sample, tmp_path, command):
    orders = sample.assign(channel=(sample["customer_id"].astype(int) % 2).map({0: "web", 1: "shop"}))
    orders.to_csv(tmp_path / "orders.csv", index=False)
    run(command, tmp_path, "fit", "orders.csv", "--until", "1997-09-30", "--covariates", "channel", "-o", "model.json")
    run(command, tmp_path, "summarize", "orders.csv", "--until", "1997-09-30", "-o", "s.parquet")
    scores = ["sql", "--dialect", "duckdb", "--table", "s", "--scores", "model.json", "--for", "s.parquet", "-o", "l.csv"]
    done = subprocess.run([command, *scores], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "the model has covariates, `channel` among them" in done.stderr
