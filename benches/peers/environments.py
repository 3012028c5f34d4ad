"""Virtual environments of the programs that are compared, in CLV_PEERS_DIR or a temporary folder."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[2]
FOLDER = pathlib.Path(os.environ.get("CLV_PEERS_DIR", pathlib.Path(tempfile.gettempdir()) / "clv-peers")).absolute()
LIFETIMES = ["lifetimes==0.11.3", "numpy<2", "pandas<2.2", "scipy<1.13", "autograd<1.7"]
ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def environment(name, packages, interpreter=sys.executable):
    """The Python of an environment with these packages, made if it is not there."""
    python = FOLDER / name / "bin" / "python"
    if not python.exists():
        subprocess.run([interpreter, "-m", "venv", FOLDER / name], check=True)
        try:
            subprocess.run([python, "-m", "pip", "-q", "install", *packages], check=True)
        except BaseException:
            # Half an environment would be taken for one the next time.
            shutil.rmtree(FOLDER / name)
            raise
    return python


def interpreter(oldest, newest):
    """A Python 3 with a minor version from one to the other: this one, of the path, of pyenv; `None` if there is none."""
    minors = range(oldest, newest + 1)
    on_path = [found for minor in minors if (found := shutil.which(f"python3.{minor}"))]
    versions = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv")) / "versions"
    of_pyenv = [python for minor in minors for python in sorted(versions.glob(f"3.{minor}.*/bin/python"))]
    return next((python for python in [sys.executable, *on_path, *of_pyenv] if _minor(python) in minors), None)


def _minor(python):
    # What pyenv puts on the path runs only if the version is chosen.
    asked = subprocess.run([python, "-c", "import sys; print(sys.version_info[1])"], capture_output=True, text=True)
    return int(asked.stdout) if asked.returncode == 0 else None
