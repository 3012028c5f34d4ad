"""What the command asks, warns of and refuses, from Python, too."""

import json
import subprocess
import warnings
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import clv
from clv import DataError, UsageError

UNTIL = "1997-09-30"


@pytest.fixture(scope="module")
def purchases(sample) -> pd.DataFrame:
    """Orders without amounts."""
    return sample[["customer_id", "order_date"]]


def test_what_asks_no_values_needs_no_amounts(purchases, sample):
    asked = {"split": UNTIL, "models": "bg-nbd"}
    scores, known = (clv.evaluate(orders, spend=False, **asked).scores for orders in (purchases, sample))
    # Rules of thumb may look at what was spent, too.
    of_model = [scores_of[scores_of["forecaster"] == "bg-nbd"] for scores_of in (scores, known)]
    assert len(of_model[0]) > 0
    pd.testing.assert_frame_equal(*of_model)
    page = clv.report(purchases, spend=False, test=False)
    columns = [column for table in page.tables.values() for column in table.columns]
    assert "purchases" in columns and not [column for column in columns if column.startswith(("clv_", "value_", "monetary"))]
    compared = clv.compare(purchases, models=["bg-nbd", "nbd"], split=UNTIL)
    known = clv.compare(sample, models=["bg-nbd", "nbd"], split=UNTIL)
    pd.testing.assert_frame_equal(compared.models.drop(columns="seconds"), known.models.drop(columns="seconds"))
    with pytest.raises(DataError, match="which column is the amount"):
        clv.evaluate(purchases, **asked)


def test_columns_to_ignore(tmp_path):
    summary = pd.DataFrame({"frequency": [0, 2, 1], "recency": [0, 5, 3], "T": [9, 9, 9], "weights": [3, 1, 2]})
    path = tmp_path / "summary.csv"
    summary.to_csv(path, index=False)
    for data in (summary, path):
        with pytest.raises(UsageError, match="`weights`") as asked:
            clv.BgNbd(unit="week", prior_sd=2).fit(data)
        assert asked.value.answers == ["sample_weight='weights'", "ignore='weights'"]  # type: ignore[attr-defined]
        assert clv.BgNbd(unit="week", prior_sd=2, ignore="weights").fit(data).n_customers_ == 3
        assert clv.GammaGamma(ignore=["weights"]).get_params()["ignore"] == ["weights"]
        clv.compare(data, models=["nbd"], unit="week", until="2020-01-01", ignore="weights", prior_sd=2)


@pytest.fixture(scope="module")
def fitted(sample):
    return clv.BgNbd().fit(clv.summarize(sample, until=UNTIL))


def test_shares_in_per_cent(fitted, sample):
    summary = clv.summarize(sample, until=UNTIL)
    ask = {"margin": 0.3, "discount": 0.1}
    written = {"margin": "30%", "discount": " 10 % "}
    pd.testing.assert_frame_equal(fitted.predict(summary, "3m", **written), fitted.predict(summary, "3m", **ask))
    assert fitted.predict_new("3m", **written).to_numpy() == fitted.predict_new("3m", **ask).to_numpy()
    pd.testing.assert_frame_equal(fitted.totals(summary, "3m", margin="30%"), fitted.totals(summary, "3m", margin=0.3))
    one, other = (clv.report(summary, **given) for given in (written, ask))
    assert one.html == other.html
    for wrong in ("ten", "10%%", "-10%", "%", ""):
        with pytest.raises(UsageError, match=r"^discount: the annual discount rate is"):
            fitted.predict(summary, "3m", discount=wrong)


def test_a_rate_that_is_hardly_meant_is_a_warning(fitted, sample):
    summary = clv.summarize(sample, until=UNTIL)
    for ask in (lambda: fitted.predict(summary, "3m", discount=10), lambda: clv.report(summary, discount=10)):
        with pytest.warns(clv.FitWarning, match="1000%, which is 4.7% a week.*give discount=0.1"):
            ask()


@pytest.fixture
def clv_command(command):
    """Runs it."""

    def run(*arguments):
        subprocess.run([command, *map(str, arguments)], check=True, capture_output=True)

    return run


@pytest.fixture
def run(tmp_path, sample_path, clv_command):
    """The folder of a run."""
    folder = tmp_path / "results"
    clv_command("run", sample_path, "--no-report", "-o", folder)
    return folder


def test_tables_of_other_runs(run, sample_path, clv_command):
    with warnings.catch_warnings():
        warnings.simplefilter("error", clv.DataWarning)
        clv.load(run / "model.json")
    before = (run / "customers.parquet").read_bytes()
    clv_command("run", sample_path, "--no-report", "--until", "1998-03-31", "-o", run)
    (run / "customers.parquet").write_bytes(before)
    with pytest.warns(clv.DataWarning, match="one of them is of another run"):
        clv.load(run / "model.json")
    with pytest.warns(clv.DataWarning, match="one of them is of another run"):
        clv.BgNbd(unit="week", until=UNTIL).fit(run / "customers.parquet")


def test_a_damaged_summary_is_found(tmp_path, sample_path, clv_command):
    path = tmp_path / "summary.parquet"
    clv_command("summarize", sample_path, "--until", UNTIL, "-o", path)
    known = clv.BgNbd().fit(path).params_
    table = pq.read_table(path)
    assert b"clv-summary" in table.schema.metadata
    assert clv.BgNbd().fit(table.to_pandas()).params_ == known
    frequency = table["frequency"].to_pandas().copy()
    frequency[frequency.idxmax()] += 1
    changed = table.set_column(1, "frequency", [frequency.astype("uint32")])
    pq.write_table(changed, path)
    with pytest.raises(DataError, match="column `frequency` does not hold what clv wrote there"):
        clv.BgNbd().fit(path)


def test_pages_and_fitters_replace_nothing_of_others(tmp_path, sample, sample_path):
    orders, page, model = tmp_path / "orders.csv", tmp_path / "page.html", tmp_path / "model.json"
    orders.write_bytes(Path(sample_path).read_bytes())
    for overwrite in (False, True):
        with pytest.raises(UsageError, match="an input"):
            clv.report(orders, orders, overwrite=overwrite)
    page.write_text("<p>mine")
    with pytest.raises(UsageError, match="clv did not write it") as asked:
        clv.report(orders, page, test=False)
    assert asked.value.answers == ["overwrite=True"]  # type: ignore[attr-defined]
    assert page.read_text() == "<p>mine"
    clv.report(orders, page, test=False, overwrite=True)
    clv.report(orders, page, test=False)
    assert orders.read_bytes() == Path(sample_path).read_bytes()

    summary = clv.summarize(sample, until=UNTIL)
    fitter = clv.lifetimes.BetaGeoFitter().fit(summary["frequency"], summary["recency"], summary["T"])
    model.write_text('{"mine": 1}')
    with pytest.raises(UsageError, match="clv did not write it"):
        fitter.save_model(model)
    assert json.loads(model.read_text()) == {"mine": 1}
    fitter.save_model(model, overwrite=True)
    fitter.save_model(model)
    with pytest.raises(UsageError, match="saved fitter that clv wrote"):
        clv.BgNbd().fit(summary).save(model)


def test_everything_that_reads_orders_warns_alike(sample):
    orders = sample.copy()
    orders.loc[3, "customer_id"] = None
    for ask in (
        clv.summarize,
        lambda data: clv.evaluate(data, split=UNTIL),
        lambda data: clv.report(data, test=False),
        lambda data: clv.compare(data, models=["nbd"]),
        clv.describe,
    ):
        with pytest.warns(clv.DataWarning, match="1 rows without a customer"):
            ask(orders)


def test_a_folder_of_parquet_files(tmp_path, sample):
    folder = tmp_path / "orders.parquet"
    folder.mkdir()
    sample[:3000].to_parquet(folder / "part-00000.snappy.parquet")
    sample[3000:].to_parquet(folder / "part-00001.snappy.parquet")
    (folder / "_SUCCESS").write_text("")
    (folder / ".part-00000.snappy.parquet.crc").write_bytes(b"crc")
    table = clv.summarize(folder, until=UNTIL).to_pandas()
    pd.testing.assert_frame_equal(table, clv.summarize(sample, until=UNTIL))
