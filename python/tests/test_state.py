"""Orders that are delivered bit by bit: the summary of everything at once, and the state of the command."""

import json
import subprocess
from pathlib import Path

import pandas as pd
import pytest

import clv

FIRST = "customer_id,order_date,amount,source\na,2024-01-05,10,x\nb,2024-01-07,20,y\na,2024-02-10,30,x\n"
SECOND = "customer_id,order_date,amount,source\na,2024-03-05,10,x\nc,2024-03-07,25,y\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    for name, text in (("first.csv", FIRST), ("second.csv", SECOND)):
        (tmp_path / name).write_text(text)
    return str(tmp_path / "first.csv"), str(tmp_path / "second.csv")


def frame(table: clv.Table) -> pd.DataFrame:
    return table.to_pandas().sort_values("customer_id", ignore_index=True)


def test_deliveries_add_up_to_everything_at_once(files: tuple[str, str], tmp_path: Path) -> None:
    state = tmp_path / "state.parquet"
    begun = clv.summarize(files[0], state=state, keep=["source"])
    pd.testing.assert_frame_equal(frame(begun), frame(clv.summarize(files[0], keep=["source"])))
    both = frame(clv.summarize([*files], keep=["source"], sum_log_interpurchase=True))
    # The first file again adds nothing, and that is said.
    with pytest.warns(clv.DataWarning, match="first.csv was delivered before, as first.csv: it adds nothing"):
        added = clv.summarize([*files], state=state, append=True, sum_log_interpurchase=True)
    pd.testing.assert_frame_equal(frame(added), both)
    pd.testing.assert_frame_equal(frame(clv.summarize(state=state, sum_log_interpurchase=True)), both)
    until = frame(clv.summarize(state=state, until="2024-02-28", unit="day"))
    pd.testing.assert_frame_equal(until, frame(clv.summarize([*files], until="2024-02-28", unit="day", keep=["source"])))


def test_the_command_goes_on_where_python_left_off(files: tuple[str, str], tmp_path: Path, command: str) -> None:
    ours, theirs, out = tmp_path / "ours.parquet", tmp_path / "theirs.parquet", tmp_path / "summary.csv"

    def told(*options: str | Path) -> dict[str, object]:
        call = [command, "summarize", *options, "-o", out, "--json"]
        state = json.loads(subprocess.run(call, capture_output=True, check=True).stdout)["state"]
        return {name: state[name] for name in ("deliveries", "counts")}

    clv.summarize(files[0], state=ours)
    told(files[0], "--state", theirs)
    assert ours.read_bytes() == theirs.read_bytes()
    clv.summarize(files[1], state=ours, append=True)
    assert told("--state", ours) == told(files[1], "--state", theirs, "--append")
    assert ours.read_bytes() == theirs.read_bytes()


def test_nothing_is_kept_of_what_is_refused(files: tuple[str, str], tmp_path: Path) -> None:
    state = tmp_path / "state.parquet"
    for ask, words in (
        (lambda: clv.summarize(files[0], state=state, append=True), "there is no such state; leave out append"),
        (lambda: clv.summarize(state=state), "there is no such state; name the orders to begin it"),
        (lambda: clv.summarize(pd.read_csv(files[0]), state=state), "a state takes files"),
        (lambda: clv.summarize(clv.Orders(files[0]), state=state), "these orders have been read; a state takes their files"),
        (lambda: clv.summarize(files[0], state=tmp_path / "state.csv"), "must end in .parquet"),
        (lambda: clv.summarize(files[0], state=state, overlap="both"), "overlap is 'both'"),
        (lambda: clv.summarize(files[0], append=True), "append is about a state"),
        (lambda: clv.summarize(), "give a frame, a path, or a list of paths; or a state"),
        (lambda: clv.summarize(files[0], state=files[0]), r"is an input|must end in .parquet"),
    ):
        with pytest.raises(clv.UsageError, match=words):
            ask()
        assert not state.exists()
    clv.summarize(files[0], state=state)
    before = state.read_bytes()
    for ask, words in (
        (lambda: clv.summarize(files[1], state=state), "exists: append=True adds orders to it"),
        (lambda: clv.summarize(state=state, append=True), "append=True takes orders; without any"),
        (lambda: clv.summarize(state=state, date="order_date"), "date says how orders are read; without orders"),
        (lambda: clv.summarize(files[1], state=state, append=True, returns="drop"), "a state takes one of them"),
        (lambda: clv.summarize(files[1], state=state, append=True, until="2024-13-01"), "until: `2024-13-01` is not a date"),
    ):
        with pytest.raises((clv.UsageError, clv.DataError), match=words):
            ask()
        assert state.read_bytes() == before


def test_orders_of_a_day_twice_are_refused_unless_they_are_others(files: tuple[str, str], tmp_path: Path) -> None:
    state, again = tmp_path / "state.parquet", tmp_path / "again.csv"
    again.write_text("customer_id,order_date,amount,source\na,2024-01-05,7,x\n")
    clv.summarize(files[0], state=state)
    with pytest.raises(clv.DataError, match="add overlap='add'"):
        clv.summarize(str(again), state=state, append=True)
    added = frame(clv.summarize(str(again), state=state, append=True, overlap="add"))
    assert added.loc[added["customer_id"] == "a", "total"].tolist() == [47.0]
