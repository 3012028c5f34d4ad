"""How far a long piece of work is, on standard error.

Shown after a second and a half, on terminals and in notebooks, unless `clv.progress.enabled` says otherwise. Ctrl-C, or a notebook's stop
button, ends the work.
"""

import sys

enabled: bool | None = None
"""Whether progress is shown; `None`: on terminals and in notebooks."""

_width = 0
_last = 0.0

INTERVAL = 0.2
"""Seconds from one line to the next."""


def _is_shown() -> bool:
    if enabled is not None:
        return enabled
    return "ipykernel" in sys.modules or bool(getattr(sys.stderr, "isatty", bool)())


def _show(phase: str, done: int, total: int, seconds: float) -> None:
    global _width, _last
    if not _is_shown():
        return
    steps = f": {done:,} of {total:,}" if total else f": {done:,}" if done else ""
    if seconds - _last < INTERVAL:
        return
    _last = seconds
    line = f"clv {seconds:.0f} s  {phase or 'working'}{steps}"
    sys.stderr.write("\r" + line.ljust(_width))
    sys.stderr.flush()
    _width = len(line)


def _close() -> None:
    global _width, _last
    if _width and _is_shown():
        sys.stderr.write("\r" + " " * _width + "\r")
        sys.stderr.flush()
    _width, _last = 0, 0.0
