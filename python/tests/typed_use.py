"""A user's script, which mypy is to understand: `test_typing.py` runs it through, and runs it."""

from pathlib import Path

import numpy as np

import clv


def forecast(path: Path, margin: float = 0.3) -> float:
    orders: clv.Orders = clv.Orders(path, until="1997-09-30", unit="week", returns="net")
    customers = orders.summarize()
    spend = clv.GammaGamma(prior_sd=2.0)
    model: clv.BgNbd = clv.BgNbd(spend=spend, robust=True).fit(customers)
    rates: dict[str, float] = model.params_
    errors: dict[str, float | None] = model.standard_errors_
    low_high: tuple[float, float] | None = model.confidence_intervals_["r"]
    known: float = model.log_likelihood_ + model.aic_ + model.bic_ + model.score(customers)
    words: list[str] = [model.verdict_, *model.cautions_]
    covariance = model.covariance_
    answers = model.predict(customers, ["3m", "12m", 13, 26.0], margin=margin, discount=0.1, intervals=(50, 80), next=[50], counts=3)
    model.totals(customers, "12m", by=None, target=1000.0)
    model.pmf(customers, 13, most=3)
    shared: clv.GammaGamma | None = model.spend_
    mean: float = 0.0 if shared is None else shared.population_mean_
    again: clv.TimingModel | clv.GammaGamma = clv.ParetoNbd.from_params(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week")
    assert (
        isinstance(again, clv.ParetoNbd)
        and rates
        and errors
        and low_high
        and words
        and covariance.shape == (4, 4)
        and np.isfinite(known)
        and mean > 0
    )
    return float(np.sum(answers["clv_12m"]))


def others(path: Path) -> None:
    evaluation: clv.Evaluation = clv.evaluate(path, split="1997-09-30", models=["bg-nbd"], intervals=(50, 80))
    advice: list[str] = evaluation.advice
    table: clv.Table = evaluation.tables["scores"]
    names: list[str] = table.columns
    comparison: clv.Comparison = clv.compare(path, models=["bg-nbd", "nbd"])
    report: clv.Report = clv.report(path, top=5)
    verdicts: list[clv.Verdict] = report.verdicts
    orders: clv.Table = clv.simulate(customers=100, seed=3)
    assert advice and names and comparison.advice and verdicts and len(orders) and clv.describe(path).tables
    try:
        clv.summarize(path, until="1900-01-01")
    except clv.DataError as error:
        assert str(error)


if __name__ == "__main__":
    import sys

    print(forecast(Path(sys.argv[1])))
    others(Path(sys.argv[1]))
