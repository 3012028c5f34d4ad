"""Fitted models as HTML, for notebooks."""

import html
from typing import Any

STYLE = "border-collapse: collapse; font-variant-numeric: tabular-nums"


def _digits(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _row(*cells: str, tag: str = "td") -> str:
    first, *others = cells
    align = "text-align: right; padding: 2px 10px"
    inner = f'<{tag} style="text-align: left; padding: 2px 10px">{first}</{tag}>'
    return "<tr>" + inner + "".join(f'<{tag} style="{align}">{cell}</{tag}>' for cell in others) + "</tr>"


def _parameters(model: Any) -> str:
    fit = model._facts().get("fit")
    if fit is None:
        rows = "".join(_row(html.escape(name), _digits(value)) for name, value in model.params_.items())
        return f'<table style="{STYLE}">{_row("parameter", "given", tag="th")}{rows}</table>'
    errors, ends = model.standard_errors_, model.confidence_intervals_

    def row(name: str, value: float) -> str:
        # A number of stages has neither.
        between = ends.get(name)
        interval = "" if between is None else " to ".join(_digits(end) for end in between)
        return _row(html.escape(name), _digits(value), _digits(errors.get(name)), interval)

    estimates = model.params_ | _coefficients(model)
    rows = "".join(row(name, value) for name, value in estimates.items())
    head = _row("parameter", "estimate", "standard error", "95% interval", tag="th")
    effects = _effects(model)
    cautions = "".join(f"<li>{html.escape(caution)}</li>" for caution in model.cautions_)
    verdict = html.escape(model.verdict_)
    facts = f"{model.n_customers_:,} customers, log-likelihood {model.log_likelihood_:,.4f}"
    return f'<p>{verdict}. {facts}</p><table style="{STYLE}">{head}{rows}</table>{effects}' + (f"<ul>{cautions}</ul>" if cautions else "")


def _coefficients(model: Any) -> dict[str, float]:
    """Coefficients of covariates, by their names among the parameters of the fit."""
    table = model._fitted().effects(model._part)
    names = zip(table.column("process"), table.column("column"), strict=True)
    return {f"{process}: {column}": value for (process, column), value in zip(names, table.column("estimate"), strict=True)}


def _effects(model: Any) -> str:
    """What covariates do, in sentences."""
    table = model._fitted().effects(model._part)
    if not len(table):
        return ""
    beside = ", ".join(model._fitted().references(model._part))
    sentences = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in table.column("sentence"))
    return f"<p>Covariates, beside customers with {html.escape(beside)}:</p><ul>{sentences}</ul>"


def html_of_model(model: Any) -> str:
    """Parameters, verdict and cautions; of a model that is not fitted, its arguments."""
    if "_model" not in model.__dict__:
        return f"<p><code>{html.escape(repr(model))}</code>, not fitted</p>"
    parts = [f"<p><b>{type(model).__name__}</b>{_units(model)}</p>", _parameters(model)]
    spend = getattr(model, "spend_", None)
    if spend is not None:
        parts += ["<p><b>GammaGamma</b></p>", _parameters(spend)]
    return "<div>" + "".join(parts) + "</div>"


def _units(model: Any) -> str:
    unit = getattr(model, "unit_", None)
    if unit is not None and not hasattr(model, "observed_until_"):
        return f", renewals by the {unit}"
    times = "" if unit is None else f", time in {unit}s, observed until {model.observed_until_}"
    return times if model.currency_ is None else f"{times}, amounts in {model.currency_}"
