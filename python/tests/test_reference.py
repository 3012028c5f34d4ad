"""The models' formulas against definitions that mpmath evaluated at 120 digits: the grids of tests/reference, through the Python API.

The engine's own tests try all of every grid. Here every tenth point shows that parameters, histories and answers keep their places
and their digits on the way.
"""

import csv
import gzip
import math

import pytest

import clv

KINDS = {
    "bg-nbd": clv.BgNbd,
    "mbg-nbd": clv.MbgNbd,
    "pareto-nbd": clv.ParetoNbd,
    "nbd": clv.Nbd,
    "bg-bb": clv.BgBb,
    "bg-cnbd": clv.BgCnbd,
    "mbg-cnbd": clv.MbgCnbd,
    "pareto-cnbd": clv.ParetoCnbd,
}


def grid(root, name):
    """Every tenth point: of which model, and what is known there."""
    with gzip.open(root / f"tests/reference/{name}.csv.gz", "rt") as file:
        for i, row in enumerate(csv.DictReader(file)):
            if i % 10 == 0:
                yield {column: float(cell) for column, cell in row.items()}


def model_of(kind, row):
    stages = {"k": int(row["k"])} if "k" in row else {}
    return KINDS[kind].from_params(**stages, **{name: row[name] for name in KINDS[kind]._parameters})


def history(row):
    return {"frequency": [row["x"]], "recency": [row["t_x"]], "T": [row["T"]]}


def near(value, known, digits=1e-9):
    return abs(value - known) <= digits * abs(known) + 1e-290


@pytest.mark.parametrize("kind", KINDS)
def test_likelihood_and_p_alive(kind, root):
    wrong = []
    for row in grid(root, f"{kind}-history"):
        model = model_of(kind, row)
        # Logarithms of large likelihoods lose what their terms cancel.
        score, known = model.score(history(row)), row["ln_likelihood"]
        alive = model.p_alive(history(row))[0]
        if not (near(score, known, 1e-8) and near(alive, row["p_alive"], 1e-7) and 0 <= alive <= 1):
            wrong.append((row, score, alive))
    assert not wrong


@pytest.mark.parametrize("kind", KINDS)
def test_expected_purchases(kind, root):
    wrong = []
    for row in grid(root, f"{kind}-future"):
        model = model_of(kind, row)
        new = model.expected_purchases_new(row["t"])
        later = model.expected_purchases(history(row), row["t"])[0]
        if not (near(new, row["expected_new"], 1e-7) and near(later, row["expected"], 1e-7)):
            wrong.append((row, new, later))
    assert not wrong


@pytest.mark.parametrize("kind", KINDS)
def test_counts_of_new_customers(kind, root):
    wrong = []
    for row in grid(root, f"{kind}-mass"):
        if row["n"] > 300:
            continue
        chances = model_of(kind, row).pmf_new(row["t"], int(row["n"]))
        if not (len(chances) == row["n"] + 1 and near(chances[-1], row["mass"], 1e-7)):
            wrong.append((row, chances[-1]))
    assert not wrong


@pytest.mark.parametrize("kind", KINDS)
def test_new_customers_alive(kind, root):
    wrong = []
    for row in grid(root, f"{kind}-alive"):
        alive = model_of(kind, row).p_alive_new(row["t"])
        # A sum of a head and a remainder, to 30 places.
        if not (near(alive, row["alive"], 1e-8) or abs(alive - row["alive"]) < 1e-30):
            wrong.append((row, alive))
    assert not wrong


def test_spend(root):
    wrong = []
    for row in grid(root, "gamma-gamma-spend"):
        if row["q"] <= 1.0:
            # No mean exists; the grid's own number is of a customer with purchases.
            continue
        model = clv.GammaGamma.from_params(p=row["p"], q=row["q"], gamma=row["gamma"])
        customer = {"frequency": [row["x"]], "recency": [1.0], "T": [2.0], "monetary_value": [row["m"]]}
        spend = model.expected_spend(customer)[0]
        if not near(spend, row["expected_spend"]):
            wrong.append((row, spend))
    assert not wrong


@pytest.mark.parametrize("kind", KINDS)
def test_discounted_expectations(kind, root):
    """Of all time to come: the column `dert` of `predict`, at an annual rate that makes the grid's one a week."""
    wrong, tried = [], 0
    for row in grid(root, f"{kind}-discount"):
        annual = math.expm1(row["discount"] * 365.25 / 7)
        if not 1e-9 < annual < 1:
            continue
        tried += 1
        model = model_of(kind, row).set_params(unit="week", until="2024-01-01", grain="week" if kind == "bg-bb" else None)
        dated = KINDS[kind].from_params(**model.params_, **{name: getattr(model, name) for name in ("unit", "until", "grain")})
        dert = dated.predict(history(row), "forever", discount=annual)["dert"][0]
        if not near(dert, row["dert"], 1e-6):
            wrong.append((row, dert))
    assert not wrong
    assert tried >= 10
