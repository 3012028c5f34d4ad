"""Messages name arguments as Python writes them, and leave alone what users wrote."""

import re
from pathlib import Path

import pytest

import clv

NAMES = ["a--strict", "--until", "x --unit week", "{x}", "%s", "%(x)s", "-- --", "é--decimal-comma", "⟨--strict⟩", "unit = week"]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_files_stay_as_they_are(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.csv"
    path.write_text("customer_id,order_date,amount\na,2024-01-05,x\n")
    with pytest.raises(clv.DataError, match=re.escape(str(path))):
        clv.summarize(path)
    path.write_text("customer_id,order_date,amount\na,2024-01-05,1\na,,5\n")
    with pytest.raises(clv.DataError) as error:
        clv.summarize(path, strict=True)
    assert str(path) in str(error.value)
    assert str(error.value).endswith("; strict=True allows none")


@pytest.mark.parametrize("name", [name.strip() for name in NAMES])
def test_customers_and_cells_stay_as_they_are(name: str) -> None:
    orders = {"customer_id": ["a", name], "order_date": ["2024-01-05", name], "amount": [1.0, 2.0]}
    with pytest.warns(clv.DataWarning, match=re.escape(f"`{name}`")):
        clv.summarize(orders, max_left_out=1)
    summary = {"customer_id": [name, name], "frequency": [0, 0], "recency": [0.0, 0.0], "T": [5.0, 6.0]}
    with pytest.raises(clv.DataError, match=re.escape(f"customer `{name}` appears twice")):
        clv.BgNbd(unit="week", until="2024-01-05").fit(summary)


def test_options_are_arguments() -> None:
    orders = {"customer_id": ["a", "b"], "order_date": ["03/04/2024", "05/04/2024"], "amount": [1.0, 2.0]}
    with pytest.raises(clv.UsageError, match=r"date_format='%d/%m/%Y' or date_format='%m/%d/%Y'"):
        clv.summarize(orders)
    with pytest.raises(clv.UsageError, match=r"^prior_sd is -1"):
        clv.BgNbd(prior_sd=-1).fit({"frequency": [0], "recency": [0.0], "T": [1.0]})


def test_a_question_has_answers() -> None:
    days = ["2020-01-01", "2020-01-01"]
    summary = {"customer_id": [1, 2], "frequency": [0, 1], "recency": [0.0, 2.0], "T": [10.0, 10.0], "first_purchase": days}
    with pytest.raises(clv.UsageError, match="which is it") as error:
        clv.BgNbd().fit(summary)
    assert error.value.answers == ["unit='day'", "unit='week'"]
    with pytest.raises(clv.UsageError, match="`weights`") as error:
        clv.BgNbd(unit="week").fit({"frequency": [0], "recency": [0.0], "T": [1.0], "weights": [3]})
    assert error.value.answers == ["sample_weight='weights'", "ignore='weights'"]
    clv.BgNbd(unit="week", prior_sd=2, ignore="weights").fit(
        {"frequency": [0, 2], "recency": [0.0, 5.0], "T": [9.0, 9.0], "weights": [3, 1]}
    )


def test_an_error_is_data() -> None:
    orders = {"customer_id": ["a", "b"], "order_date": ["2024-01-05", "2024-02-31"], "amount": [1.0, 2.0]}
    with pytest.raises(clv.DataError) as error:
        clv.summarize(orders, strict=True)
    known = error.value
    assert (known.kind, known.option, known.file, known.row) == ("data", "strict", "orders", 2)
    assert (known.column, known.value, known.answers) == (None, "2024-02-31", [])
    with pytest.raises(clv.UsageError) as asked:
        clv.summarize({**orders, "order_date": ["03/04/2024", "05/04/2024"]})
    assert (asked.value.kind, asked.value.option, asked.value.value) == ("question", "date_format", "03/04/2024")
    assert asked.value.answers == ["date_format='%d/%m/%Y'", "date_format='%m/%d/%Y'"]
    with pytest.raises(clv.DataError) as missing:
        clv.summarize(orders, customer="--until")
    assert (missing.value.column, missing.value.option) == ("--until", None)
    with pytest.raises(clv.FitError) as few:
        clv.BgNbd(unit="week", spend=None).fit({"frequency": [0, 1], "recency": [0.0, 1.0], "T": [5.0, 6.0]})
    assert (few.value.kind, few.value.answers) == ("fit", [])


def test_arguments_that_are_wrong_are_named() -> None:
    orders = {"customer_id": ["a"], "order_date": ["2024-01-05"], "amount": [1.0]}
    for argument, wrong in [("until", "soon"), ("from_", "--until"), ("currency", "⟨--strict⟩"), ("where", "{x}"), ("grain", "hour")]:
        with pytest.raises(clv.UsageError, match=re.escape(wrong)) as error:
            clv.summarize(orders, **{argument: wrong})  # type: ignore[arg-type]
        assert error.value.option == argument
        assert argument in str(error.value) and f"--{argument}" not in str(error.value)


def test_raised_by_the_package_it_is_data_too() -> None:
    with pytest.raises(clv.UsageError) as error:
        clv.compare({"frequency": [0], "recency": [0.0], "T": [1.0]}, split="2024-01-01")
    assert (error.value.kind, error.value.file, error.value.answers) == ("usage", None, [])
