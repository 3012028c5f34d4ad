"""Types: of the package, of a user's script, and of the stub beside the engine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import clv

HERE = Path(__file__).parent
PACKAGE = Path(clv.__file__).parent
# As in python/pyproject.toml: optional, and without types of their own.
NAMES = ("IPython", "duckdb", "mlflow", "pandas", "polars", "pyarrow", "sklearn")
UNTYPED = "".join(f"[mypy-{name}.*]\nignore_missing_imports = True\nfollow_imports = skip\n" for name in NAMES)


def mypy(tmp_path, *arguments, module="mypy"):
    settings = tmp_path / "mypy.ini"
    settings.write_text(f"[mypy]\nstrict = True\ncache_dir = {tmp_path}/cache\n{UNTYPED}")
    flag = ["--mypy-config-file", str(settings)] if module.endswith("stubtest") else ["--config-file", str(settings)]
    return subprocess.run([sys.executable, "-m", module, *arguments, *flag], capture_output=True, text=True, cwd=tmp_path, check=False)


def test_package_is_typed(tmp_path):
    assert (PACKAGE / "py.typed").is_file()
    run = mypy(tmp_path, "-p", "clv")
    assert run.returncode == 0, run.stdout


def test_users_are_understood(tmp_path, sample_path):
    script = HERE / "typed_use.py"
    run = mypy(tmp_path, str(script))
    assert run.returncode == 0, run.stdout
    # And what is typed is true.
    assert subprocess.run([sys.executable, "-W", "ignore", str(script), sample_path], check=False).returncode == 0


MISTAKES = [
    'clv.BgNbd(prior_sd="2")',
    "clv.BgNbd(spend=3)",
    'clv.BgNbd(unit="weeks")',
    'clv.Orders("orders.csv", returns="nothing")',
    "clv.BgNbd().predict({}, discount=[0.1])",
    "clv.BgNbd().fitt({})",
    "clv.GammaGamma.from_params(p=1.0, q=2.0)",
    'clv.evaluate("orders.csv", origins="2")',
    'clv.simulate(customers="many")',
]


def test_mistakes_are_seen(tmp_path):
    script = tmp_path / "mistakes.py"
    script.write_text("\n".join(["import clv", *MISTAKES]))
    run = mypy(tmp_path, str(script))
    seen = {int(line.split(":")[1]) for line in run.stdout.splitlines() if line.startswith("mistakes.py:") and " error: " in line}
    assert {mistake for i, mistake in enumerate(MISTAKES) if i + 2 not in seen} == set()


def test_stub_is_the_engine(tmp_path):
    assert (PACKAGE / "_clv.pyi").is_file()
    run = mypy(tmp_path, "clv._clv", module="mypy.stubtest")
    assert run.returncode == 0, run.stdout


def test_public_names_are_there():
    assert all(hasattr(clv, name) for name in clv.__all__)
    assert sorted(clv.__all__) == list(clv.__all__) or set(clv.__all__) == set(dict.fromkeys(clv.__all__))
    public = {name for name in vars(clv) if not name.startswith("_")}
    modules = {name for name in public if type(getattr(clv, name)).__name__ == "module"}
    assert public - modules <= set(clv.__all__)


@pytest.mark.parametrize("name", ["pandas", "polars", "pyarrow", "duckdb", "sklearn", "matplotlib", "mlflow", "scipy"])
def test_nothing_but_numpy_is_imported(name):
    code = f"import sys, clv; sys.exit({name!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=dict(os.environ), check=False).returncode == 0


def test_it_works_where_there_is_only_numpy(sample_path):
    """Other libraries are hidden: orders from a file and from arrays, a fit, a forecast, a model file's text."""
    code = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"pandas", "polars", "pyarrow", "duckdb", "sklearn", "matplotlib", "mlflow", "scipy", "joblib"}:
            raise ImportError(name)
sys.meta_path.insert(0, Hidden())
import warnings; warnings.simplefilter("ignore")
import clv
orders = clv.simulate(customers=500)
model = clv.BgNbd().fit(clv.summarize(orders.to_numpy()))
table = clv.summarize(sys.argv[1], until="1997-09-30")
fitted = clv.BgNbd().fit(table)
answer = fitted.predict(table, "3m")
assert len(answer) == 2357 and fitted.to_json() and model._repr_html_() and repr(answer)
try:
    clv.BgNbd().p_alive(table)
except clv.NotFittedError:
    pass
for kind in ("to_pandas", "to_polars", "to_arrow"):
    try:
        getattr(table, kind)()
    except ImportError:
        pass
    else:
        raise AssertionError(kind)
assert len(clv.summarize(sys.argv[2])) == 60
clv.evaluate(sys.argv[1], split="1997-09-30"), clv.report(sys.argv[1])
"""
    parquet = Path(__file__).parents[2] / "tests" / "data" / "parquet" / "pyarrow-zstd.parquet"
    run = subprocess.run([sys.executable, "-c", code, sample_path, str(parquet)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
