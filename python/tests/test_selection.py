"""The model that describes the customers best, chosen in the open."""

import pandas as pd
import pytest
from sklearn.base import clone

import clv

UNTIL = "1997-09-30"


def test_the_choice_is_that_of_the_criterion(summary):
    model = clone(clv.AutoModel(spend=None)).fit(summary)
    contenders = model.contenders_
    assert [one["model"] for one in contenders[:2]] == ["mbg-nbd", "bg-nbd"]
    assert len(contenders) == 7 and sum(one["model"].split("-")[-1] == "2" for one in contenders) == 3
    assert [one["bic"] for one in contenders] == sorted(one["bic"] for one in contenders)
    # It answers as the model does that was chosen.
    mbg = clv.MbgNbd(spend=None).fit(summary)
    assert contenders[0]["log_likelihood"] == mbg.log_likelihood_
    best = model.best_
    assert type(best) is clv.MbgNbd and best.params_ == mbg.params_ == model.params_
    pd.testing.assert_series_equal(pd.Series(model.p_alive(summary)), pd.Series(mbg.p_alive(summary)))
    pd.testing.assert_frame_equal(model.predict(summary), mbg.predict(summary))
    assert mbg.contenders_ == []


def test_a_choice_is_saved(summary, tmp_path):
    model = clv.AutoModel().fit(summary)
    model.save(tmp_path / "model.json")
    loaded = clv.load(tmp_path / "model.json")
    assert type(loaded) is clv.MbgNbd and loaded.contenders_ == model.contenders_
    with pytest.raises(clv.UsageError, match="AutoModel chooses a model when it is fitted"):
        clv.AutoModel.from_params(r=1.0)


def test_what_cannot_be_chosen_is_left_out(undated):
    with pytest.warns(clv.FitWarning, match=r"could not be chosen: BG/CNBD, MBG/CNBD, Pareto/CNBD \(these data do not have the times"):
        model = clv.AutoModel(spend=None).fit(undated)
    assert {one["model"] for one in model.contenders_} == {"bg-nbd", "mbg-nbd", "pareto-nbd", "nbd"}


def test_evaluations_score_the_choice_and_reports_take_it(sample):
    evaluation = clv.evaluate(sample, split=UNTIL, spend=False)
    assert list(evaluation.tables["contenders"]["model"][:2]) == ["mbg-nbd", "bg-nbd"]
    scores = evaluation.scores.set_index("forecaster")
    assert scores.loc["auto", "kind"] == "chosen model"
    named = clv.evaluate(sample, split=UNTIL, spend=False, models=["mbg-nbd"]).scores.set_index("forecaster")
    assert scores.loc["auto", "mean_absolute_error"] == named.loc["mbg-nbd", "mean_absolute_error"]
    report = clv.report(sample, until=UNTIL, spend=False, model="auto", test=False)
    assert type(report.model) is clv.MbgNbd and len(report.model.contenders_) == 7
