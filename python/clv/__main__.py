"""The `clv` command: `clv run orders.csv`, or `python -m clv run orders.csv`."""

import signal
import sys

from ._clv import run_command


def main() -> int:
    """Runs the command; an interrupt, or a reader that has gone away, ends it as it does any other."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return run_command(["clv", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
