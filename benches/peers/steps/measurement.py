"""What a step took, one line of JSON on standard output for each, so that what was done before a failure is known."""

import json
import resource
import sys
import time

COLUMNS = ["customer_id", "frequency", "recency", "T", "monetary_value"]


def tell(what, **facts):
    print(json.dumps({"what": what, **facts}), flush=True)


def timed(what, work):
    """The result of some work; tells wall seconds and those of all cores."""
    start, cpu = time.perf_counter(), time.process_time()
    result = work()
    tell(what, seconds=time.perf_counter() - start, cpu=time.process_time() - cpu)
    return result


def answers(what, timing, spend, purchases=None, value=None):
    """Tells parameters and totals, for comparison."""
    tell(what, parameters={**timing, **spend}, purchases=purchases, value=value)


def tell_resident():
    """The memory that is held now."""
    tell("resident", megabytes=_of_status("VmRSS") or _peak())


def tell_peak():
    """The most memory that was held."""
    tell("peak", megabytes=_of_status("VmHWM") or _peak())


def _of_status(field):
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith(field))
    except OSError:
        return None


def _peak():
    # Without /proc; macOS counts bytes, others KiB.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
