"""The page to look at."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from . import _clv, arguments, keywords, summaries
from .covariates import CustomerColumns, by_process, check_spend, names
from .evaluation import Tables, _WithTables, is_summary, keeping
from .frames import Kind
from .model_files import from_json
from .orders import orders_of
from .timing import HORIZONS, Horizon, Number
from .warned import warn_of_rate


@dataclass(frozen=True)
class Verdict:
    """A judgement."""

    level: Literal["good", "caution", "bad"]
    headline: str
    text: str


class Report(_WithTables):
    """A page that needs neither network nor server: `html`, with `verdicts`, `tables` and the fitted `model`."""

    def __init__(self, html: str, verdicts: Any, tables: Tables, model: str, kind: Kind, unit: str | None) -> None:
        super().__init__(tables, kind, unit)
        self.html = html
        self.verdicts = [Verdict(*verdict) for verdict in verdicts]
        self.model = from_json(model)

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Writes the page, as a whole or not at all.

        It replaces another page made by clv; anything else only with `overwrite`.
        """
        _clv.write_text(path, self.html, "page", arguments.truth("overwrite", overwrite))

    def __repr__(self) -> str:
        return "\n".join(f"{verdict.headline}. {verdict.text}" for verdict in self.verdicts)

    def _repr_html_(self) -> str:
        frame = "width: 100%; height: 800px; border: 1px solid #8884"
        return f'<iframe style="{frame}" sandbox="allow-scripts" srcdoc="{escape(self.html, quote=True)}"></iframe>'


def report(
    data: Any,
    path: str | os.PathLike[str] | None = None,
    *,
    model: str = "bg-nbd",
    spend: bool = True,
    horizons: Horizon | Sequence[Horizon] = HORIZONS,
    margin: Number = 1.0,
    discount: float | str = 0.0,
    test: bool = True,
    split: Any = None,
    holdout: str | None = None,
    compare: bool = False,
    top: int = 200,
    seed: int = 1,
    robust: bool = False,
    prior_sd: float | None = None,
    covariates: str | Sequence[str] = (),
    purchase_covariates: str | Sequence[str] = (),
    dropout_covariates: str | Sequence[str] = (),
    spend_covariates: str | Sequence[str] = (),
    equal: str | Sequence[str] = (),
    covariate_sd: float | None = None,
    customer_table: Any = None,
    overwrite: bool = False,
    **options: Any,
) -> Report:
    """Fits, tests, forecasts, and makes one HTML page of it all, written to `path` if that is given.

    Parameters
    ----------
    data : frame, path or Orders
        Orders, or a summary (then there is no test); further options are those of :class:`Orders`.
    model : str
        Model of when customers purchase, as in :func:`clv.evaluate`.
    spend : bool
        Whether values are reported, too.
    test : bool
        Whether the forecast is tested on a holdout, which `split` and `holdout` define.
    compare : bool
        Whether all models that apply are compared.
    top : int
        Number of customers to list.
    covariates, purchase_covariates, dropout_covariates, spend_covariates : str or sequence of str
        Columns that explain purchases and dropout both, or one of the processes: of the orders or the summary, of `customer_table`, or
        `first_amount`, `first_month`, `first_quarter`; of spend also `log(frequency)`.
    equal : str or sequence of str
        Covariates with one coefficient for both purchases and dropout.
    covariate_sd : float, optional
        Standard deviation of a normal prior on coefficients, of standardised columns; then intervals are penalised, and nothing is tested.
    customer_table : frame or path, optional
        A row for each customer, joined by id: covariates that are its columns are taken from there.
    overwrite : bool
        Whether the page may replace a file that clv did not write; never one that is read.
    """
    given = by_process(keywords.of_call(locals(), "data", "path", "horizons", "overwrite", "options", "customer_table"))
    columns = CustomerColumns(names(given), customer_table)
    given["model"] = arguments.models("model", model)[0]
    given = {name: value for name, value in given.items() if value is not None or name not in ("margin", "discount")}
    ahead = arguments.horizons("horizons", HORIZONS if horizons is None else horizons)
    if isinstance(arguments.share(margin), str):
        options = keeping(options, str(margin))
    if path is not None:
        _clv.check_page(path, _paths_of(data, options.get("rates"), customer_table), arguments.truth("overwrite", overwrite))
    warn_of_rate(given)
    if is_summary(data):
        check_spend(given, arguments.truth("spend", spend), True)
        summary, kind = summaries.of_options(data, options, report, columns)
        made, unit = summary.page(ahead, given), summary.unit
    else:
        read = orders_of(data, columns.beside(data, options), report, spend=arguments.truth("spend", spend))
        check_spend(given, spend, read._knows_amounts)
        columns.join(read._warn(), read._read.customer)
        given["spend"] = spend and read._knows_amounts
        made, kind, unit = read._read.page(ahead, given, columns.of_customers(read._read.customer)), read._kind, read.unit
    page = Report(*made, kind=kind, unit=unit)
    if path is not None:
        page.save(path, overwrite=overwrite)
    return page


def _paths_of(data: Any, *others: Any) -> list[str]:
    """The files that are read."""
    several = data if isinstance(data, (list, tuple)) else [data]
    return [os.fspath(one) for one in (*several, *others) if isinstance(one, (str, os.PathLike))]
