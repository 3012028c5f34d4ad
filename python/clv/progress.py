"""How far a long piece of work is: a line on standard error, or below the cell of a notebook.

Shown after a second and a half, on terminals and in notebooks, unless `clv.progress.enabled` says otherwise, and gone when the work is
done. Ctrl-C, or a notebook's stop button, ends the work.
"""

import sys
from collections.abc import Callable
from typing import Any

enabled: bool | None = None
"""Whether progress is shown; `None`: on terminals and in notebooks."""

INTERVAL = 0.2
"""Seconds from one line to the next."""

_last = 0.0
_line: Callable[[str], None] | None = None
"""What shows a line while there is work."""


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None


def _is_shown() -> bool:
    # As under pythonw.
    if sys.stderr is None:
        return False
    if enabled is not None:
        return enabled
    return _in_notebook() or bool(getattr(sys.stderr, "isatty", bool)())


def _notebook_line() -> Callable[[str], None]:
    """A line that is changed in its place."""
    from IPython.display import display

    handle: Any = display({"text/plain": ""}, raw=True, display_id=True)
    return lambda text: handle.update({"text/plain": text}, raw=True)


def _terminal_line() -> Callable[[str], None]:
    """A line that is written over."""
    width = 0

    def show(text: str) -> None:
        nonlocal width
        sys.stderr.write("\r" + text.ljust(width) + ("" if text else "\r"))
        sys.stderr.flush()
        width = len(text)

    return show


def _show(phase: str, done: int, total: int, seconds: float) -> None:
    global _last, _line
    if not _is_shown() or seconds - _last < INTERVAL:
        return
    _last = seconds
    if _line is None:
        _line = _notebook_line() if _in_notebook() else _terminal_line()
    steps = f": {done:,} of {total:,}" if total else f": {done:,}" if done else ""
    _line(f"clv {seconds:.0f} s  {phase or 'working'}{steps}")


def _close() -> None:
    global _last, _line
    if _line is not None:
        _line("")
    _last, _line = 0.0, None
