"""Every option of the engine is a keyword argument, with the engine's default; and every argument is an option, or is told of here."""

import datetime as dt
import inspect
import json

import numpy as np
import pytest

import clv
from clv import _clv
from clv.timing import RegularTimingModel, TimingModel

ENGINE = json.loads(_clv.option_defaults())
"""The options of every kind, with their defaults."""

# What each function gives the engine.
FUNCTIONS = {
    clv.Orders.__init__: ["orders"],
    clv.Summarizer.__init__: ["orders"],
    TimingModel.__init__: ["models", "summary"],
    RegularTimingModel.__init__: ["models", "summary"],
    clv.GammaGamma.__init__: ["models", "summary"],
    TimingModel.predict: ["questions"],
    TimingModel.predict_new: ["questions"],
    TimingModel.totals: [],
    TimingModel.intervals: [],
    clv.evaluate: ["evaluation", "origins"],
    clv.compare: ["fit", "covariates"],
    clv.report: ["page", "models"],
    clv.simulate: ["simulation"],
    clv.describe: ["description"],
    clv.summarize: ["state"],
    clv.sql: ["sql"],
    clv.Sbg.__init__: ["retention"],
    clv.Bdw.__init__: ["retention"],
    clv.Sbg.project: ["projection"],
}

# Of which options it gives some, which are those that it is about.
IN_PART = {TimingModel.totals: "questions", TimingModel.intervals: "questions", clv.report: "questions", clv.describe: "questions"}

# Options that are no argument, by function, and why.
OF_ORDERS = {"delimiter": "frames have none, and that of a file is found in its header", "without_amount": "amount=False"}
WEIGHTS = {"weights": "sample_weight of fit, score and totals"}
OF_MODELS = {"model": "the class", "keep": "the columns that questions name"} | WEIGHTS
READ_BESIDES = {"customer_table": "a frame or a file", "unknown_levels": "how the columns of a model with covariates are read"}
BOTH = {"covariates": "both purchase_covariates and dropout_covariates"}
OF_TIMING = BOTH | READ_BESIDES
FITTED_HERE = BOTH | {"customer_table": "a frame or a file"}
WITHOUT_ARGUMENT = {
    clv.Orders.__init__: OF_ORDERS,
    clv.Summarizer.__init__: OF_ORDERS,
    TimingModel.__init__: OF_MODELS,
    RegularTimingModel.__init__: OF_MODELS,
    clv.GammaGamma.__init__: {"model": "the class", "spend": "the class", "keep": "of no use"}
    | WEIGHTS
    | dict.fromkeys(["purchase_covariates", "dropout_covariates", "equal"], "of timing"),
    TimingModel.predict: {
        "totals": "a method of its own",
        "by": "of totals",
        "target": "of totals",
        "futures": "of totals",
        "sort": "the order of the caller's rows",
    },
    TimingModel.predict_new: {"totals": "customers=", "by": "new customers are all alike", "sort": "there is one"},
    clv.compare: {"spend_covariates": "purchases alone are compared"},
    clv.Sbg.__init__: {"family": "the class", "shape_sd": "a prior on a parameter of BdW"},
    clv.Bdw.__init__: {"family": "the class"},
    clv.report: dict.fromkeys(["bootstrap", "bootstrap_by"], "the page shows estimates"),
}

# Arguments that are no option, by function, and why.
NO_OPTION = {
    clv.Orders.__init__: {"orders": "the data", "rates": "a frame or a file", "query": "what a connection runs"},
    clv.Summarizer.__init__: {"rates": "a frame or a file", "sum_log_interpurchase": "a column of the summary"},
    TimingModel.__init__: OF_TIMING,
    RegularTimingModel.__init__: {"k": "part of the model's name"} | OF_TIMING,
    clv.GammaGamma.__init__: READ_BESIDES,
    TimingModel.predict: {"X": "the data", "calibrate": "the orders"},
    TimingModel.predict_new: {"customers": "who is predicted", "with": "who is predicted", "until": "who is predicted"},
    TimingModel.totals: {"X": "the data", "sample_weight": "of the data"},
    TimingModel.intervals: {"X": "the data", "shares": "intervals"},
    clv.compare: {"data": "the data", "models": "all that apply, unless they are named", "split": "where orders are divided"}
    | {"sample_weight": "of the data"}
    | FITTED_HERE,
    clv.evaluate: {"orders": "the data"} | FITTED_HERE,
    clv.report: {"data": "the data", "path": "a file that is written", "overwrite": "a file that is written"} | FITTED_HERE,
    clv.simulate: {"model": "a fitted model"},
    clv.describe: {"data": "the data", "model": "a fitted model"} | dict.fromkeys(["cogs", "serving"], "columns that are read again"),
    clv.summarize: {"orders": "the data", "state": "a file that is kept", "sum_log_interpurchase": "a column of the summary"}
    | dict.fromkeys(["push_down", "table", "dialect", "number_ids"], "who makes the summary"),
}

# Arguments whose default is another than the engine's, by function, and why.
OTHER_DEFAULT = {
    clv.Orders.__init__: {"grain": "None is the engine's"},
    clv.Summarizer.__init__: {"grain": "None is the engine's"},
    TimingModel.__init__: {"spend": "auto: if there are amounts"},
    RegularTimingModel.__init__: {"spend": "auto: if there are amounts"},
    TimingModel.totals: {"intervals": "what the engine takes where none are named"},
    TimingModel.intervals: {"horizons": "one, since there are two columns for each"},
    clv.sql: {"dialect": "there is none"},
}


def arguments(function):
    """By the engine's names."""
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return {p.name.rstrip("_"): p.default for p in parameters if p.kind in kinds and p.name != "self"}


def options(function):
    """Those that it gives."""
    own = {name: value for kind in FUNCTIONS[function] for name, value in ENGINE[kind].items()}
    others = ENGINE[IN_PART[function]] if function in IN_PART else {}
    return {name: value for name, value in others.items() if name in arguments(function)} | own


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__qualname__)
def test_every_option_is_an_argument_and_every_argument_an_option(function):
    names = arguments(function).keys()
    assert options(function).keys() - names == WITHOUT_ARGUMENT.get(function, {}).keys()
    assert names - options(function).keys() == NO_OPTION.get(function, {}).keys()


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__qualname__)
def test_defaults_are_those_of_the_engine(function):
    usual = options(function)
    plain = {name: list(default) if isinstance(default, tuple) else default for name, default in arguments(function).items()}
    differing = {name for name, default in plain.items() if name in usual and default != usual[name]}
    assert differing == OTHER_DEFAULT.get(function, {}).keys()


def test_an_option_that_the_engine_does_not_have_is_refused():
    with pytest.raises(clv.UsageError, match="there is no option futurs here"):
        _clv.simulate(None, {"customers": 10, "futurs": 3})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"seed": -1}, r"^seed is -1; give a whole number from 0 to 18446744073709551615$"),
        ({"seed": True}, r"^seed is True; give a whole number"),
        ({"seed": 2**64}, r"^seed is 18446744073709551616; give a whole number"),
        ({"customers": "ten"}, r"^customers is 'ten'; give a whole number"),
        ({"start": 3}, r"^start is 3; give a text"),
        ({"start": "yesterday"}, r"^start: `yesterday` is not a date: write it like 1997-09-30"),
        ({"joining": "9 eons"}, r"^joining: `9 eons` is not a horizon"),
        ({"joining": None}, r"^joining is None; give a text"),
    ],
)
def test_what_is_no_value_is_refused_by_name(given, words):
    with pytest.raises(clv.UsageError, match=words):
        clv.simulate(**{"customers": 10} | given)


def test_words_are_those_of_the_engine(sample):
    few = sample.iloc[:200]
    for given, words in (
        ({"unit": "fortnight"}, r"^unit is 'fortnight'; give 'day', 'week', 'month' or 'year'$"),
        ({"returns": "keep"}, r"^returns is 'keep'; give 'net', 'drop' or 'error'$"),
        ({"strict": 1}, r"^strict is 1; give True or False$"),
        ({"where": [3]}, r"^where is 3; give a text$"),
        ({"max_left_out": "lots"}, r"^max_left_out is `lots`; give a share like 5% or 0.05$"),
        ({"from_": "soon"}, r"^from_: `soon` is not a date"),
    ):
        with pytest.raises(clv.UsageError, match=words):
            clv.summarize(few, **given)


def test_numbers_and_days_are_taken_in_any_form(sample):
    few = sample.iloc[:500]
    same = clv.summarize(few, until="1998-06-30", keep=(), max_left_out=0.05)
    for day in (dt.date(1998, 6, 30), dt.datetime(1998, 6, 30, 12), np.datetime64("1998-06-30")):
        assert clv.summarize(few, until=day, max_left_out=np.float32(0.05)).equals(same)
    orders = [clv.simulate(customers=number, seed=np.uint8(7)).to_numpy() for number in (20, np.int64(20))]
    assert all((orders[0][name] == orders[1][name]).all() for name in orders[0])
