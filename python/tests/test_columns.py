"""What the package says of columns is what the engine says."""

import pyarrow

import clv


def test_columns_that_come_out_are_explained(sample_path, summary, model):
    every = clv.columns().to_pandas()
    assert list(every) == ["table", "column", "meaning", "formula", "unit", "source", "option"]
    assert set(every.table) == {"summary", "prediction", "on request", "totals", "description"}
    known = set(every.column)
    assert set(clv.summarize(sample_path, until="1997-09-30").columns) - known == set()
    predicted = model.predict(summary, horizons=["3m"], intervals=[80], counts=1, over=[100], next=[80], standard_errors=True)
    assert {name for name in predicted.columns if not name.endswith(("_se", "_hi80")) and name != "p_0_3m"} <= known
    assert (every.meaning != "").all()


def test_docstrings_list_the_columns():
    for function, column in [
        (clv.summarize, "monetary_value"),
        (clv.BgNbd.predict, "p_alive_3m"),
        (clv.BgNbd.totals, "p_value_over_100"),
        (clv.describe, "rfm_score"),
    ]:
        assert f"\n    {column}\n" in function.__doc__.replace("\n        ", "\n    "), function
    assert "(with `horizons='forever'`)" in clv.BgNbd.predict.__doc__


def test_arrow_has_them_as_metadata():
    model = clv.BgNbd.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week", until="1997-09-30")
    predicted = pyarrow.table(model.predict_new(["3m"]))
    metadata = predicted.schema.field("p_alive_3m").metadata
    assert metadata[b"unit"] == b"probability" and b"alive" in metadata[b"description"]
