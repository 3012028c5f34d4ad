"""Time the Python package, `lifetimes` 0.11.3 and `pymc-marketing` (MAP) on the same summaries in the same run.

    python3 benches/peers/python.py [sizes ...] [--json FILE] [--minutes 20]

Sizes are `CDNOW` (its sample) or numbers of simulated customers. Each program has a virtual environment in CLV_PEERS_DIR or a
temporary folder: clv from the wheel that CLV_WHEEL names, or built from `python/`; lifetimes with the versions it still works with;
pymc-marketing with Python 3.12 or 3.13, which is looked for on the path and in pyenv. Each run is a process of its own with one
thread for BLAS; those that are quick run up to five times, and medians are shown. PyTensor compiles for the data it is given: here
it finds what it kept of a fit to other customers, and in one run, told apart, nothing. A program that fails, takes longer than
`--minutes` or more memory than there is gets a reason instead of figures. Prints Markdown: times, memory, answers, versions.
"""

import argparse
import functools
import glob
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from environments import FOLDER, LIFETIMES, ONE_THREAD, ROOT, environment, interpreter
from summaries import full_summary, last_day

STEPS = ROOT / "benches" / "peers" / "steps"
PYMC_MARKETING = ["pymc-marketing==1.3.0"]
IMPORTS = {"clv": "import clv", "lifetimes": "import lifetimes", "pymc-marketing": "from pymc_marketing import clv"}
SCRIPTS = {"clv": "with_clv.py", "lifetimes": "with_lifetimes.py", "pymc-marketing": "with_pymc_marketing.py"}
PACKAGES = {
    "clv": ["clv", "numpy", "pandas"],
    "lifetimes": ["lifetimes", "numpy", "pandas", "scipy", "autograd"],
    "pymc-marketing": ["pymc-marketing", "pymc", "pytensor", "numba", "numpy", "pandas"],
}
ROWS = {
    "fit": "BG/NBD fit",
    "fit, nothing compiled": "the same, nothing compiled yet",
    "fit again": "the same, again in the process",
    "fit spend": "Gamma-Gamma fit",
    "fit spend again": "the same, again in the process",
    "fit both": "both fits in one call",
    "purchases": "expected purchases, 39 weeks",
    "value": "value, 12 months",
    "all": "import, read, fit, predict",
}
MEMORY = {"resident": "MB with the summary read", "peak": "MB at most"}
WITH_PANDAS = "import, pandas with it"
QUICK = 60  # seconds, after which no further run begins
RUNS = 5
SPARE = 500 << 20  # bytes that the system keeps


class Failed(Exception):
    """Why there are no figures."""


def wheel():
    """Our wheel: given, or built."""
    if "CLV_WHEEL" in os.environ:
        found = glob.glob(os.environ["CLV_WHEEL"])
        if not found:
            raise Failed(f"CLV_WHEEL is {os.environ['CLV_WHEEL']}, and there is no such file")
        return max(found, key=os.path.getmtime)
    folder = FOLDER / "wheels"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "pip", "-q", "wheel", "--no-deps", "-w", folder, ROOT / "python"], check=True)
    return next(folder.glob("clv-*.whl"))


def with_python(name, packages, oldest, newest):
    python = interpreter(oldest, newest)
    if python is None:
        raise Failed(f"it needs Python 3.{oldest} to 3.{newest}, and none is on the path or in pyenv")
    return environment(name, packages, python)


def environment_of(program):
    if program == "lifetimes":
        return with_python("venv", LIFETIMES, 9, 12)
    if program == "pymc-marketing":
        return with_python("venv-pymc-marketing", PYMC_MARKETING, 12, 13)
    python = with_python("venv-clv", ["numpy", "pandas"], 11, 14)
    subprocess.run([python, "-m", "pip", "-q", "install", "--force-reinstall", "--no-deps", wheel()], check=True)
    return python


def available():
    """Bytes of memory that processes can still have, where the system says it."""
    try:
        with open("/proc/meminfo") as lines:
            return next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable"))
    except OSError:
        return None


def watched(command, minutes, **options):
    """Standard output of a process, and why it did not end well."""
    with tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=errors, text=True, **options)
        reasons = []
        watch = threading.Thread(target=_watch, args=(child, minutes, reasons))
        watch.start()
        output, _ = child.communicate()
        watch.join()
        errors.seek(0)
        last = errors.read().strip().rpartition("\n")[2]
    if child.returncode == -9 and not reasons:
        reasons.append("ended by the system, which has no memory left")
    if child.returncode and not reasons:
        reasons.append(last or f"status {child.returncode}")
    return output, reasons[0] if reasons else None


def _watch(child, minutes, reasons):
    end = time.monotonic() + 60 * minutes
    while child.poll() is None:
        free = available()
        if free is not None and free < SPARE:
            reasons.append("takes more memory than there is")
        elif time.monotonic() > end:
            reasons.append(f"takes more than {minutes:g} minutes")
        if reasons:
            child.kill()
            return
        time.sleep(0.05)


def one_run(program, python, size, minutes, compiled="", *more):
    """What every step took, by its name, and why the rest is missing."""
    command = [python, STEPS / SCRIPTS[program], full_summary(size), *([last_day(size)] if program == "clv" else []), *more]
    flags = {"PYTENSOR_FLAGS": f"base_compiledir={compiled}"} if compiled else {}
    output, reason = watched(command, minutes, env={**ONE_THREAD, **flags})
    steps = {step.pop("what"): step for step in map(json.loads, output.splitlines())}
    return steps, reason


def runs(one):
    """Medians of some runs."""
    done, start = [], time.monotonic()
    while len(done) < RUNS and (not done or time.monotonic() - start < QUICK):
        steps, reason = one()
        if reason:
            return {**(medians(done) if done else steps), "failed": reason}
        done.append(steps)
    return {**medians(done), "runs": len(done)}


def runs_of_pymc_marketing(python, size, minutes):
    """The same, from what PyTensor keeps of a fit to other customers; apart, one run that begins with nothing compiled."""

    def warmed():
        with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
            shutil.copytree(compiled_for_others(python, minutes), folder, dirs_exist_ok=True)
            return one_run("pymc-marketing", python, size, minutes, folder)

    with tempfile.TemporaryDirectory(dir=FOLDER) as nothing:
        first, reason = one_run("pymc-marketing", python, size, minutes, nothing, "--own-priors")
    if reason:
        return {**first, "failed": reason}
    only_here = {what: step for what, step in first.items() if "own priors" in what}
    return {**runs(warmed), **only_here, "fit, nothing compiled": first["fit"]}


@functools.cache
def compiled_for_others(python, minutes):
    """PyTensor's folder after a fit to a thousand simulated customers."""
    folder = FOLDER / "compiled"
    shutil.rmtree(folder, ignore_errors=True)
    # If it fails, so does what is measured, and says why.
    one_run("pymc-marketing", python, "1000", minutes, folder)
    folder.mkdir(exist_ok=True)
    return folder


def medians(done):
    def median(what):
        values = [steps[what] for steps in done]
        if what.startswith("answers"):
            return values[0]
        return {name: statistics.median(value[name] for value in values) for name in values[0]}

    return {what: median(what) for what in done[0]}


def import_seconds(program, python, more=""):
    """Of a process that imports nothing else; the first of six fills the caches of the system."""
    text = f"import time; start = time.perf_counter(); {IMPORTS[program]}{more}; print(time.perf_counter() - start)"
    seconds = []
    for _ in range(RUNS + 1):
        done = subprocess.run([python, "-W", "ignore", "-c", text], capture_output=True, text=True, env=ONE_THREAD, check=True)
        seconds.append(float(done.stdout.splitlines()[-1]))
    return statistics.median(seconds[1:])


def versions(program, python):
    text = f"import json, platform; from importlib.metadata import version; names = {PACKAGES[program]}; "
    text += "print(json.dumps({'Python': platform.python_version(), **{name: version(name) for name in names}}))"
    return json.loads(subprocess.run([python, "-c", text], capture_output=True, text=True, check=True).stdout)


def machine():
    """What it is measured on."""
    name = platform.processor() or platform.machine()
    cpu = pathlib.Path("/proc/cpuinfo")
    if cpu.exists():
        names = [line.partition(":")[2].strip() for line in cpu.read_text().splitlines() if line.startswith("model name")]
        name = names[0] if names else name
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({name}), {gigabytes:.0f} GB, {platform.system()} {platform.machine()}"


def whole(steps, seconds):
    """From import to values; ours fits both models in one call."""
    fits = ["fit both"] if "fit both" in steps else ["fit", "fit spend"]
    parts = ["load", *fits, "purchases", "value"]
    if all(part in steps for part in parts):
        steps["all"] = {"seconds": seconds + sum(steps[part]["seconds"] for part in parts)}


def measure(size, pythons, imports, minutes):
    results = {}
    for program, python in pythons.items():
        print(f"{size}: {program}", file=sys.stderr, flush=True)
        if program == "pymc-marketing":
            results[program] = runs_of_pymc_marketing(python, size, minutes)
        else:
            results[program] = runs(functools.partial(one_run, program, python, size, minutes))
        whole(results[program], imports[program])
    return results


def digits(number):
    return "" if number is None else f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def ratio(theirs, ours):
    return "" if None in (theirs, ours) else f"{digits(theirs / ours)} x"


def row(customers, what, numbers, cpu=None):
    if not numbers:
        return
    ours, *theirs = (numbers.get(program) for program in SCRIPTS)
    cells = [customers, what, *(digits(n) for n in (ours, *theirs)), *(ratio(n, ours) for n in theirs), digits(cpu)]
    print("| " + " | ".join(cells) + " |", flush=True)


def head(*cells):
    print("| " + " | ".join(cells) + " |\n|" + " --- |" * len(cells), flush=True)


def show_size(customers, results):
    def numbers(what, field):
        return {program: steps[what][field] for program, steps in results.items() if what in steps}

    for what, words in ROWS.items():
        row(customers, words, numbers(what, "seconds"), results["clv"].get(what, {}).get("cpu"))
    for what, words in MEMORY.items():
        row(customers, words, numbers(what, "megabytes"))


def show_answers(customers, program, answers, ours):
    """Parameters, totals, and by how much they differ from ours at most, in per cent."""

    def apart(number, mine):
        return 0.0 if number is None else 100 * abs(number / mine - 1)

    mine, theirs = ours["parameters"], answers["parameters"]
    parameters = max(apart(theirs[name], mine[name]) for name in mine)
    totals = [f"{answers[what]:,.2f}" if answers[what] else "" for what in ("purchases", "value")]
    differences = [parameters, *(apart(answers[what], ours[what]) if answers[what] else None for what in ("purchases", "value"))]
    cells = [customers, program, *(f"{theirs[name]:.5g}" for name in mine), *totals]
    shown = ["" if program == "clv" or d is None else f"{d:.2g}%" for d in differences]
    print("| " + " | ".join([*cells, *shown]) + " |")


def show_all_answers(sizes):
    names = ["r", "alpha", "a", "b", "p", "q", "v"]
    head("customers", "", *names, "purchases", "value", "parameters differ by", "purchases by", "value by")
    for customers, results in sizes.items():
        for program, steps in results.items():
            for what in ("answers", "answers, its own priors"):
                if what in steps and "answers" in results["clv"]:
                    show_answers(customers, program + what.removeprefix("answers"), steps[what], results["clv"]["answers"])


def prepared():
    """The Python of every program that there is, and why there is none."""
    pythons, missing = {}, {}
    for program in SCRIPTS:
        try:
            pythons[program] = environment_of(program)
        except (Failed, subprocess.CalledProcessError) as reason:
            missing[program] = str(reason)
    if "clv" not in pythons:
        sys.exit(f"clv: {missing['clv']}")
    return pythons, missing


def label(size):
    return "2,357" if size == "CDNOW" else f"{int(size):,}"


def main(arguments):
    FOLDER.mkdir(parents=True, exist_ok=True)
    pythons, missing = prepared()
    facts = {"machine": machine(), "versions": {program: versions(program, python) for program, python in pythons.items()}}
    imports = {
        words: {program: import_seconds(program, python, more) for program, python in pythons.items()}
        for words, more in {"import": "", WITH_PANDAS: "; import pandas"}.items()
    }

    head("customers", "s", *SCRIPTS, *(f"{program} / clv" for program in SCRIPTS if program != "clv"), "clv, CPU s")
    for words, seconds in imports.items():
        row("", words, seconds)
    sizes = {}
    for size in arguments.sizes:
        results = sizes[label(size)] = measure(size, pythons, imports[WITH_PANDAS], arguments.minutes)
        show_size(label(size), results)
    print()
    show_all_answers(sizes)
    print()
    for program, reason in missing.items():
        print(f"- {program}: left out, {reason}")
    for customers, results in sizes.items():
        for program, steps in results.items():
            if "failed" in steps:
                print(f"- {program} at {customers} customers: {steps['failed']}")
    for program, found in facts["versions"].items():
        print(f"- {program}: " + ", ".join(f"{name} {version}" for name, version in found.items()))
    print(f"- {facts['machine']}")
    if arguments.json:
        text = json.dumps({**facts, "missing": missing, "import": imports, "sizes": sizes}, indent=1)
        pathlib.Path(arguments.json).write_text(text + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", default=["CDNOW", "100000", "1000000"])
    parser.add_argument("--json", metavar="FILE", help="where to write everything that was measured")
    parser.add_argument("--minutes", type=float, default=20, help="how long one run of a program may take")
    main(parser.parse_args())
