"""What the tests share: CDNOW's orders and their summary, how often properties are tried, where the command is, and databases."""

import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pandas as pd
import pytest

import clv

sys.path.insert(0, str(Path(__file__).parent))
import databases
import postgres as postgresql
import sparks

ROOT = Path(__file__).parents[2]

# The same cases in every run, whatever the machine.
hypothesis.settings.register_profile(
    "clv", derandomize=True, deadline=None, print_blob=False, suppress_health_check=list(hypothesis.HealthCheck)
)
hypothesis.settings.load_profile("clv")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def sample_path() -> str:
    """The orders of CDNOW's 1/10 sample."""
    return str(ROOT / "data/cdnow/orders-sample.csv")


@pytest.fixture(scope="session")
def sample(sample_path: str) -> pd.DataFrame:
    """The same as a frame, dates as timestamps."""
    return pd.read_csv(sample_path, dtype={"customer_id": str}, parse_dates=["order_date"])


@pytest.fixture(scope="session")
def summary(sample: pd.DataFrame) -> pd.DataFrame:
    """The sample's customers in weeks 1-39, in which the papers fit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", clv.DataWarning)
        return clv.summarize(sample, until="1997-09-30")


@pytest.fixture(scope="session")
def undated(summary: pd.DataFrame) -> pd.DataFrame:
    """The same without dates, as lifetimes would make it."""
    bare = summary.set_index("customer_id")[["frequency", "recency", "T", "monetary_value"]]
    bare.attrs.clear()
    return bare


@pytest.fixture(scope="session")
def model(summary: pd.DataFrame) -> clv.BgNbd:
    """BG/NBD and Gamma-Gamma on them."""
    return clv.BgNbd().fit(summary)


@pytest.fixture(scope="session")
def command() -> str:
    """The `clv` command, if the environment says where it is."""
    path = os.environ.get("CLV")
    if not path:
        pytest.skip("the variable CLV does not say where the command is")
    if not Path(path).is_file():
        pytest.fail(f"CLV is {path}, where there is no file")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server; without one tests are skipped, or fail if `CLV_REQUIRE_POSTGRES` is 1."""
    why = postgresql.missing()
    if why is not None:
        (pytest.fail if os.environ.get("CLV_REQUIRE_POSTGRES") == "1" else pytest.skip)(why)
    with postgresql.running() as address:
        yield address


@pytest.fixture(scope="session")
def java() -> None:
    """What Spark takes; without it tests are skipped, or fail if `CLV_REQUIRE_SPARK` is 1."""
    why = sparks.missing()
    if why is not None:
        (pytest.fail if os.environ.get("CLV_REQUIRE_SPARK") == "1" else pytest.skip)(why)


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def database(request: pytest.FixtureRequest) -> databases.DuckDb | databases.Postgres:
    """A database of each kind, with a table or several."""
    return databases.DuckDb() if request.param == "duckdb" else databases.Postgres(request.getfixturevalue("postgres"))
