"""Messages name arguments as Python writes them, and leave alone what users wrote."""

import re
from pathlib import Path

import pytest

import clv

NAMES = ["a--strict", "--until", "x --unit week", "{x}", "%s", "%(x)s", "-- --", "é--decimal-comma"]


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
    assert error.value.answers == ["unit='day'", "unit='week'"]  # type: ignore[attr-defined]
    with pytest.raises(clv.UsageError, match="`weights`") as error:
        clv.BgNbd(unit="week").fit({"frequency": [0], "recency": [0.0], "T": [1.0], "weights": [3]})
    assert error.value.answers == ["ignore='weights'"]  # type: ignore[attr-defined]
    clv.BgNbd(unit="week", prior_sd=2, ignore="weights").fit(
        {"frequency": [0, 2], "recency": [0.0, 5.0], "T": [9.0, 9.0], "weights": [3, 1]}
    )
