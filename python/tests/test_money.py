"""Exports on which money is easily lost, as frames and files."""

import pandas as pd
import pyarrow as pa
import pytest

import clv


def total(orders, **options):
    """What customers have paid in all."""
    return clv.summarize(orders, **options).total.sum()


@pytest.fixture
def orders():
    return pd.DataFrame(
        {
            "order_id": [1, 1, 2, 3],
            "customer_id": ["0", "0", "7", "7"],
            "email": ["A@x.org", "a@x.org", "b@x.org", "b@x.org"],
            "date": ["2024-01-05", "2024-01-05", "2024-02-05", "2024-03-05"],
            "amount": ["1 234,50", "10,00", "20,00-", "100,00"],
            "currency": ["EUR", "EUR", "EUR", "USD"],
            "status": ["completed", "completed", "completed", "refunded"],
            "refund": ["0", "0", "0", "40,00"],
        }
    )


def test_each_argument_does_what_it_says(orders):
    with pytest.raises(clv.DataError, match="currency keeps one of them, and with rates"):
        clv.summarize(orders)
    euros = orders.assign(currency="EUR")
    with pytest.warns(clv.DataWarning, match="where='status!=refunded'"):
        read = clv.Orders(euros)
        assert read.summarize().customer_id.tolist() == ["7", "a@x.org"]
    assert (read.read["orders"], read.read["further_lines"], read.read["returns"]) == (3, 1, 1)
    assert any("decimal commas" in told for told in read.read["told"])
    quiet = {"ignore": ["status", "refund"]}
    # Order 2 is a return of somebody who had not bought yet.
    assert total(euros, **quiet) == 1234.5 + 10 + 100
    kept = {"where": ["status=completed", "customer_id=0"], "ignore": "refund"}
    assert total(euros, **kept) == 1244.5
    assert total(euros.assign(amount="5"), refund="refund", refund_per="line", amount_per="line", where="order_id=3") == -35
    assert len(clv.summarize(euros, exact_ids=True, **quiet)) == 2
    rates = pd.DataFrame({"currency": ["USD"], "rate": [0.5]})
    assert total(orders, currency="EUR", rates=rates, where="order_id=3", **quiet) == 50
    assert total(orders, currency="USD", **quiet) == 100


def test_a_page_is_not_written_over_rates(orders, tmp_path):
    rates = tmp_path / "rates.csv"
    rates.write_text("currency,rate\nUSD,0.5\n")
    with pytest.raises(clv.UsageError, match="an input"):
        clv.report(orders, path=rates, currency="EUR", rates=rates, overwrite=True)
    assert rates.read_text().startswith("currency")


def test_questions_have_answers_as_arguments(orders):
    doubtful = orders.assign(currency="EUR", amount=["1,101", "250", "7", "8"])
    quiet = {"ignore": ["status", "refund"], "amount_per": "line"}
    with pytest.raises(clv.UsageError, match=r"1\.101, or 1101") as asked:
        clv.summarize(doubtful, **quiet)
    assert asked.value.answers == ["decimal_comma=True", "thousands=','"]
    assert total(doubtful, decimal_comma=True, **quiet) == pytest.approx(1.101 + 250 + 7 + 8)
    assert total(doubtful, thousands=",", **quiet) == 1101 + 250 + 7 + 8
    two = orders[:2].assign(amount="5", currency="EUR")
    with pytest.raises(clv.UsageError) as asked:
        clv.summarize(two, ignore=["status", "refund"])
    assert asked.value.answers == ["amount_per='order'", "amount_per='line'"]


def test_too_much_that_cannot_be_read_is_refused(orders):
    many = pd.concat([orders[3:]] * 20, ignore_index=True).assign(order_id=range(20))
    many.loc[:4, "amount"] = "many"
    with pytest.raises(clv.DataError, match=r"5 of 20 rows with an unreadable amount.*max_left_out"):
        clv.summarize(many)
    with pytest.warns(clv.DataWarning, match="5 of 20 rows"):
        assert total(many, max_left_out="30%", ignore=["status", "refund"]) == 1500
    with pytest.raises(clv.UsageError, match="max_left_out"):
        clv.summarize(many, max_left_out=7)


def test_overlapping_files(tmp_path):
    header = "order_id,customer_id,date,amount\n"
    (tmp_path / "a.csv").write_text(header + "1,a,2024-01-05,10\n2,a,2024-01-31,20\n")
    (tmp_path / "b.csv").write_text(header + "2,a,2024-01-31,20\n3,a,2024-02-05,30\n")
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    assert clv.summarize(files).to_numpy()["total"].sum() == 60
    (tmp_path / "b.csv").write_text(header + "2,a,2024-01-31,21\n")
    with pytest.raises(clv.UsageError) as asked:
        clv.summarize(files)
    assert asked.value.answers[1] == "repeated_orders='last'"
    assert clv.summarize(files, repeated_orders="last").to_numpy()["total"].sum() == 31


@pytest.mark.filterwarnings("ignore::clv.FitWarning", "ignore::clv.DataWarning")
def test_the_currency_goes_with_summary_and_model(sample, tmp_path):
    summary, unknown = clv.summarize(sample, currency="EUR"), clv.summarize(sample)
    assert summary.attrs["clv-currency"] == "EUR" and "clv-currency" not in unknown.attrs
    model = clv.BgNbd().fit(summary)
    assert (model.currency_, model.spend_.currency_, clv.BgNbd().fit(unknown).currency_) == ("EUR", "EUR", None)
    model.save(tmp_path / "model.json")
    assert clv.load(tmp_path / "model.json").currency_ == "EUR"
    dollars = clv.summarize(sample, currency="USD")
    for ask in (model.predict, model.spend_.expected_spend):
        with pytest.raises(clv.UsageError, match=r"in EUR, the data's are in USD"):
            ask(dollars)
        assert len(ask(unknown)) == len(ask(summary)) == len(unknown)
    arrow = pa.Table.from_pandas(dollars, preserve_index=False)
    with pytest.raises(clv.UsageError, match="in USD"):
        model.predict(arrow)
    with pytest.raises(clv.DataError, match="clv-currency"):
        summary.attrs["clv-currency"] = 7
        model.predict(summary)
