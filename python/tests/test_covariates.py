"""Covariates: options, tables of customers, coefficients, predictions, new customers, files, refusals; each as the command has it."""

import json
import math
import subprocess
import warnings

import numpy as np
import pandas as pd
import pytest

import clv

UNTIL = "2020-12-31"


def shop_orders():
    """Orders of 160 customers, of whom online ones come twice as often, and a table with the age of all but one."""
    orders, ages = [], []
    for customer in range(160):
        online = customer % 3 == 0
        repeats = (customer * 7 % 5) * (2 if online else 1) // (1 + customer % 4)
        for order in range(repeats + 1):
            day = (customer * 11 % 60) + order * (9 + customer % 13)
            date = f"2020-{1 + day // 28:02}-{1 + day % 28:02}"
            amount = 10 + (customer * 13 + order * 5) % 30 + (8 if online else 0)
            orders.append((f"c{customer:03}", date, amount, "online" if online else "store, mall"))
        if customer != 5:
            ages.append((f"c{customer:03}", 20 + customer * 17 % 50))
    ages.append(("9999", 40))
    return pd.DataFrame(orders, columns=["customer_id", "date", "amount", "channel"]), pd.DataFrame(ages, columns=["customer_id", "age"])


ORDERS, AGES = shop_orders()


@pytest.fixture(scope="module")
def shop():
    """The summary with the channel, and the table of ages."""
    return clv.summarize(ORDERS, until=UNTIL, keep=["channel"]), AGES


@pytest.fixture(scope="module")
def by_channel(shop):
    """BG/NBD and Gamma-Gamma by channel."""
    return clv.BgNbd(purchase_covariates="channel", spend_covariates=["channel"]).fit(shop[0])


def run(command, folder, *arguments):
    return subprocess.run([command, *arguments], cwd=folder, capture_output=True, text=True, check=True)


def test_a_fit_and_predictions_are_those_of_the_command_to_the_bit(command, shop, tmp_path):
    summary, ages = shop
    ORDERS.to_csv(tmp_path / "orders.csv", index=False)
    ages.to_csv(tmp_path / "ages.csv", index=False)
    asked = ["--purchase-covariates", "channel,age", "--spend-covariates", "channel,log(frequency)", "--customer-table", "ages.csv"]
    run(command, tmp_path, "fit", "orders.csv", "--until", UNTIL, *asked, "-o", "theirs.json")
    with pytest.warns(clv.DataWarning, match=r"1 customer without a row in customer_table, such as `c005`"):
        model = clv.BgNbd(purchase_covariates=["channel", "age"], spend_covariates=["channel", "log(frequency)"], customer_table=ages).fit(
            summary
        )
    theirs = json.loads((tmp_path / "theirs.json").read_text())
    assert json.loads(model.to_json()) == theirs

    # The one's file in the other's hands.
    model.save(tmp_path / "ours.json")
    horizons = ("3m", "12m")
    tell = ["--horizons", ",".join(horizons), "--customer-table", "ages.csv", "--intervals", "80", "-o", "table.csv"]
    run(command, tmp_path, "predict", "orders.csv", "--until", UNTIL, "--model", "ours.json", *tell)
    table = pd.read_csv(tmp_path / "table.csv", dtype={"customer_id": str}).set_index("customer_id")
    loaded = clv.load(tmp_path / "theirs.json").set_params(customer_table=str(tmp_path / "ages.csv"))
    assert loaded.purchase_covariates == ["channel", "age"] and loaded.spend_covariates == ["channel", "log(frequency)"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", clv.DataWarning)
        ours = loaded.predict(summary, horizons, intervals=[80]).set_index("customer_id").loc[table.index]
        again = loaded.fit(summary)
    for name in ("p_alive", "purchases_3m", "purchases_12m", "clv_12m", "value_12m_lo80", "value_12m_hi80"):
        assert (ours[name].to_numpy() == table[name].to_numpy()).all(), name
    assert json.loads(again.to_json()) == theirs

    new = ["--with", "channel=store, mall", "--with", "age=30", "--horizons", "12m", "-o", "new.csv"]
    run(command, tmp_path, "predict", "--new", "--model", "ours.json", *new)
    new_customer = pd.read_csv(tmp_path / "new.csv")
    ours = model.predict_new(["12m"], with_={"channel": "store, mall", "age": 30})
    for name in ("purchases_12m", "clv_12m"):
        assert ours.column(name)[0] == new_customer[name][0]


def assert_to_the_bit(made, theirs, *others):
    """Tables by name, those of the command as records; `others` may differ."""
    assert {*made.tables} == {*theirs}

    def plain(cell):
        return None if cell is None or (isinstance(cell, (float, np.floating)) and math.isnan(cell)) else cell

    for name in {*theirs} - {*others}:
        table = made.tables[name]
        columns = {column: [plain(cell) for cell in table.column(column)] for column in table.columns if column not in others}
        assert columns == {column: [record[column] for record in theirs[name]] for column in columns}, name


def tables_of(folder):
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}


@pytest.fixture
def shop_files(tmp_path):
    """A folder with the orders and the ages as files."""
    ORDERS.to_csv(tmp_path / "orders.csv", index=False)
    AGES.to_csv(tmp_path / "ages.csv", index=False)
    return tmp_path


SPLIT = "2020-04-15"
OF_TIMING = ["--purchase-covariates", "channel,age", "--customer-table", "ages.csv", "--covariate-sd", "1"]
OF_SPEND = ["--spend-covariates", "channel,log(frequency)"]
IN_PYTHON = {"purchase_covariates": ["channel", "age"], "customer_table": AGES, "covariate_sd": 1}
SPENT = {"spend_covariates": ["channel", "log(frequency)"]}


@pytest.mark.filterwarnings("ignore::clv.FitWarning")
def test_evaluations_with_covariates_are_those_of_the_command_to_the_bit(command, shop_files):
    two = ["--split", SPLIT, "--origins", "2", "--step", "14d", "--model", "bg-nbd"]
    run(command, shop_files, "evaluate", "orders.csv", *two, *OF_TIMING, *OF_SPEND, "--tables", "tables")
    asked = {"split": SPLIT, "origins": 2, "step": "14d", "models": "bg-nbd"} | IN_PYTHON | SPENT
    with pytest.warns(clv.DataWarning, match=r"1 customer without a row in customer_table, such as `c005`: of them age is not known"):
        made = clv.evaluate(ORDERS, **asked)
    assert_to_the_bit(made, tables_of(shop_files / "tables"), "seconds")
    assert {"bg-nbd", "bg-nbd-covariates"} <= {*made.scores["forecaster"]} and len(made.splits) == 2
    assert any("With channel, age, " in sentence for sentence in made.advice)
    with pytest.warns(clv.DataWarning):
        again = clv.evaluate(clv.Orders(ORDERS, keep=["channel"]), **asked)
    assert again.scores.equals(made.scores)


@pytest.mark.filterwarnings("ignore::clv.FitWarning")
def test_comparisons_with_covariates_are_those_of_the_command_to_the_bit(command, shop, shop_files):
    summary, _ = shop
    models = ["bg-nbd", "nbd"]
    for options, given in ((["--split", SPLIT], {"split": SPLIT}), (["--until", UNTIL], {"until": UNTIL})):
        ran = run(command, shop_files, "compare", "orders.csv", "--models", ",".join(models), *options, *OF_TIMING, "--json")
        theirs = json.loads(ran.stdout)
        with pytest.warns(clv.DataWarning, match="1 customer without a row in customer_table"):
            made = clv.compare(ORDERS, models=models, **given, **IN_PYTHON)
        assert made.advice == theirs["advice"]
        shown = made.models
        assert [*shown["model"]] == [model["model"] for model in theirs["models"]]
        assert {"bg-nbd", "bg-nbd-covariates", "nbd", "nbd-covariates"} == {*shown["model"]}
        numbers = [name for name in shown if shown[name].dtype.kind == "f" and name != "seconds"]
        assert "log_likelihood" in numbers
        for name in numbers:
            known = [math.nan if model[name] is None else model[name] for model in theirs["models"]]
            np.testing.assert_array_equal(shown[name], known, err_msg=name)
    # Of the summary likewise.
    with pytest.warns(clv.DataWarning, match="1 customer without a row in customer_table"):
        again = clv.compare(summary, models=models, **IN_PYTHON)
    assert again.models.drop(columns="seconds").equals(made.models.drop(columns="seconds"))
    with pytest.raises(TypeError, match="unexpected keyword argument 'spend_covariates'"):
        clv.compare(summary, spend_covariates="channel")


@pytest.mark.filterwarnings("ignore::clv.FitWarning")
def test_pages_with_covariates_are_those_of_the_command_to_the_bit(command, shop, shop_files):
    summary, _ = shop
    asked = ["--until", UNTIL, "--split", SPLIT, *OF_TIMING, *OF_SPEND]
    ran = run(command, shop_files, "report", "orders.csv", *asked, "--tables", "tables", "--json")
    with pytest.warns(clv.DataWarning, match="1 customer without a row in customer_table"):
        made = clv.report(ORDERS, until=UNTIL, split=SPLIT, **IN_PYTHON, **SPENT)
    # One was read from a file, the other from a frame.
    assert_to_the_bit(made, tables_of(shop_files / "tables"), "read")
    assert json.loads(made.model.to_json()) == json.loads(ran.stdout)["model"]
    assert {"factors", "coefficients"} <= {*made.tables}
    with pytest.warns(clv.DataWarning, match="1 customer without a row in customer_table"):
        of_summary = clv.report(summary, **IN_PYTHON, **SPENT)
    assert of_summary.model.to_json() == made.model.to_json()
    assert of_summary.table("coefficients").equals(made.table("coefficients"))
    # The table of customers is read, so it is not written over.
    path = shop_files / "ages.csv"
    with pytest.raises(clv.UsageError, match=r"ages\.csv is an input"):
        clv.report(ORDERS, path, covariates="age", customer_table=path, overwrite=True)
    assert path.read_text() == AGES.to_csv(index=False)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: clv.evaluate(ORDERS, customer_table=AGES), r"customer_table has no column that is wanted"),
        (lambda: clv.compare(ORDERS, customer_table=AGES), r"customer_table has no column that is wanted"),
        (lambda: clv.report(ORDERS, covariates="channel", customer_table=AGES), r"customer_table has no column that is wanted"),
        (lambda: clv.evaluate(ORDERS, covariate_sd=1), r"covariate_sd goes with covariates"),
        (lambda: clv.compare(ORDERS, equal="channel"), r"equal has `channel`.*name it in covariates"),
        (lambda: clv.report(ORDERS, covariates=3), r"covariates is 3; give"),
        (lambda: clv.evaluate(clv.Orders(ORDERS), models="bg-nbd", covariates="channel"), r"no covariate `channel`.*keep='channel'"),
        (lambda: clv.evaluate(ORDERS, spend=False, spend_covariates="channel"), r"spend_covariates .* spend=False"),
        (lambda: clv.report(ORDERS, spend=False, spend_covariates="channel"), r"spend_covariates .* spend=False"),
        (lambda: clv.report(ORDERS, amount=False, spend_covariates="channel"), r"spend_covariates .* no amounts"),
        (lambda: clv.compare(ORDERS, covariates="log(frequency)"), r"covariate of spend alone"),
    ],
)
@pytest.mark.filterwarnings("ignore::clv.DataWarning")
def test_what_does_not_go_is_refused_where_models_are_fitted_to_orders(ask, words):
    with pytest.raises(clv.UsageError, match=words):
        ask()


def test_coefficients_are_a_table_with_tests_and_sentences(by_channel):
    effects = by_channel.effects_
    assert isinstance(effects, pd.DataFrame)
    assert effects[["process", "covariate", "column"]].to_numpy().tolist() == [["purchases", "channel", "channel=online"]]
    row = effects.iloc[0]
    fit = json.loads(by_channel.to_json())["timing"]["fit"]
    assert (row["estimate"], row["standard_error"]) == (
        by_channel._facts()["covariates"]["coefficients"][0]["estimate"],
        fit["standard_errors"][-1],
    )
    assert row["factor"] == pytest.approx(np.exp(row["estimate"]), rel=1e-15)
    half = 1.959963984540054 * row["standard_error"]
    ends = [row["estimate"] - half, row["estimate"] + half]
    np.testing.assert_allclose(row[["estimate_lo95", "estimate_hi95"]].astype(float), ends, rtol=1e-9)
    np.testing.assert_allclose(row[["factor_lo95", "factor_hi95"]].astype(float), np.exp(ends), rtol=1e-9)
    # Twice the distance from the fit without.
    without = clv.BgNbd(spend=None).fit(clv.summarize(ORDERS, until=UNTIL))
    assert row["likelihood_ratio"] == pytest.approx(2 * (by_channel.log_likelihood_ - without.log_likelihood_), abs=1e-6)
    assert row["degrees"] == 1
    assert row["p_likelihood_ratio"] == pytest.approx(math.erfc(math.sqrt(row["likelihood_ratio"] / 2)), rel=1e-9)
    assert row["p_wald"] == pytest.approx(math.erfc(abs(row["estimate"] / row["standard_error"]) / math.sqrt(2)), rel=1e-9)
    assert row["sentence"].startswith(f"channel online purchases {row['factor']:.2f} times as often as store, mall (")
    assert by_channel.spend_.effects_["process"].tolist() == ["spend"]
    page = by_channel._repr_html_()
    assert "purchases: channel=online" in page and row["sentence"] in page
    assert len(without.effects_) == 0


def test_a_prior_leaves_no_tests(shop):
    model = clv.BgNbd(covariates="channel", covariate_sd=1, spend=None).fit(shop[0])
    effects = model.effects_
    assert effects["process"].tolist() == ["purchases", "dropout"]
    assert effects[["p_wald", "likelihood_ratio", "p_likelihood_ratio"]].isna().all(axis=None)
    assert effects["standard_error"].notna().all()


def test_one_coefficient_for_both(shop):
    model = clv.ParetoNbd(covariates=["channel"], equal="channel", covariate_sd=1, spend=None).fit(shop[0])
    assert model.effects_["process"].tolist() == ["both"]


def test_any_frame_is_a_table_of_customers(shop, tmp_path):
    summary, ages = shop
    complete = pd.concat([ages, pd.DataFrame({"customer_id": ["c005"], "age": [30]})])
    complete.to_csv(tmp_path / "ages.csv", index=False)

    def fit(table, X=summary):
        return clv.BgNbd(purchase_covariates=["age"], spend=None, customer_table=table).fit(X)

    known = fit(complete).params_, fit(complete).effects_["estimate"].tolist()
    tables = [
        complete.set_index("customer_id"),
        dict(complete),
        tmp_path / "ages.csv",
        complete.rename(columns={"customer_id": "Customer ID"}),
    ]
    polars = pytest.importorskip("polars")
    tables.append(polars.DataFrame(complete.to_dict("list")))
    for table in tables:
        model = fit(table)
        assert (model.params_, list(model.effects_["estimate"])) == known
    indexed = summary.set_index("customer_id")
    model = fit(complete, indexed)
    assert (model.params_, list(model.effects_["estimate"])) == known
    assert model.p_alive(indexed).index.equals(indexed.index)
    assert model.predict(indexed).index.equals(indexed.index)
    merged = summary.merge(complete, on="customer_id")
    assert fit(None, merged).params_ == known[0]
    with pytest.raises(clv.UsageError, match=r"customer_table is joined by the customers' ids, and the summary has none.*customer"):
        fit(complete, summary.drop(columns="customer_id"))
    assert "customer_table=<DataFrame>" in repr(fit(complete))


def test_facts_of_the_first_order_are_covariates(shop):
    model = clv.BgNbd(purchase_covariates=["first_amount", "first_month"], spend=None).fit(shop[0])
    assert set(model.effects_["covariate"]) == {"first_amount", "first_month"}


def test_every_customer_has_parameters_of_their_own(by_channel, shop):
    """The plain model of each group, with alpha moved by hand."""
    summary = shop[0]
    params, effect = by_channel.params_, by_channel.effects_["estimate"][0]
    online = (summary["channel"] == "online").to_numpy()
    spend = by_channel.spend_
    moved = spend.effects_["estimate"][0]
    score = 0.0
    for is_online in (False, True):
        alpha = params["alpha"] * np.exp(-effect * is_online)
        gamma = spend.params_["gamma"] * np.exp(moved * is_online)
        plain_spend = clv.GammaGamma.from_params(p=spend.params_["p"], q=spend.params_["q"], gamma=gamma)
        plain = clv.BgNbd.from_params(r=params["r"], alpha=alpha, a=params["a"], b=params["b"], unit="week", until=UNTIL, spend=plain_spend)
        rows = summary[online == is_online]
        np.testing.assert_allclose(by_channel.p_alive(rows), plain.p_alive(rows), rtol=1e-12)
        np.testing.assert_allclose(by_channel.expected_purchases(rows, "26w"), plain.expected_purchases(rows, "26w"), rtol=1e-12)
        np.testing.assert_allclose(by_channel.pmf(rows, "26w"), plain.pmf(rows, "26w"), rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(spend.expected_spend(rows), plain_spend.expected_spend(rows), rtol=1e-12)
        names = ["purchases_26w", "clv_26w", "value_26w_lo80", "value_26w_hi80"]
        ours, theirs = (model.predict(rows, "26w", intervals=[80])[names] for model in (by_channel, plain))
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)
        like = {"channel": "online" if is_online else "store, mall"}
        for new in ("expected_purchases_new", "p_alive_new", "pmf_new"):
            np.testing.assert_allclose(getattr(by_channel, new)(20.0, with_=like), getattr(plain, new)(20.0), rtol=1e-12)
        score += plain.score(rows) * len(rows)
    assert by_channel.score(summary) == pytest.approx(score / len(summary), rel=1e-12)
    totals = by_channel.totals(summary, "26w", by="channel", futures=200)
    expected = by_channel.predict(summary, "26w")["purchases_26w"].sum()
    assert totals["purchases"][0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "model", [clv.MbgCnbd(2, purchase_covariates="channel", spend=None), clv.ParetoNbd(covariates="channel", spend=None)]
)
def test_the_score_of_the_customers_of_the_fit_is_its_likelihood(model, shop):
    fitted = model.fit(shop[0])
    assert fitted.score(shop[0]) * len(shop[0]) == pytest.approx(fitted.log_likelihood_, rel=1e-12)


def test_a_level_that_the_fit_did_not_know(by_channel, shop):
    phone = shop[0].assign(channel="phone")
    with pytest.raises(clv.DataError, match=r"covariate channel: `phone` was not in the fit; .* unknown_levels='reference'"):
        by_channel.p_alive(phone)
    taken = clv.BgNbd(unknown_levels="reference")
    taken._model = by_channel._model
    stores = shop[0].assign(channel="store, mall")
    assert (taken.p_alive(phone) == by_channel.p_alive(stores)).all()
    with pytest.raises(clv.UsageError, match="unknown_levels is 'maybe'; give 'refuse' or 'reference'"):
        taken.set_params(unknown_levels="maybe").p_alive(phone)


def test_new_customers_are_described(by_channel):
    value = {
        channel: by_channel.predict_new("12m", with_={"channel": channel}).column("clv_12m")[0] for channel in ("online", "store, mall")
    }
    assert value["online"] > value["store, mall"] > 0
    for ask, words in (
        (lambda: by_channel.predict_new("12m"), r"differ by channel: say which a new one is, with with_=\{'channel': '…'\}"),
        (
            lambda: by_channel.predict_new("12m", with_={"plan": "basic"}),
            r"with_ has `plan`, which is no covariate of the model; the model has channel",
        ),
        (lambda: by_channel.predict_new("12m", with_="channel=online"), r"with_ is 'channel=online'; give a dict"),
        (lambda: by_channel.p_alive_new(3.0), r"differ by channel"),
    ):
        with pytest.raises(clv.UsageError, match=words):
            ask()
    with pytest.raises(clv.DataError, match="`phone` was not in the fit"):
        by_channel.predict_new("12m", with_={"channel": "phone"})


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (
            clv.BgNbd(covariates="country"),
            r"no covariate `country`: these customers have|no column is kept.* keep='country'.* customer_table",
        ),
        (clv.BgNbd(covariates="gender:channel"), r"purchase_covariates has `gender:channel`.*`gender and channel`"),
        (clv.BgNbd(covariates="age", purchase_covariates="age"), r"purchase_covariates names the covariate `age` twice"),
        (clv.BgNbd(equal="channel"), r"equal has `channel`, which is not a covariate of both .*name it in covariates"),
        (clv.BgNbd(covariates="log(frequency)"), r"covariate of spend alone.*spend_covariates"),
        (clv.BgNbd(covariate_sd=0, covariates="channel"), r"covariate_sd is 0"),
        (clv.BgNbd(covariate_sd=1), r"covariate_sd goes with covariates"),
        (clv.BgBb(covariates="channel"), r"BG/BB takes no covariates"),
        (clv.Nbd(covariates="channel"), r"NBD has no dropout.*purchase_covariates"),
        (clv.BgNbd(spend_covariates="channel", spend=None), r"spend_covariates does not go with spend=None"),
        (clv.BgNbd(spend_covariates="channel", spend=clv.GammaGamma()), r"an argument of the GammaGamma"),
        (clv.BgNbd(covariates=3), r"covariates is 3; give"),
        (clv.BgNbd(covariates="frequency"), r"covariate frequency: a column of the history"),
        (
            clv.BgNbd(covariates="channel", customer_table=AGES),
            r"customer_table has no column that is wanted.*customer_id, age; name those that are covariates",
        ),
    ],
)
def test_what_does_not_go_is_refused_by_name(model, words, shop):
    with pytest.raises(clv.UsageError, match=words):
        model.fit(shop[0])


def test_columns_that_say_nothing_are_refused(shop):
    with pytest.raises(clv.DataError, match=r"covariate plan: it is the same for every customer"):
        clv.BgNbd(covariates="plan").fit(shop[0].assign(plan="basic"))
    with pytest.raises(clv.DataError, match=r"covariate other=.*: it follows from channel"):
        clv.BgNbd(purchase_covariates=["channel", "other"]).fit(shop[0].assign(other=shop[0]["channel"]))
    strangers = pd.DataFrame({"customer_id": ["x"], "age": [3]})
    with pytest.raises(clv.DataError, match=r"none of the customers has a row there.* customer"):
        clv.BgNbd(covariates="age", customer_table=strangers).fit(shop[0])
    two = AGES.assign(user_id=AGES["customer_id"])
    with pytest.raises(clv.UsageError, match=r"which column has the customer, customer_id or user_id") as asked:
        clv.BgNbd(covariates="age", customer_table=two).fit(shop[0])
    assert asked.value.answers == ["customer='customer_id'", "customer='user_id'"]


def test_spend_alone_has_covariates(shop, summary):
    alone = clv.GammaGamma(spend_covariates=["channel"]).fit(shop[0])
    beside = clv.BgNbd(spend=clv.GammaGamma(spend_covariates=["channel"])).fit(shop[0])
    assert alone.params_ == beside.spend_.params_
    assert alone.effects_.equals(beside.spend_.effects_)
    with pytest.raises(clv.UsageError, match="no one mean"):
        alone.population_mean_  # noqa: B018
    # CDNOW: repeat customers who come more often spend more.
    plain = clv.GammaGamma().fit(summary)
    moved = clv.GammaGamma(spend_covariates="log(frequency)").fit(summary)
    assert moved.log_likelihood_ - plain.log_likelihood_ == pytest.approx(16.2, abs=0.05)
    assert moved.score(summary) * len(summary) == pytest.approx(moved.log_likelihood_, rel=1e-12)


def test_factors_are_drawn(by_channel):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    for what in (by_channel, {"coefficients": by_channel.effects_}):
        ax = clv.plots.factors(what)
        effects = by_channel.effects_
        drawn = ax.collections
        spans = [path.vertices[:, 0].tolist() for lines in drawn[::2] for path in lines.get_paths()]
        assert spans[0] == pytest.approx(effects.loc[0, ["factor_lo95", "factor_hi95"]].tolist())
        assert drawn[1].get_offsets()[0, 0] == pytest.approx(effects["factor"][0])
        pyplot.close(ax.figure)
    with pytest.raises(clv.plots.MissingTableError, match="no covariates"):
        clv.plots.factors(clv.BgNbd(spend=None).fit(clv.summarize(ORDERS, until=UNTIL)))


def test_estimators_with_covariates_are_cloned_and_pickled(by_channel, shop):
    import pickle

    again = pickle.loads(pickle.dumps(by_channel))
    assert (again.p_alive(shop[0]) == by_channel.p_alive(shop[0])).all()
    assert again.effects_.equals(by_channel.effects_)
    base = pytest.importorskip("sklearn.base")
    twin = base.clone(clv.BgNbd(covariates=["age"], customer_table=AGES, spend=None))
    assert twin.covariates == ["age"] and twin.customer_table.equals(AGES)
