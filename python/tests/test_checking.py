"""One look at orders before anything is fitted."""

import pandas as pd
import pytest

import clv


def test_orders_are_looked_at(sample):
    checked = clv.check(sample)
    assert checked.guessed == {}
    assert checked.read["rows"] == 6919
    rows = checked.rows
    assert isinstance(rows, pd.DataFrame)
    assert (len(rows), rows["amount"][0]) == (5, 29.33)
    assert str(rows["day"][0])[:10] == "1997-01-01"
    # By 1998-06-30, 1,139 of the 2,357 customers of CDNOW's sample came back.
    assert checked.enough["when they purchase"] == (True, "1,139 of 2,357 customers came back; it takes 10")
    assert "1,139 of 2,357" in repr(checked)
    # The orders are read, and ready for more.
    assert len(checked.orders.summarize()) == 2357


@pytest.mark.parametrize("as_path", [False, True])
def test_columns_are_taken_for_what_they_may_be(as_path, tmp_path):
    orders = pd.DataFrame(
        {
            "Kundennr": [f"k{i % 20}" for i in range(200)],
            "Bestelldatum": pd.date_range("2023-01-01", periods=200).strftime("%d %b %Y"),
            "Betrag": [10 + i % 7 for i in range(200)],
        }
    )
    given = orders
    if as_path:
        given = tmp_path / "bestellungen.csv"
        orders.to_csv(given, index=False)
    checked = clv.check(given, unit="day")
    assert checked.guessed == {"customer": "Kundennr", "date": "Bestelldatum", "amount": "Betrag"}
    assert "Kundennr" in repr(checked)
    summary = clv.summarize(given, unit="day", **checked.guessed)
    assert len(summary) == 20
    with pytest.raises(clv.DataError, match=r"which columns are the customer, the date and the amount\?.*customer='Kundennr'"):
        clv.summarize(given)


def test_wrong_options_are_named(sample):
    with pytest.raises(TypeError, match="untill"):
        clv.check(sample, untill="1997-09-30")
