"""Spark: whoever folds, however the rows are divided, and whatever fails on the way, in every cell what clv says on one machine."""

import datetime as dt
import decimal
import venv

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import sparks
from returned import assert_equal, orders_of, rows_of
from test_sql import edge_orders

import clv

pytestmark = [
    pytest.mark.filterwarnings("ignore::clv.DataWarning"),
    pytest.mark.filterwarnings("ignore::clv.FitWarning"),
    # Of Spark itself.
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning:pyspark"),
]

UNTIL = "1998-03-31"
WAYS = [{}, {"combine": True}, {"engine": "sql"}]


@pytest.fixture(scope="module")
def spark(java):
    with sparks.running("local[2]") as session:
        yield session


@pytest.fixture(scope="module")
def orders(sample_path):
    return orders_of(sample_path)


@pytest.fixture(scope="module")
def whole(orders):
    return pa.table(clv.summarize(orders, until=UNTIL))


@pytest.fixture(scope="module")
def model(whole):
    return clv.BgNbd().fit(whole)


@pytest.fixture(scope="module")
def frame(spark, orders):
    """The orders in seven partitions."""
    return spark.createDataFrame(orders).repartition(7)


@pytest.fixture(scope="module")
def summary(spark, frame, tmp_path_factory):
    """Their customers, written and read again."""
    path = str(tmp_path_factory.mktemp("spark") / "summary")
    clv.spark.summarize(frame, until=UNTIL, keep=["channel"], sum_log_interpurchase=True).write.parquet(path)
    return spark.read.parquet(path)


def on_the_wall(spark, table):
    """A frame whose times have no zone, as they stand in the table."""
    spark.conf.set("spark.sql.timestampType", "TIMESTAMP_NTZ")
    try:
        return spark.createDataFrame(table)
    finally:
        spark.conf.unset("spark.sql.timestampType")


# Orders


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("partitions", [1, 7])
def test_the_summary_is_that_of_one_machine(spark, orders, whole, partitions, way):
    rng = np.random.default_rng(partitions)
    shuffled = spark.createDataFrame(orders.take(rng.permutation(len(orders)))).repartition(partitions)
    assert shuffled.rdd.getNumPartitions() == partitions
    made = clv.spark.summarize(shuffled, until=UNTIL, **way).toArrow()
    assert_equal(made, whole)
    assert {(row["unit"], row["grain"], row["observed_until"]) for row in made.to_pylist()} == {("week", "day", dt.date(1998, 3, 31))}


def test_both_engines_have_the_same_columns(spark, frame):
    options = {"until": UNTIL, "keep": ["channel"], "sum_log_interpurchase": True}
    one, other = (clv.spark.summarize(frame, engine=engine, **options).schema for engine in ("arrow", "sql"))
    assert [(field.name, field.dataType) for field in one] == [(field.name, field.dataType) for field in other]
    kinds = {field.name: field.dataType.simpleString() for field in one}
    assert (kinds["customer_id"], kinds["frequency"], kinds["orders"], kinds["T"]) == ("string", "bigint", "bigint", "double")
    ids = spark.createDataFrame(pa.table({"customer_id": pa.array([7], pa.int32()), "order_date": [dt.date(1997, 1, 1)], "amount": [1.0]}))
    for engine in ("arrow", "sql"):
        assert clv.spark.summarize(ids, until=UNTIL, engine=engine).schema["customer_id"].dataType.simpleString() == "bigint"


EDGES = [
    {"exact_ids": True, "grain": "week"},
    {"where": ["status=paid"], "unit": "month", "grain": "month"},
    {"where": ["score<=1", "order_date>=2023-11-01", "status!=refunded,na"], "unit": "day"},
    {"duplicates": "drop", "returns": "drop"},
    {"from_": "2023-10-28", "first_purchase_before": "2023-10-30", "until": "2025-06-30"},
    {"keep": ["source", "status"]},
    {"quantity": "score", "price": "amount"},
    {"refund": "score", "refund_date": "second", "where": ["score>0"], "keep": ["source"]},
    {"refund": "score", "where": ["score>0"], "returns": "drop"},
    {"amount": False, "unit": "year"},
]


@pytest.mark.parametrize("options", EDGES, ids=str)
def test_every_option_says_what_it_says_to_clv(spark, options):
    edges = edge_orders()
    seconds = edges["order_date"].to_pylist()[7:] + [None] * 7
    edges = edges.append_column("second", pa.array(seconds, pa.timestamp("us")))
    options = {"until": "2024-01-05", **options}
    known = pa.table(clv.summarize(edges, max_left_out=1.0, **options))
    frame = on_the_wall(spark, edges).repartition(3)
    for way in WAYS:
        assert_equal(clv.spark.summarize(frame, **options, **way).toArrow(), known)


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Asia/Kathmandu"])
def test_days_are_those_of_the_zone_that_is_given(spark, zone):
    edges = edge_orders("UTC")
    frame = spark.createDataFrame(edges)
    assert frame.schema["order_date"].dataType.simpleString() == "timestamp"
    options = {"timezone": zone, "until": "2024-01-05"}
    known = pa.table(clv.summarize(edges, max_left_out=1.0, **options))
    for engine in ("arrow", "sql"):
        assert_equal(clv.spark.summarize(frame, engine=engine, **options).toArrow(), known)


def test_a_timestamp_without_a_zone_to_take_its_day_in_is_a_question(spark):
    frame = spark.createDataFrame(edge_orders("UTC"))
    with pytest.raises(clv.UsageError, match=r"give timezone=.*Pacific/Auckland"):
        clv.spark.summarize(frame, until="2024-01-05")
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    try:
        known = pa.table(clv.summarize(edge_orders("UTC"), max_left_out=1.0, until="2024-01-05"))
        assert_equal(clv.spark.summarize(frame, until="2024-01-05").toArrow(), known)
    finally:
        spark.conf.set("spark.sql.session.timeZone", sparks.SETTINGS["spark.sql.session.timeZone"])


def test_decimals_and_written_days_are_taken(spark, orders, whole):
    amounts = [decimal.Decimal(str(amount)) for amount in orders["amount"].to_pylist()]
    texts = orders.set_column(2, "amount", pa.array(amounts, pa.decimal128(38, 12)))
    texts = texts.set_column(1, "order_date", pc.cast(texts["order_date"], pa.string()))
    for engine in ("arrow", "sql"):
        assert_equal(clv.spark.summarize(spark.createDataFrame(texts), until=UNTIL, engine=engine).toArrow(), whole)


@pytest.mark.parametrize("ansi", ["true", "false"])
@pytest.mark.parametrize("engine", ["arrow", "sql"])
def test_a_day_that_is_none_fails_and_no_row_is_lost(spark, engine, ansi):
    wrong = pa.table({"customer_id": ["a", "b"], "order_date": ["2024-01-01", "01/02/2024"], "amount": [1.0, 2.0]})
    spark.conf.set("spark.sql.ansi.enabled", ansi)
    try:
        summary = clv.spark.summarize(spark.createDataFrame(wrong), until="2024-12-31", engine=engine)
        with pytest.raises(Exception, match="this is no date: 01/02/2024"):
            summary.toArrow()
    finally:
        spark.conf.unset("spark.sql.ansi.enabled")


def test_nothing_runs_before_it_is_used_and_no_row_comes_to_the_driver(spark, frame, model):
    clv.spark.summarize(frame, until=UNTIL)
    spark.sparkContext.setJobGroup("lazy", "nothing")
    made = clv.spark.summarize(frame, until=UNTIL, where=["amount>0"])
    for way in WAYS[1:]:
        clv.spark.summarize(frame, until=UNTIL, **way)
    clv.spark.predict(model, made, ["3m"], margin=0.3)
    clv.spark.audit(frame, until=UNTIL)
    assert list(spark.sparkContext.statusTracker().getJobIdsForGroup("lazy")) == []
    spark.sparkContext.setJobGroup("all", "everything")


def test_what_is_asked_of_clv_is_asked_of_spark(spark, frame, whole, model):
    made = clv.summarize(frame, until=UNTIL)
    assert type(made) is type(frame)
    assert_equal(made.toArrow(), whole)
    answers = model.predict(made, ["3m"], margin=0.5)
    assert type(answers) is type(frame)
    assert_equal(answers.toArrow(), pa.table(model.predict(whole, ["3m"], margin=0.5)))
    assert clv.count(made).customers == len(whole)
    for other in (lambda: clv.BgNbd().fit(made), lambda: clv.Orders(frame), lambda: clv.evaluate(frame), lambda: model.totals(made)):
        with pytest.raises(clv.UsageError, match=r"what clv\.spark makes of it where it is"):
            other()
    with pytest.raises(clv.UsageError, match="a state takes files"):
        clv.summarize(frame, state="state.parquet")


@pytest.mark.parametrize(
    "options, error, words",
    [
        ({"until": None}, clv.UsageError, "give until"),
        ({"engine": "rust"}, clv.UsageError, "give 'arrow' or 'sql'"),
        ({"engine": "sql", "combine": True}, clv.UsageError, "combine is about"),
        ({"customer": "client"}, clv.DataError, "no column `client`; there are customer_id, .*customer= names another"),
        ({"date": "amount"}, clv.DataError, r"date is of type double, .*to_date"),
        ({"amount": "channel"}, clv.DataError, r"amount is text, .*cast"),
        ({"amount": "order_date"}, clv.DataError, "amount is of type date"),
        ({"customer": "amount"}, clv.DataError, 'customers are of type double, .*cast\\("bigint"\\)'),
        ({"keep": ["nothing"]}, clv.DataError, "no column `nothing`"),
        ({"keep": ["amount"], "unit": "day", "strict": True}, clv.UsageError, "strict.* is not part of a query"),
        ({"decimal_comma": True}, clv.UsageError, "decimal_comma.* is not part of a query"),
        ({"rates": "rates.csv"}, clv.UsageError, "rates"),
        ({"query": "select 1"}, clv.UsageError, "query goes to a connection"),
        ({"untill": UNTIL}, TypeError, "did you mean 'until'"),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_before_anything_runs(frame, options, error, words):
    with pytest.raises(error, match=words):
        clv.spark.summarize(frame, **{"until": UNTIL, **options})


def test_a_stream_is_no_table(spark):
    stream = spark.readStream.format("rate").load()
    with pytest.raises(clv.UsageError, match="a stream, of which a batch holds some"):
        clv.spark.summarize(stream, until=UNTIL)


def test_names_are_quoted(spark):
    name = "a `{b}` \\ 'c\" -- €"
    orders = pa.table(
        {name: ["x", "x"], "order.date": [dt.date(2024, 1, 1), dt.date(2024, 2, 1)], "{amount}": [1.0, 2.5], "T": ["{}", None]}
    )
    options = {"customer": name, "date": "order.date", "amount": "{amount}", "until": "2024-03-01", "where": ["T!={}x"]}
    known = pa.table(clv.summarize(orders, **options))
    for way in WAYS:
        assert_equal(clv.spark.summarize(spark.createDataFrame(orders), **options, **way).toArrow(), known)


@pytest.mark.parametrize("options", [{}, {"where": ["status=paid"], "returns": "drop"}, {"amount": False}, {"exact_ids": True}], ids=str)
def test_rows_that_are_no_orders_are_counted_by_reason(spark, options):
    options = {"until": "2023-12-31", **options}
    known = clv.Orders(edge_orders(), max_left_out=1.0, **options).read
    reasons = {row["reason"]: row["row_count"] for row in clv.spark.audit(on_the_wall(spark, edge_orders()), **options).collect()}
    assert reasons.pop("order") == known["orders"]
    assert {reason: rows for reason, rows in reasons.items() if rows} == {
        reason: rows for reason, rows in known["left_out"].items() if rows
    }


def test_executors_without_the_package_are_told_of_before_the_job(spark, frame, tmp_path):
    from clv.spark import executors

    venv.create(tmp_path / "bare", symlinks=True)
    known, spark.sparkContext.pythonExec = spark.sparkContext.pythonExec, str(tmp_path / "bare/bin/python")
    executors._checked.discard(spark)
    try:
        words = "the Python of the executors, .*bare.*, cannot import pyarrow .*PYSPARK_PYTHON"
        with pytest.raises(clv.UsageError, match=words):
            clv.spark.summarize(frame, until=UNTIL)
        assert clv.spark.summarize(frame, until=UNTIL, engine="sql").count() > 0
        spark.sparkContext.pythonExec = str(tmp_path / "nowhere/python")
        with pytest.raises(clv.UsageError, match=r"the executors cannot run Python: .*Cannot run program"):
            clv.spark.summarize(frame, until=UNTIL)
    finally:
        spark.sparkContext.pythonExec = known
    clv.spark.summarize(frame, until=UNTIL)


# What then came


def test_forecasts_of_all_are_held_against_what_came(frame, orders):
    given = {"split": "1997-09-30", "until": UNTIL, "models": ["bg-nbd", "pareto-nbd"]}
    known = clv.evaluate(orders, **given)
    made = clv.spark.evaluate(frame, **given, sample=1_000_000)
    assert made.sampled == made.customers == known.scores["customers"][0].as_py()
    assert made.sample.scores.equals(known.scores)
    theirs = {row["forecaster"]: row for row in known.scores.to_pylist() if row["what"] == "purchases"}
    for row in made.scores.to_pylist():
        for name, number in row.items():
            other = theirs[row["forecaster"]][name]
            assert number == other if not isinstance(number, float) else np.isclose(number, other, rtol=1e-11, atol=0), name
    few, again = (clv.spark.evaluate(frame.repartition(n), **given, sample=500) for n in (2, 5))
    assert 350 < few.sampled < 650 and few.sample.scores.equals(again.sample.scores) and few.scores.equals(again.scores)
    assert few.scores.equals(made.scores)
    assert f"Of {few.sampled:,} customers" in repr(few)
    for wrong, words in [
        ({"models": "auto"}, "there is no 'auto' here"),
        ({"split": UNTIL}, "is no day after"),
        ({"sample": 0}, "sample="),
    ]:
        with pytest.raises(clv.Error, match=words):
            clv.spark.evaluate(frame, **{**given, **wrong})


# Counts


def test_counts_are_those_of_one_machine(summary, orders, whole):
    known, made = clv.count(whole), clv.spark.count(summary)
    for part in ("timing", "spend"):
        assert getattr(made, part).equals(getattr(known, part))
    assert (made.customers, made.unit, made.grain, made.until) == (known.customers, "week", "day", UNTIL)
    for name in ("BgNbd", "ParetoNbd"):
        one, other = (getattr(clv, name)().fit(counts).to_json() for counts in (made, known))
        assert one == other
    kept = pa.table(clv.summarize(orders, until=UNTIL, keep=["channel"]))
    told, apart = clv.count(kept, by="channel", joint=True), clv.spark.count(summary, by="channel", joint=True)
    assert apart.joint.equals(told.joint) and apart.timing.equals(told.timing) and apart.by == ["channel"]
    assert model_totals(apart) == model_totals(told)


def model_totals(counts):
    return pa.table(clv.BgNbd().fit(counts).totals(counts, ["12m"], intervals=[80])).to_pylist()


def test_counts_without_amounts(spark, orders):
    alone = orders.select(["customer_id", "order_date"])
    known = clv.count(pa.table(clv.summarize(alone, until=UNTIL, amount=False)))
    made = clv.spark.count(clv.spark.summarize(spark.createDataFrame(alone), until=UNTIL, amount=False))
    assert made.spend is None and made.timing.equals(known.timing)


def test_counts_have_a_limit_and_say_what_to_do(summary):
    with pytest.raises(clv.UsageError, match=r"more than 10 distinct histories.*unit='week'.*rounded.*sample.*max_rows="):
        clv.spark.count(summary, max_rows=10)
    with pytest.raises(clv.DataError, match="no column `observed_until`"):
        clv.spark.count(summary.drop("observed_until"))
    with pytest.raises(clv.DataError, match="no column `channel_2`"):
        clv.spark.count(summary, by="channel_2")
    from pyspark.sql import functions

    mixed = summary.withColumn("unit", functions.when(functions.col("frequency") > 1, "day").otherwise("week"))
    with pytest.raises(clv.DataError, match="`unit` is day in some rows and week in others"):
        clv.spark.count(mixed)
    with pytest.raises(clv.DataError, match="nobody is in it"):
        clv.spark.count(summary.where("frequency < 0"))


def test_where_spark_hands_over_no_arrow_bytes_do(summary, whole):
    from clv.spark import schemas

    through = schemas._through_bytes(summary)
    assert rows_of(through) == rows_of(schemas.collected(summary))
    nobody = schemas._through_bytes(summary.where("frequency < 0"))
    assert nobody.num_rows == 0 and nobody.column_names == through.column_names and nobody.schema.types == through.schema.types


# Answers


@pytest.mark.parametrize(
    "questions",
    [
        {"margin": 0.3, "discount": 0.1, "intervals": [80], "median": True, "over": [50.0], "counts": 2, "next": [80]},
        {"margin": "share", "cac": "cost", "standard_errors": True, "parameter_draws": 20, "intervals": [50]},
    ],
    ids=str,
)
def test_predictions_are_those_of_one_machine(summary, whole, model, questions):
    from pyspark.sql import functions

    share, cost = pc.divide(pc.add(pc.cast(whole["frequency"], pa.float64()), 1.0), 100.0), pc.multiply(pc.abs(whole["total"]), 0.1)
    told = whole.append_column("share", share).append_column("cost", cost)
    frame = summary.withColumn("share", (functions.col("frequency") + 1.0) / 100.0).withColumn("cost", functions.abs("total") * 0.1)
    known = pa.table(model.predict(told, ["3m", "12m"], **questions))
    for partitions in (1, 7):
        made = clv.spark.predict(model, frame.repartition(partitions), ["3m", "12m"], **questions).toArrow()
        assert made.column_names == known.column_names
        assert_equal(made, known)


def test_models_with_covariates_answer_each_customer(summary, orders):
    kept = pa.table(clv.summarize(orders, until=UNTIL, keep=["channel"]))
    model = clv.BgNbd(covariates="channel", covariate_sd=1.0, spend=None).fit(kept)
    assert_equal(clv.spark.predict(model, summary, ["3m"]).toArrow(), pa.table(model.predict(kept, ["3m"])))
    with pytest.raises(clv.UsageError, match="the model has covariates"):
        clv.spark.register(summary.sparkSession, model)
    told = clv.BgNbd(covariates="channel", customer_table=kept.select(["customer_id", "channel"]), covariate_sd=1.0, spend=None).fit(kept)
    with pytest.raises(clv.UsageError, match="customer_table"):
        clv.spark.predict(told, summary)


def test_the_model_tells_the_unit_where_a_partition_cannot(spark):
    # Of customers of today alone T is 0 in every unit.
    orders = pa.table({"customer_id": ["a", "b"], "order_date": [dt.date(1998, 3, 31)] * 2, "amount": [1.0, 2.0]})
    model = clv.BgNbd.from_params(r=0.24, alpha=30.8, a=0.8, b=2.4, unit="day", until=UNTIL)
    known = pa.table(clv.summarize(orders, until=UNTIL, unit="day"))
    made = clv.spark.summarize(spark.createDataFrame(orders), until=UNTIL, unit="day")
    told = pa.table(model.predict(known, ["90d"]))
    for frame in (made, made.drop("unit"), made.drop("unit", "grain", "observed_until")):
        assert_equal(clv.spark.predict(model, frame, ["90d"]).toArrow(), told)


def test_functions_of_sql_say_what_the_model_does(spark, summary, whole, model):
    assert clv.spark.register(spark, model) == ["clv_p_alive", "clv_purchases", "clv_spend"]
    summary.createOrReplaceTempView("clv_customers")
    asked = "clv_p_alive(frequency, recency, T) p, clv_purchases(frequency, recency, T, 90) n, clv_spend(frequency, monetary_value) m"
    made = {row["customer_id"]: row for row in spark.sql(f"select customer_id, {asked} from clv_customers").collect()}
    known = pa.table({name: whole[name] for name in ("customer_id", "frequency", "recency", "T", "monetary_value")})
    columns = (model.p_alive(known), model.expected_purchases(known, 90 / 7), model.spend_.expected_spend(known))
    for customer, *answers in zip(whole["customer_id"].to_pylist(), *columns):
        assert [made[customer][name] for name in "pnm"] == answers
    row = spark.sql("select clv_p_alive(null, 1D, 2D) p, clv_spend(1, 20.5) m").first()
    assert row["p"] is None and row["m"] > 0


def test_models_that_score_nobody_are_refused(spark, summary, model):
    with pytest.raises(clv.UsageError, match="give a fitted model of when customers purchase"):
        clv.spark.predict(model.spend_, summary)
    with pytest.raises(clv.UsageError, match="calibrate learns"):
        clv.spark.predict(model, summary, calibrate="orders.csv")
    with pytest.raises(clv.UsageError, match="margin is one for all"):
        clv.spark.predict(model, summary, margin=[0.1, 0.2])
    with pytest.raises(clv.UsageError, match="give a DataFrame of Spark"):
        clv.spark.predict(model, pa.table({}))
    with pytest.raises(clv.UsageError, match="time unit is not known"):
        clv.spark.register(spark, clv.BgNbd.from_params(r=0.24, alpha=4.4, a=0.8, b=2.4))
