"""Executes every notebook as Jupyter would, beside a copy of the data; the assertions in them are the tests."""

import os
import re
import shutil
from pathlib import Path

import pytest

jupytext = pytest.importorskip("jupytext")
nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")
pytest.importorskip("matplotlib")
pytest.importorskip("pandas")

HERE = Path(__file__).parent
NOTEBOOKS = sorted(HERE.glob("[0-9][0-9]-*.py"))
SECONDS_OF_A_CELL = 120


@pytest.fixture
def folder(tmp_path):
    """A folder of notebooks with the data where they look for them, and nothing else of the repository."""
    shutil.copytree(HERE.parent / "data", tmp_path / "data")
    (tmp_path / "notebooks").mkdir()
    return tmp_path / "notebooks"


def test_there_are_seven():
    assert len(NOTEBOOKS) == 7


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs(path, folder):
    if path.stem == "07-spark" and shutil.which("java") is None:
        (pytest.fail if os.environ.get("CLV_REQUIRE_SPARK") == "1" else pytest.skip)("there is no Java, which Spark takes")
    ipynb = folder / f"{path.stem}.ipynb"
    nbformat.write(jupytext.read(path), ipynb)
    notebook = nbformat.read(ipynb, as_version=4)

    client = nbclient.NotebookClient(
        notebook, timeout=SECONDS_OF_A_CELL, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()

    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    assert any("assert " in cell.source for cell in cells), "nothing that the text says is checked"
    assert not [output for cell in cells for output in cell.outputs if output.output_type == "error"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_dollars_are_money(path):
    """Two dollars in a paragraph would be typeset as a formula."""
    text = "\n".join(cell.source for cell in jupytext.read(path).cells if cell.cell_type == "markdown")
    assert not re.findall(r"(?<!\\)\$", text)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_has_no_outputs_and_names_no_place(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ---\n# jupyter:\n") and "# %% [markdown]" in text
    for place in ("/home/", "/tmp/", "C:\\"):
        assert place not in text
