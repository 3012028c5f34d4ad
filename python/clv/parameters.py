"""Constructor arguments as scikit-learn knows them."""

import inspect
from typing import Any, Self


class Parameters:
    """Arguments of the constructor, kept under their names; nothing else happens there."""

    @classmethod
    def _names(cls) -> list[str]:
        arguments = inspect.signature(cls.__init__).parameters.values()
        return sorted(p.name for p in arguments if p.name != "self" and p.kind is not p.VAR_KEYWORD)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments; those of arguments which have some, too, as `spend__robust`, if `deep`."""
        params: dict[str, Any] = {}
        for name in self._names():
            value = getattr(self, name)
            params[name] = value
            if deep and isinstance(value, Parameters):
                params |= {f"{name}__{inner}": given for inner, given in value.get_params().items()}
        return params

    def set_params(self, **params: Any) -> Self:
        """Sets arguments by name."""
        # A model first, then what is within it.
        for name, value in sorted(params.items(), key=lambda item: "__" in item[0]):
            own, _, inner = name.partition("__")
            if own not in self._names():
                raise ValueError(f"Invalid parameter {own!r} for estimator {self!r}. Valid parameters are: {self._names()!r}.")
            if inner:
                getattr(self, own).set_params(**{inner: value})
            else:
                setattr(self, own, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self).__init__).parameters
        given = [f"{name}={_shown(getattr(self, name))}" for name in self._names() if _differs(getattr(self, name), defaults[name].default)]
        return f"{type(self).__name__}({', '.join(given)})"


def _shown(value: Any) -> str:
    """A value as it is written; of a table its type."""
    return f"<{type(value).__name__}>" if hasattr(value, "columns") or isinstance(value, dict) else repr(value)


def _differs(value: Any, default: Any) -> bool:
    return value is not default and not (isinstance(value, (str, int, float, bool)) and value == default)
