"""The summary as SQL: in every cell what `clv summarize` says, on DuckDB and on PostgreSQL."""

import datetime as dt
import decimal
import itertools
import json
import math
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import sqlglot

import clv

pytestmark = pytest.mark.filterwarnings("ignore::clv.DataWarning")

DIALECTS = ["postgres", "duckdb", "spark", "bigquery", "snowflake"]
UNITS = ["day", "week", "month", "year"]
TIMES = ("unit", "grain", "observed_until")


def rows_of(table):
    """Rows by customer, of what a summary says without its times; numbers to the bit."""
    table = table.select([name for name in table.column_names if name not in TIMES])
    rows = {}
    for row in table.to_pylist():
        customer = str(row.pop("customer_id"))
        assert customer not in rows
        rows[customer] = row
    return rows


def summarized(orders, **options):
    """What clv says itself, rows that are no orders left out."""
    return rows_of(pa.table(clv.summarize(orders, max_left_out=1.0, **options)))


def assert_equal(ours, theirs, what="", *, ulps=0):
    """Equal in every cell; logarithms, and sums that are not exact, nearly."""
    assert ours.keys() == theirs.keys(), what
    assert ours
    for customer, row in ours.items():
        other = theirs[customer]
        assert list(row) == list(other), what
        for name, cell in row.items():
            case = (what, customer, name, cell, other[name])
            if name == "sum_log_interpurchase":
                assert math.isclose(cell, other[name], rel_tol=1e-12, abs_tol=1e-12), case
            elif ulps and name in ("monetary_value", "total"):
                assert abs(cell - other[name]) <= ulps * math.ulp(other[name]) + 1e-9, case
            else:
                assert cell == other[name] and isinstance(cell, float) == isinstance(other[name], float), case


# Orders of every kind

IDS = ["Ada", " bob", "bob\t", "Eve@x.org", "eve@X.org ", "\u00a0zoe", "NULL", "", "n/a", None, "guest", "007", "7", "-", "#N/A", "Ötzi"]


def edge_orders(zone=None):
    """What goes wrong: days that are nearly others, returns anywhere, no amounts, nobody's orders, ids that are nearly the same."""
    start = dt.datetime(2023, 10, 27, 22, 30)
    moments = [start + dt.timedelta(hours=hours) for hours in (0, 1, 2, 25, 26, 49, 50, 51, 24 * 30, 24 * 62, 24 * 66, 24 * 70, 24 * 430)]
    amounts = [10.1, -3.3, 0.0, -0.0, 1e13, 0.1, -1e13, float("nan"), None, float("inf"), 1e-5, 2.0**-70, 29.33, -0.01, 9.99e12, 1e14]
    rng = np.random.default_rng(17)
    # Everyone has ordered once, and everything else comes at random.
    orders = [(customer, moments[i % 5], 5.25) for i, customer in enumerate(IDS)]
    orders += [(IDS[a], moments[b], amounts[c]) for a, b, c in rng.integers((len(IDS), len(moments), len(amounts)), size=(400, 3))]
    orders += [("late", moments[-1], 3.0), ("back", moments[0], -3.0), ("back", moments[9], 4.0), ("gone", moments[3], -1.0)]
    orders += [("undated", None, 3.0), ("undated", moments[3], 2.0)]
    return pa.table(
        {
            "customer_id": pa.array([customer for customer, _, _ in orders], pa.string()),
            "order_date": pa.array([moment for _, moment, _ in orders], pa.timestamp("us", zone)),
            "amount": pa.array([amount for _, _, amount in orders], pa.float64()),
            "status": pa.array([("paid", "Refunded ", None, "NA", "it's \\ ok")[i % 5] for i in range(len(orders))]),
            "score": pa.array([(1.0, None, float("nan"), 7.5)[i % 4] for i in range(len(orders))]),
            "source": pa.array([("web", " mail", None, "", "Web")[i % 5] for i in range(len(orders))]),
        }
    )


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Asia/Kathmandu", None])
def test_edges_are_those_of_clv_in_every_cell(database, zone):
    orders = edge_orders("UTC" if zone else None)
    database.load("orders", orders)
    zones = {"timezone": zone} if zone else {}
    for grain, unit, returns, until in itertools.product(UNITS, UNITS, ["net", "drop"], ["2023-10-29", "2024-01-05", "2025-06-30"]):
        if until == "2024-01-05" and (grain, unit) in {("week", "day"), ("month", "year"), ("year", "week")}:
            continue
        options = {"grain": grain, "unit": unit, "returns": returns, "until": until, **zones}
        query = clv.sql(database.dialect, exact=True, sum_log_interpurchase=True, **options)
        known = summarized(orders, sum_log_interpurchase=True, **options)
        assert_equal(rows_of(database.query(query)), known, options)


@pytest.mark.parametrize(
    "options",
    [
        {"exact_ids": True},
        {"where": ["status=paid"]},
        {"where": ["status!=refunded,na"]},
        {"where": ["status=,it's \\ ok"]},
        {"where": ["score>0"]},
        {"where": ["score<=1", "order_date>=2023-11-01"]},
        {"duplicates": "drop"},
        {"from_": "2023-10-28"},
        {"first_purchase_before": "2023-10-29", "from_": "2023-10-28"},
        {"keep": ["source", "status"]},
        {"date": "order_date", "customer": "customer_id", "amount": "amount"},
        {"quantity": "score", "price": "amount"},
        {"refund": "score", "where": ["score>0"]},
        {"refund": "score", "refund_date": "second", "where": ["score>0"]},
        {"refund": "score", "where": ["score>0"], "returns": "drop"},
    ],
    ids=str,
)
def test_every_option_says_what_it_says_to_clv(database, options):
    orders = edge_orders()
    seconds = orders["order_date"].to_pylist()[7:] + [None] * 7
    orders = orders.append_column("second", pa.array(seconds, pa.timestamp("us")))
    database.load("orders", orders)
    options = {"until": "2024-01-05", **options}
    query = clv.sql(database.dialect, exact=True, **options)
    known = summarized(orders, **options)
    assert known
    assert_equal(rows_of(database.query(query)), known, options)


def test_purchases_alone_need_no_amounts(database):
    orders = edge_orders().select(["customer_id", "order_date"])
    database.load("orders", orders)
    options = {"until": "2024-01-05", "amount": False}
    ours = rows_of(database.query(clv.sql(database.dialect, **options)))
    assert list(next(iter(ours.values()))) == ["frequency", "recency", "T", "first_purchase", "last_purchase", "orders"]
    assert_equal(ours, summarized(orders, **options))


# Types of columns

DAYS = {
    "date": lambda days: pa.array(days, pa.date32()),
    "timestamp": lambda days: pa.array([dt.datetime.combine(day, dt.time(23, 59)) for day in days], pa.timestamp("us")),
    "instant": lambda days: pa.array([dt.datetime.combine(day, dt.time(23, 59)) for day in days], pa.timestamp("us", "UTC")),
    "text": lambda days: pa.array([str(day) for day in days]),
    "text-with-time": lambda days: pa.array([f"{day}T23:59:01" for day in days]),
}
AMOUNTS = {
    "double": lambda cents: pa.array([cent / 100 for cent in cents]),
    "decimal": lambda cents: pa.array([decimal.Decimal(cent).scaleb(-2) for cent in cents], pa.decimal128(18, 2)),
    "float": lambda cents: pa.array([cent / 100 for cent in cents], pa.float32()),
    "integer": lambda cents: pa.array(cents, pa.int64()),
    "text": lambda cents: pa.array([f"{cent / 100:.2f}" for cent in cents]),
}
NUMBERS = {"text": lambda ids: pa.array([str(i) for i in ids]), "integer": lambda ids: pa.array(ids, pa.int64())}


def few_orders(seed, kinds=("text", "date", "double")):
    rng = np.random.default_rng(seed)
    days = [dt.date(2023, 1, 1) + dt.timedelta(days=int(day)) for day in rng.integers(0, 500, 300)]
    cents = [int(cent) for cent in rng.integers(-500, 5000, 300)]
    ids = [int(i) for i in rng.integers(1, 60, 300)]
    id_kind, day_kind, amount_kind = kinds
    return pa.table({"customer_id": NUMBERS[id_kind](ids), "order_date": DAYS[day_kind](days), "amount": AMOUNTS[amount_kind](cents)})


@pytest.mark.parametrize("kinds", [*itertools.product(NUMBERS, DAYS, ["double"]), *itertools.product(["text"], ["date"], AMOUNTS)], ids=str)
def test_columns_may_have_any_type(database, kinds):
    orders = few_orders(3, kinds)
    database.load("orders", orders)
    known = summarized(orders, until="2024-05-31")
    for number_ids in {False, kinds[0] == "integer"}:
        query = clv.sql(database.dialect, exact=True, until="2024-05-31", number_ids=number_ids)
        found = database.query(query)
        assert pa.types.is_integer(found.schema.field("customer_id").type) == number_ids
        assert_equal(rows_of(found), known, kinds)


def test_text_with_an_offset_has_the_day_of_the_zone(database):
    texts = ["2024-01-01T00:30:00+02:00", "2024-01-03 23:30:00Z", "2024-01-05", "2024-01-07 23:59:59", "2024-02-01T01:00:00.25-0500"]
    orders = pa.table({"customer_id": ["a"] * len(texts), "order_date": texts, "amount": [1.0, 2.0, 4.0, 8.0, 16.0]})
    database.load("orders", orders)
    for zone in (None, "UTC", "Asia/Tokyo", "America/Los_Angeles"):
        options = {"until": "2024-03-31", "unit": "day", "sum_log_interpurchase": True, **({"timezone": zone} if zone else {})}
        found = rows_of(database.query(clv.sql(database.dialect, exact=True, **options)))
        assert_equal(found, summarized(orders, **options), zone)


@pytest.mark.parametrize("dates", [["03/04/2024", "2024-02-01"], ["yesterday"], ["2024-13-01"], ["20240131"]], ids=str)
def test_text_that_is_no_date_fails_rather_than_disappear(database, dates):
    database.load("orders", pa.table({"customer_id": ["a"] * len(dates), "order_date": dates, "amount": [1.0] * len(dates)}))
    with pytest.raises(Exception, match=r"(?i)integer|int32|out of range|invalid"):
        database.query(clv.sql(database.dialect, until="2024-12-31"))


@pytest.mark.parametrize("amounts", [["12,50", "1"], ["$3", "4"], ["1.234,5", "2"]], ids=str)
def test_text_that_is_no_amount_fails_rather_than_disappear(database, amounts):
    database.load("orders", pa.table({"customer_id": ["a", "b"], "order_date": ["2024-01-01"] * 2, "amount": amounts}))
    with pytest.raises(Exception, match=r"(?i)double"):
        database.query(clv.sql(database.dialect, until="2024-12-31"))


# Sums


def test_decimals_differ_from_exact_sums_in_the_last_bits(database):
    orders = few_orders(5)
    database.load("orders", orders)
    known = summarized(orders, until="2024-05-31")
    assert_equal(rows_of(database.query(clv.sql(database.dialect, until="2024-05-31"))), known, ulps=4)


def test_small_and_large_amounts_add_up_exactly(database):
    """Where a sum of wide numbers, made a floating number, is rounded twice: a case is one in four hundred."""
    rng = np.random.default_rng(11)
    amounts = np.concatenate([rng.random(4000), rng.random(4000) * 200, rng.random(4000) * 1e6])
    rng.shuffle(amounts)
    orders = pa.table(
        {
            "customer_id": [f"c{i // 3}" for i in range(12_000)],
            "order_date": pa.array([dt.date(2024, 1, 1 + i % 3) for i in range(12_000)]),
            "amount": amounts,
        }
    )
    database.load("orders", orders)
    ours = rows_of(database.query(clv.sql(database.dialect, exact=True, until="2024-01-31")))
    assert_equal(ours, summarized(orders, until="2024-01-31"))
    for i in range(4000):
        # The module of Python adds without rounding, too.
        assert ours[f"c{i}"]["total"] == math.fsum(amounts[3 * i : 3 * i + 3])


def test_bundled_orders_are_the_same_to_the_last_bit(database, sample):
    orders = pa.Table.from_pandas(sample, preserve_index=False)
    database.load("orders", orders)
    for options in ({"until": "1997-09-30"}, {"until": "1998-06-30", "grain": "week", "unit": "week"}):
        assert_equal(rows_of(database.query(clv.sql(database.dialect, exact=True, **options))), summarized(orders, **options))


# Two thousand order books

COMBINATIONS = list(itertools.product(UNITS, UNITS, ["net", "drop"]))
BOOKS_EACH = 63


def order_books(number):
    """Sixty-three order books of a few customers, whose ids tell to which they belong."""
    rng = np.random.default_rng(1000 + number)
    ids, moments, amounts = [], [], []
    for book in range(BOOKS_EACH):
        customers, orders = int(rng.integers(1, 6)), int(rng.integers(1, 25))
        days = int(rng.choice([3, 40, 400, 1500]))
        scale = rng.choice([1e-3, 1.0, 100.0, 1e9])
        for _ in range(orders):
            ids.append(f"{book}:{rng.integers(customers)}")
            moments.append(dt.datetime(2021, 1, 1) + dt.timedelta(seconds=int(rng.integers(0, 86_400 * days))))
            amount = rng.choice(
                [rng.random() * scale, round(rng.random() * 100, 2), 0.0, -round(rng.random() * 60, 2)], p=[0.3, 0.45, 0.05, 0.2]
            )
            amounts.append(float(amount))
        # Each has purchased.
        ids.append(f"{book}:0")
        moments.append(dt.datetime(2021, 1, 1, 5))
        amounts.append(1.5)
    zone = ["UTC", None][number % 2]
    return pa.table({"customer_id": ids, "order_date": pa.array(moments, pa.timestamp("us", zone)), "amount": amounts}), zone


def test_two_thousand_order_books_are_the_same_in_every_cell(database):
    assert len(COMBINATIONS) * BOOKS_EACH >= 2000
    zones = ["Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe"]
    for number, (grain, unit, returns) in enumerate(COMBINATIONS):
        orders, zone = order_books(number)
        options = {"grain": grain, "unit": unit, "returns": returns, "until": ["2021-02-14", "2022-03-31", "2025-12-31"][number % 3]}
        if zone:
            options["timezone"] = zones[number % len(zones)]
        database.load("orders", orders)
        query = clv.sql(database.dialect, exact=True, sum_log_interpurchase=True, **options)
        assert_equal(rows_of(database.query(query)), summarized(orders, sum_log_interpurchase=True, **options), options)


# Counted rows


def test_counted_rows_are_the_customers_without_their_ids(database):
    orders = edge_orders()
    database.load("orders", orders)
    for options in ({}, {"keep": ["source"]}, {"amount": False}):
        given = {"until": "2024-01-05", "grain": "week", **options}
        counted = database.query(clv.sql(database.dialect, exact=True, counted=True, **given))
        names = ["frequency", "recency", "T", *([] if "amount" in options else ["monetary_value"]), *options.get("keep", [])]
        assert counted.column_names == [*names, *TIMES, "customers"]
        ours = Counter()
        for row in counted.to_pylist():
            key = tuple(row[name] for name in names)
            assert key not in ours
            ours[key] = row["customers"]
        assert ours == Counter(tuple(row[name] for name in names) for row in summarized(orders, **given).values())


def test_models_are_those_of_the_customers_who_were_counted(database, sample, tmp_path, command):
    import pyarrow.parquet as pq

    database.load("orders", pa.Table.from_pandas(sample, preserve_index=False))
    counted = database.query(clv.sql(database.dialect, exact=True, counted=True, until="1997-09-30"))
    known = clv.BgNbd().fit(clv.summarize(sample, until="1997-09-30"))
    fitted = clv.BgNbd().fit(counted, sample_weight="customers")
    assert fitted.params_ == known.params_ and fitted.spend_.params_ == known.spend_.params_
    pq.write_table(counted, tmp_path / "counted.parquet")
    fit = [command, "fit", "counted.parquet", "--weights", "customers", "-o", "model.json"]
    subprocess.run(fit, cwd=tmp_path, check=True, capture_output=True)
    assert clv.load(tmp_path / "model.json").params_ == known.params_


# The text

FILES = sorted((Path(__file__).parents[2] / "tests/data/sql").glob("*.sql"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_dialect_parses(path):
    """The files are what clv writes: `tests/integration/sql.rs`."""
    dialect, _, example = path.stem.partition("-")
    (parsed,) = sqlglot.parse(path.read_text(), read=dialect)
    names = [column.alias_or_name.lower() for column in parsed.selects]
    others = {"orders": ["customer_id", "clv_order_day", "clv_order_amount", "country"], "audit": ["reason", "row_count"]}
    if example in others:
        assert names == others[example]
    else:
        assert names[-4:] == [*TIMES, "customers"] if example == "counted" else names[-3:] == list(TIMES)
    assert parsed.find(sqlglot.exp.Command) is None


def test_all_dialects_have_files():
    assert {path.stem.partition("-")[0] for path in FILES} == set(DIALECTS)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_names_and_texts_of_the_users_stay_names_and_texts(dialect):
    """Whatever stands in a name or a word of a condition, the query has the same form."""
    texts = (sqlglot.exp.Literal, sqlglot.exp.ByteString)

    def form(name, word):
        text = clv.sql(dialect, name, customer=name, until="2024-12-31", keep=[name + "2"], where=[f'{name}="{word}"', f"{name}>1"])
        (parsed,) = sqlglot.parse(text, read=dialect)
        tables = {table.name.lower() for table in parsed.find_all(sqlglot.exp.Table)}
        assert name.lower() in tables
        assert word in [literal.this for literal in parsed.find_all(*texts)]
        return Counter(type(node).__name__ for node in parsed.walk() if not isinstance(node, (sqlglot.exp.Identifier, *texts)))

    usual = form("x", "y")
    hostile = ['a"; drop table b; --', "a' or 1", "a -- b", "a/*b", "a)b", "{{ a }}"]
    hostile += [] if dialect == "bigquery" else ["a`b"]
    for name in hostile:
        assert form(name, "y") == usual, name
    for word in ["it's", "'; drop table b; --", "\\", "\\'; drop", "$$", "%s", "it''s"]:
        # Words are compared in lower case.
        assert form("x", word) == usual, word


@pytest.mark.parametrize("name", ["", "a\nb", "a\x00", "shop.", ".orders", '"a'])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(clv.UsageError, match=r"is no name of a table|does not close"):
        clv.sql("duckdb", name, until="2024-12-31")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"date_format": "%d/%m/%Y"}, "date_format is not part of a query: dates are of a type of the database"),
        ({"decimal_comma": True}, "decimal_comma is not part of a query: amounts are numbers"),
        ({"thousands": " "}, "thousands is not part of a query"),
        ({"currency": "EUR"}, "currency is not part of a query: name the rows"),
        ({"rates": {"currency": ["USD"], "rate": [1.0]}}, "rates is not part of a query"),
        ({"order": "id"}, "order is not part of a query: put the lines of an order together in a view"),
        ({"amount_per": "line"}, "amount_per is not part of a query"),
        ({"refund": "r", "refund_per": "line"}, "refund_per is not part of a query"),
        ({"repeated_orders": "first"}, "repeated_orders is not part of a query"),
        ({"max_left_out": 0.5}, "max_left_out is not part of a query"),
        ({"strict": True}, "strict is not part of a query"),
        ({"ignore": ["status"]}, "ignore is not part of a query"),
        ({"returns": "error"}, "returns is not part of a query: it cannot fail for a return; give returns='net'"),
        ({"from_": "2024-01-03", "grain": "week"}, "cuts a week in two"),
        ({"quantity": "q"}, "quantity and price go together"),
        ({"until": None}, "a query needs the last day of the observation"),
        ({"keep": ["T"]}, "called like one of the summary"),
        ({"keep": ["a", "A"]}, "called like one of the summary, or twice"),
        ({"timezone": "Mars"}, "no time zone `Mars`"),
    ],
    ids=str,
)
def test_what_no_query_can_do_is_refused_by_name(options, words):
    with pytest.raises(clv.UsageError) as refused:
        clv.sql("postgres", **{"until": "2024-12-31"} | options)
    assert words in str(refused.value)


def test_every_option_of_orders_is_honoured_or_refused():
    """A new option is refused until the query honours it."""
    given = {
        "customer": "c",
        "date": "d",
        "amount": "a",
        "quantity": "q",
        "price": "p",
        "where": ["s=x"],
        "unit": "day",
        "grain": "week",
        "from_": "2024-01-01",
        "first_purchase_before": "2024-12-02",
        "timezone": "Asia/Tokyo",
        "exact_ids": True,
        "returns": "drop",
        "duplicates": "drop",
        "keep": ["k"],
        "refund": "r",
        "refund_date": "f",
    }
    refused = {"date_format", "decimal_comma", "thousands", "currency", "rates", "order", "amount_per", "refund_per", "repeated_orders"}
    refused |= {"max_left_out", "encoding", "sheet", "strict", "ignore"}
    names = set(clv.keywords.names_of(clv.Orders.__init__)) - {"orders", "query", "until"}
    assert names == given.keys() | refused
    usual = clv.sql("duckdb", until="2024-12-31")
    partners = {"price": {"quantity": "q"}, "quantity": {"price": "p"}, "refund_date": {"refund": "r"}}
    for name, value in given.items():
        other = clv.sql("duckdb", until="2024-12-31", **{name: value, **partners.get(name, {})})
        assert other.splitlines()[4:] != usual.splitlines()[4:], name


def test_a_query_may_stand_in_place_of_a_table(database):
    orders = few_orders(4)
    database.load("orders", orders)
    query = clv.sql(
        database.dialect,
        query="select customer_id, order_date, 2 * amount as amount from orders -- all of them\n;",
        exact=True,
        until="2024-05-31",
    )
    doubled = orders.set_column(2, "amount", pa.array([2 * amount for amount in orders["amount"].to_pylist()]))
    assert_equal(rows_of(database.query(query)), summarized(doubled, until="2024-05-31"))
    with pytest.raises(clv.UsageError, match="give one of them"):
        clv.sql(database.dialect, "shop.orders", query="select 1", until="2024-05-31")


def test_the_text_says_what_made_it(command):
    arguments = ["--table", "shop.orders", "--until", "1997-09-30", "--unit", "day", "--where", "note=a\nb"]
    run = subprocess.run([command, "sql", "--dialect", "duckdb", *arguments], capture_output=True, text=True, check=True)
    assert run.stdout == clv.sql("duckdb", "shop.orders", until="1997-09-30", unit="day", where="note=a\nb")
    (head,) = [line for line in run.stdout.splitlines() if line.startswith("-- Made by clv ")]
    version, _, said = head.removeprefix("-- Made by clv ").partition(" from ")
    said = json.loads(said)
    assert version == clv.__version__
    assert said["table"] == "shop.orders" and said["unit"] == "day" and said["where"] == ["note=a\nb"] and "grain" not in said
    as_json = subprocess.run([command, "sql", "--dialect", "duckdb", *arguments, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(as_json.stdout)["query"] == run.stdout


@pytest.mark.parametrize(
    "flags", [["--memory", "1G"], ["--delimiter", ";"], ["--strict"], ["--order", "id"], ["--rates", "x.csv", "--currency", "EUR"]]
)
def test_the_command_refuses_what_no_query_can_do(command, flags):
    refused = subprocess.run(
        [command, "sql", "--dialect", "postgres", "--until", "2024-12-31", *flags], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2 and flags[0] in refused.stderr, refused.stderr
    assert refused.stdout == ""


def test_what_a_query_wrote_is_a_summary_to_clv(database, tmp_path, command):
    """In whatever letters a database writes its columns: PostgreSQL folds T to t, Snowflake everything to capitals."""
    import pyarrow.parquet as pq

    database.load("orders", few_orders(9))
    orders = few_orders(9)
    summary = database.query(clv.sql(database.dialect, exact=True, until="2024-05-31", grain="week"))
    for fold in (str, str.lower, str.upper):
        folded = summary.rename_columns([fold(name) for name in summary.column_names])
        pq.write_table(folded, tmp_path / "summary.parquet")
        fitted = clv.BgNbd().fit(str(tmp_path / "summary.parquet"))
        known = clv.BgNbd().fit(clv.summarize(orders, until="2024-05-31", grain="week"))
        assert fitted.params_ == known.params_ and (fitted.unit, fitted.grain, fitted.until) == (known.unit, known.grain, known.until)
