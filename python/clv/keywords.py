"""Keyword arguments that a function hands on, checked in its name."""

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any


def names_of(function: Callable[..., Any]) -> list[str]:
    """The names of its own keyword arguments."""
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD) and p.name != "self"]


def of_call(scope: Mapping[str, Any], *others: str) -> dict[str, Any]:
    """The keyword arguments among the local variables of a function that begins, without those that are none of the engine's."""
    return {name: value for name, value in scope.items() if name not in ("self", *others)}


def check(function: Callable[..., Any], options: Iterable[str], passed_on: Iterable[str], to: str) -> None:
    """Refuses options that neither the function has nor those to whom it passes them on."""
    own, known = names_of(function), [*passed_on]
    for option in options:
        if option in known:
            continue
        near = difflib.get_close_matches(option, [*own, *known], n=1, cutoff=0.7)
        hint = f"did you mean '{near[0]}'?" if near else f"it takes {', '.join(own)}; and {to}: {', '.join(known)}"
        raise TypeError(f"{function.__name__}() got an unexpected keyword argument '{option}'; {hint}")
