"""Contracts: the papers' numbers, and the command's on the same survivors."""

import json
import pickle
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import clv

# Customers of Fader & Hardie (2007) after 0 to 7 years, of 1000.
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]


@pytest.fixture
def survivors() -> pd.DataFrame:
    cohorts = {"high": HIGH_END, "regular": REGULAR[:4]}
    rows = [(name, period, count) for name, counts in cohorts.items() for period, count in enumerate(counts)]
    return pd.DataFrame(rows, columns=["cohort", "period", "survivors"])


def test_estimates_are_those_of_the_paper() -> None:
    """Fader & Hardie (2007): alpha 0.668 and beta 3.806, alpha 0.704 and beta 1.182; 46.0% of the first are there after year 8."""
    for counts, alpha, beta in ((HIGH_END, 0.668, 3.806), (REGULAR, 0.704, 1.182)):
        model = clv.Sbg().fit(counts)
        assert model.params_["alpha"] == pytest.approx(alpha, abs=5e-4)
        assert model.params_["beta"] == pytest.approx(beta, abs=5e-4)
        assert model.converged_ and model.unit_ == "year"
    assert clv.Sbg().fit(HIGH_END).project(8)["survival"][8] == pytest.approx(0.460, abs=5e-4)


def test_chances_that_change_with_time() -> None:
    """High End after four years: a 0.25934, b 1.72255, c 1.58436, and 38.9% after year 12, of which 39.4% were there."""
    model = clv.Bdw().fit(HIGH_END[:5])
    known = {"a": 0.25933572, "b": 1.72255144, "c": 1.58436156}
    for name, value in known.items():
        assert model.params_[name] == pytest.approx(value, rel=1e-6)
    table = model.project(12, interval=95)
    assert table["survival"][12] == pytest.approx(0.38891, abs=6e-6)
    assert table["survival_low"][12] < table["survival"][12] < table["survival_high"][12]
    twin = clv.Bdw.from_params(**model.params_)
    np.testing.assert_array_equal(twin.project(5)["survival"], model.project(5)["survival"])
    held = clv.Bdw(shape_sd=0.1).fit(HIGH_END[:5])
    assert abs(np.log(held.params_["c"])) < abs(np.log(model.params_["c"]))


def test_what_is_given_comes_back_in_kind(survivors: pd.DataFrame) -> None:
    model = clv.Sbg().fit(survivors)
    table = model.project(10, discount=0.1, payment=50.0)
    assert isinstance(table, pd.DataFrame) and len(table) == 11
    assert table["actual_survival"].tolist()[1] == pytest.approx((869 + 631) / 2000)
    assert table["actual_survival"].isna().tolist() == [False] * 8 + [True] * 3
    np.testing.assert_allclose(table["residual_value"], 50 * table["residual_lifetime"], rtol=1e-15)
    columns = clv.Sbg().fit({name: survivors[name].to_numpy() for name in survivors}).project(10)
    assert list(columns) == ["period", "actual_survival", "survival", "retention"]
    assert len(model.actual_survival_) == 8


def test_the_command_says_the_same(survivors: pd.DataFrame, command: str, tmp_path: Path) -> None:
    path = tmp_path / "survivors.csv"
    survivors.to_csv(path, index=False)
    options = ["--periods", "9", "--unit", "month", "--discount", "0.1", "--payment", "9.99", "--robust", "--json"]
    said = json.loads(subprocess.run([command, "retention", path, *options], capture_output=True, check=True).stdout)
    model = clv.Sbg(unit="month", robust=True).fit(path)
    table = model.project(9, discount="10%", payment=9.99).to_pandas()
    rows = [{name: None if pd.isna(cell) else cell for name, cell in row.items()} for row in table.to_dict("records")]
    assert rows == said["projection"]
    assert json.loads(model.to_json()) == said["model"]


def test_models_are_kept_and_given(tmp_path: Path) -> None:
    model = clv.Sbg(prior_sd=2.0).fit(HIGH_END)
    path = tmp_path / "sbg.json"
    model.save(path)
    for twin in (clv.load(path), pickle.loads(pickle.dumps(model)), clv.Sbg.from_params(**model.params_)):
        assert isinstance(twin, clv.Sbg) and twin.params_ == model.params_
        project = twin.project(5, discount=0.1)
        cells = project["survival"]
        np.testing.assert_array_equal(cells, model.project(5, discount=0.1)["survival"])
    assert clv.load(path).get_params() == model.get_params()
    assert "renewals by the year" in model._repr_html_() and "alpha" in repr(model)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda model: model.project(0), "periods is 0; give 1 to 1000"),
        (lambda model: model.project(5, discount=0), "discount is 0, and without a discount"),
        (lambda model: model.project(5, payment=9.0), "payment turns residual lifetimes into value, and these take a discount"),
        (lambda model: model.project(5, discount=0.1, payment=-1), "payment is -1; give a positive amount"),
        (lambda model: clv.Sbg(unit="fortnight").fit(HIGH_END), "unit is 'fortnight'"),
        (lambda model: clv.Sbg.from_params(alpha=1.0), "Sbg has the parameters alpha, beta; given are alpha"),
    ],
)
def test_what_cannot_be_is_refused(ask, words: str) -> None:
    with pytest.raises(clv.UsageError, match=words):
        ask(clv.Sbg().fit(HIGH_END))


def test_survivors_that_are_none_are_refused() -> None:
    with pytest.raises(clv.DataError, match="95 survivors after period 2, of 90 before"):
        clv.Sbg().fit([100, 90, 95])
    with pytest.raises(clv.DataError, match="survivors"):
        clv.Sbg().fit({"period": [0, 1], "customers": [10, 5]})
    with pytest.raises(clv.NotFittedError):
        clv.Sbg().project()
