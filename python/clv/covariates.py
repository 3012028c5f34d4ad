"""What explains customers, as functions and estimators are told of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from . import _clv, arguments, frames
from ._clv import UsageError
from .orders import Orders
from .warned import DataWarning, warn_of

PROCESSES = ("purchase_covariates", "dropout_covariates", "spend_covariates")
"""Options that name columns."""


def by_process(given: Mapping[str, Any]) -> dict[str, Any]:
    """Options as the engine has them: covariates of purchases and dropout both are among those of each."""
    options = {name: arguments.texts(name, value) if name in PROCESSES else value for name, value in given.items()}
    both = arguments.texts("covariates", options.pop("covariates"))
    return options | {name: both + options[name] for name in PROCESSES[:2]}


def names(options: Mapping[str, Any]) -> list[str]:
    """Every covariate once."""
    return [*dict.fromkeys(name for process in PROCESSES for name in options.get(process, ()))]


def check_spend(options: Mapping[str, Any], spend: bool, knows_amounts: bool) -> None:
    """Refuses covariates of values that nobody asked for, or nobody knows."""
    if options["spend_covariates"] and not (spend and knows_amounts):
        why = "these orders have no amounts" if spend else "spend=False asks for none"
        raise UsageError(f"spend_covariates explains what purchases are worth, and {why}")


class CustomerColumns:
    """Columns of customers that are wanted, and where they come from: those that the table of customers has from there."""

    def __init__(self, wanted: Iterable[str], customer_table: Any) -> None:
        self._table = None if customer_table is None else frames.read(customer_table, "customer_table")[0]
        explain = [*dict.fromkeys(wanted)]
        self._of_table, self.others = _clv.Summary.origins(self._table, explain)
        self.not_of_table = {*explain} - {*self._of_table}

    @property
    def has_table(self) -> bool:
        """Whether there is a table of customers."""
        return self._table is not None

    def beside(self, data: Any, options: Mapping[str, Any]) -> dict[str, Any]:
        """The options of orders, which keep the other columns, too. Orders that have been read kept what they have."""
        kept = arguments.texts("keep", options.get("keep", ()))
        missing = [] if isinstance(data, Orders) else [name for name in self.others if name not in kept]
        return {**options, "keep": kept + missing} if missing else dict(options)

    def of_customers(self, customer: str | None) -> tuple[_clv.Frame | str, list[str], str | None] | None:
        """The table, if there is one, with what is wanted of it; the customer is in the column of this name, if it has it."""
        return None if self._table is None else (self._table, self._of_table, customer)

    def join(self, summary: _clv.Summary, customer: str | None) -> _clv.Summary:
        """The summary with what the table says, and a warning of customers of whom it says nothing."""
        table = self.of_customers(customer)
        if table is None:
            return summary
        joined, cautions = summary.join(table)
        warn_of(cautions, DataWarning)
        return joined
