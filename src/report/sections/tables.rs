//! Tables of the report that are no chart's.

use super::forecasts::Forecasts;
use crate::answers::HorizonSums;
use crate::describe::Potential;
use crate::evaluate::{Comparison, Evaluation, ModelEvaluation, Quantity, Tiers};
use crate::fit::FitRecord;
use crate::model_file::ModelFile;
use crate::number_format::grouped;
use crate::orders::ReadReport;
use crate::report::page::amounts::Amounts;
use crate::report::tables::evaluation as evaluation_tables;
use crate::report::tables::holdout as holdout_tables;
use crate::report::tables::model::{calibrated_table, tiers_table, top_table, totals_table};
use crate::report::{DataCells, DataTable, Format, TableView, titled_models};
use crate::summary::{Excluded, Summary};

/// Expected totals.
pub(crate) fn totals(forecasts: &Forecasts, values: bool, amounts: Amounts) -> TableView {
    let past = if forecasts.knows_past_errors() { "_past" } else { "" };
    let view = TableView::new("Expected totals", totals_table(forecasts))
        .column("horizon", "over", Format::Plain)
        .column("end", "until", Format::Plain)
        .column("purchases", "purchases", Format::Number(0));
    let view = with_ends(view, "purchases", past);
    if !values {
        return view;
    }
    let view = with_ends(view.column("value", &amounts.heading("value"), Format::Number(0)), "value", past);
    if forecasts.discount > 0.0 { view.column("clv", &amounts.heading("discounted"), Format::Number(0)) } else { view }
}

/// The ranges by the model alone, if there are others.
pub(crate) fn totals_by_model(forecasts: &Forecasts, values: bool, amounts: Amounts) -> Option<TableView> {
    let view = TableView::new("The ranges if the model were right", totals_table(forecasts))
        .column("horizon", "over", Format::Plain)
        .column("purchases", "purchases", Format::Number(0));
    let view = with_ends(view, "purchases", "");
    let with_value =
        |view: TableView| with_ends(view.column("value", &amounts.heading("value"), Format::Number(0)), "value", "");
    forecasts.knows_past_errors().then(|| if values { with_value(view) } else { view })
}

/// What the model expects of all beside the same calibrated.
pub(crate) fn calibrated(sums: &[HorizonSums], values: bool, amounts: Amounts) -> TableView {
    let view = TableView::new("The model, and calibrated", calibrated_table(sums))
        .column("horizon", "over", Format::Plain)
        .column("purchases", "purchases", Format::Number(0))
        .column("purchases_calibrated", "calibrated", Format::Number(0));
    if !values {
        return view;
    }
    view.column("clv", &amounts.heading("value"), Format::Number(0)).column(
        "clv_calibrated",
        "calibrated",
        Format::Number(0),
    )
}

fn with_ends(view: TableView, what: &str, past: &str) -> TableView {
    view.column(&format!("{what}_lo80{past}"), "low (80%)", Format::Number(0)).column(
        &format!("{what}_hi80{past}"),
        "high",
        Format::Number(0),
    )
}

/// What numbers of single customers are called.
fn worth(forecasts: &Forecasts, values: bool) -> &'static str {
    match (values, forecasts.discount > 0.0) {
        (false, _) => "purchases",
        (true, false) => "value",
        (true, true) => "value, discounted",
    }
}

/// How they are written: purchases have no currency.
fn of_worth(values: bool, amounts: Amounts) -> Amounts {
    if values { amounts } else { Amounts(None) }
}

/// Thirds by what is expected.
pub(crate) fn tiers(forecasts: &Forecasts, values: bool, amounts: Amounts) -> TableView {
    let (what, amounts) = (worth(forecasts, values), of_worth(values, amounts));
    TableView::new(format!("Thirds of the customers by expected {what}"), tiers_table(forecasts))
        .column("tier", "third", Format::Plain)
        .column("customers", "customers", Format::Number(0))
        .column("expected", &amounts.heading(what), Format::Number(0))
        .column("per_customer", &amounts.heading("per customer"), Format::Number(2))
        .column("share", "share of all", Format::Percent(0))
        .rows_by_horizon("horizon")
}

/// The most valuable customers.
pub(crate) fn top(forecasts: &Forecasts, summary: &Summary, values: bool) -> TableView {
    let amounts = Amounts(summary.currency);
    let data = top_table(forecasts, summary);
    let has = |name: &str| data.column(name).is_some();
    let (has_last, has_total, has_spend) = (has("last_purchase"), has("total") && values, has("expected_spend"));
    let what = if values { "valuable" } else { "active" };
    let mut table =
        TableView::new(format!("The {} most {what} customers", grouped(forecasts.top.len() as f64, 0)), data)
            .column("customer_id", "customer", Format::Plain)
            .column("frequency", "came back", Format::Number(0));
    if has_last {
        table = table.column("last_purchase", "last purchase", Format::Plain);
    }
    if has_total {
        table = table.column("total", &amounts.heading("spent"), Format::Number(0));
    }
    table = table.column("p_alive", "still active", Format::Percent(1));
    if has_spend {
        table = table.column("expected_spend", &amounts.heading("per purchase"), Format::Number(2));
    }
    for (i, horizon) in forecasts.horizons.iter().enumerate() {
        let label = horizon.horizon.label();
        table = table.column_of(i, &format!("purchases_{label}"), "purchases", Format::Number(1));
        if horizon.value.is_some() {
            table = table
                .column_of(i, &format!("clv_{label}"), &amounts.heading(worth(forecasts, values)), Format::Number(0))
                .column_of(i, &format!("value_{label}_lo80"), "low (80%)", Format::Number(0))
                .column_of(i, &format!("value_{label}_hi80"), "high", Format::Number(0));
        } else {
            table = table.column_of(i, &format!("purchases_{label}_lo80"), "low (80%)", Format::Number(0)).column_of(
                i,
                &format!("purchases_{label}_hi80"),
                "high",
                Format::Number(0),
            );
        }
    }
    table.sortable().filterable().scrolls()
}

/// Current value by future potential: a row a third by what has come, the highest first; a column a third by what is to come.
pub(crate) fn matrix(potential: &Potential, amounts: Amounts) -> TableView {
    const NAMES: [&str; 3] = ["low", "middle", "high"];
    let cell = |current: u32, future: u32| {
        let cell = potential.cells.iter().find(|cell| cell.current == current && cell.future == future);
        cell.map_or_else(String::new, |cell| match cell.customers {
            0 => "nobody".to_owned(),
            customers => format!(
                "{}: {} ({})",
                cell.treatment.name(),
                grouped(customers as f64, 0),
                amounts.written(cell.future_value)
            ),
        })
    };
    let rows = (1..=3u32).rev();
    let data = DataTable::new("current-by-future", "Value so far, and value to come")
        .text("so far", rows.clone().map(|current| NAMES[current as usize - 1]));
    let data = (1..=3u32).fold(data, |data, future| {
        data.text(NAMES[future as usize - 1], rows.clone().map(|current| cell(current, future)))
    });
    let table =
        TableView::new("Value so far (down) and value to come (across): customers (and their value to come)", data)
            .wraps()
            .column("so far", "so far", Format::Plain);
    NAMES.iter().fold(table, |table, name| table.column(name, &format!("{name} to come"), Format::Plain))
}

/// Everybody's scores of one quantity.
pub(crate) fn scores(evaluation: &Evaluation, what: Quantity, amounts: Amounts) -> TableView {
    let table = evaluation_tables::scores_of(evaluation, what);
    let title = match what {
        Quantity::Purchases => "Purchases: the model and rules of thumb in the test",
        Quantity::Value => "Value: the model and rules of thumb in the test",
    };
    let amounts = of_worth(what == Quantity::Value, amounts);
    TableView::new(amounts.title(title), holdout_tables::with_titles(table, evaluation))
        .column("name", "forecast", Format::Plain)
        .column("expected", "total", Format::Number(0))
        .column("total_error", "off by", Format::Percent(1))
        .column("mean_absolute_error", "mean abs. error", Format::Number(3))
        .column("root_mean_square_error", "root mean sq. error", Format::Number(3))
        .column("correlation", "correlation", Format::Number(2))
        .column("gini", "norm. Gini", Format::Number(2))
        .column("top_20", "best 20% brought", Format::Percent(0))
        .sortable()
}

/// Thirds by expectation against what came.
pub(crate) fn tested_tiers(model: &ModelEvaluation, what: Quantity, amounts: Amounts) -> TableView {
    let data = evaluation_tables::tiers(model);
    let title = format!("Thirds of the customers by expected {}, and what they brought", what.name());
    TableView::new(of_worth(what == Quantity::Value, amounts).title(&title), data)
        .column("tier", "third", Format::Plain)
        .column("customers", "customers", Format::Number(0))
        .column("expected", "expected", Format::Number(0))
        .column("actual", "actual", Format::Number(0))
        .column("share", "share of all", Format::Percent(0))
        .column("nothing", "brought nothing", Format::Number(0))
        .column("precision", "ended up in it", Format::Percent(0))
}

/// Parameters of all models with their intervals and verdicts.
pub(crate) fn parameters(model: &ModelFile) -> TableView {
    type Row = (String, String, f64, Option<f64>, Option<(f64, f64)>, String);
    let mut rows: Vec<Row> = Vec::new();
    let mut add = |title: &str, parameters: Vec<(&'static str, f64)>, fit: Option<&FitRecord>| {
        for (i, (name, value)) in parameters.into_iter().enumerate() {
            let error = fit.and_then(|fit| fit.standard_errors[i]);
            let interval = fit.and_then(|fit| fit.intervals[i]);
            let verdict = fit.map_or("as published", |fit| fit.verdict.word()).to_owned();
            rows.push((title.to_owned(), name.to_owned(), value, error, interval, verdict));
        }
    };
    if let Some(timing) = &model.timing {
        add(timing.model.kind().title(), timing.model.parameters(), timing.fit.as_ref());
    }
    if let Some(spend) = &model.spend {
        add("Gamma-Gamma", spend.model.parameters(), spend.fit.as_ref());
    }
    let data = DataTable::new("parameters", "Parameters")
        .text("model", rows.iter().map(|row| &*row.0))
        .text("parameter", rows.iter().map(|row| &*row.1))
        .real("estimate", rows.iter().map(|row| row.2))
        .real("standard_error", rows.iter().map(|row| row.3))
        .real("lo95", rows.iter().map(|row| row.4.unzip().0))
        .real("hi95", rows.iter().map(|row| row.4.unzip().1))
        .text("verdict", rows.iter().map(|row| &*row.5));
    TableView::new("Parameters", data)
        .column("model", "model", Format::Plain)
        .column("parameter", "parameter", Format::Plain)
        .column("estimate", "estimate", Format::Plain)
        .column("standard_error", "standard error", Format::Plain)
        .column("lo95", "low (95%)", Format::Plain)
        .column("hi95", "high", Format::Plain)
        .column("verdict", "fit", Format::Plain)
}

/// Models side by side.
pub(crate) fn compared(comparison: &Comparison) -> TableView {
    let data = DataTable { name: "comparison".to_owned(), ..titled_models(comparison) };
    TableView::new("Models side by side, the smallest BIC first", data)
        .column("model", "model", Format::Plain)
        .column("log_likelihood", "log-likelihood", Format::Number(1))
        .column("aic", "AIC", Format::Number(1))
        .column("bic", "BIC", Format::Number(1))
        .column("chi_square", "chi-square", Format::Number(2))
        .column("p_value", "p", Format::PValue)
        .column("verdict", "fit", Format::Plain)
}

/// What became of the rows.
pub(crate) fn read_table(report: &ReadReport, excluded: &Excluded) -> DataTable {
    let mut rows: Vec<(String, u64, String)> = Vec::new();
    for file in &report.files {
        rows.push((format!("rows of {}: {}", file.file_name(), file.columns), file.rows, String::new()));
    }
    rows.push(("orders used, returns included".to_owned(), report.used, String::new()));
    rows.push(("further lines of these orders".to_owned(), report.further_lines, String::new()));
    rows.push(("returns among them".to_owned(), report.returns, String::new()));
    rows.push(("refunds subtracted".to_owned(), report.refunds, String::new()));
    rows.push((
        "refunds after the end of the observation, left out".to_owned(),
        report.refunds_after_end,
        String::new(),
    ));
    rows.push(("amounts converted into one currency".to_owned(), report.converted, String::new()));
    rows.push((
        "orders at price zero among them: purchases without spend".to_owned(),
        report.at_price_zero,
        String::new(),
    ));
    for (reason, count, example) in report.left_out.reasons() {
        rows.push((format!("rows left out: {reason}"), count, example.to_string()));
    }
    let outside = excluded.example.clone().unwrap_or_default();
    rows.push(("customers outside the cohort, left out".to_owned(), excluded.customers, outside));
    rows.push(("returns without a purchase before, left out".to_owned(), excluded.unmatched_returns, String::new()));
    rows.push(("orders after the end of the observation, left out".to_owned(), excluded.later_orders, String::new()));
    rows.retain(|row| row.1 > 0);
    let data = DataTable::new("read", "What was read")
        .text("what", rows.iter().map(|row| row.0.replace('`', "")))
        .whole("rows", rows.iter().map(|row| row.1));
    let has_examples = rows.iter().any(|row| !row.2.is_empty());
    if has_examples { data.text("example", rows.iter().map(|row| row.2.replace('`', ""))) } else { data }
}

/// Customers by tier of expectation, and across by tier of what came.
pub(crate) fn confusion(tiers: &Tiers) -> TableView {
    let names: Vec<&str> = tiers.tiers.iter().map(|tier| &*tier.name).collect();
    let data = DataTable::new("confusion", "Customers by tier, expected and actual").text("expected", names.clone());
    let data = names.iter().enumerate().fold(data, |data, (i, name)| {
        data.real(&format!("came {name}"), tiers.confusion.iter().map(move |row| row[i]))
    });
    let table = TableView::new("Customers by expected third (down) and actual third (across)", data).column(
        "expected",
        "expected",
        Format::Plain,
    );
    names.iter().fold(table, |table, name| {
        table.column(&format!("came {name}"), &format!("actually {name}"), Format::Number(0))
    })
}

/// Customers by score of recency, and across by score of frequency.
pub(crate) fn rfm_grid(cells: &DataTable) -> Option<TableView> {
    let whole = |name: &str| match cells.column(name) {
        Some(DataCells::Whole(cells)) => Some(cells),
        _ => None,
    };
    let (recency, frequency, customers) = (whole("recency_score")?, whole("frequency_score")?, whole("customers")?);
    let scores = |of: &[i64]| {
        let mut scores = of.to_vec();
        scores.sort_unstable();
        scores.dedup();
        scores
    };
    let (rows, across): (Vec<i64>, Vec<i64>) = (scores(recency).into_iter().rev().collect(), scores(frequency));
    let cell = |row: i64, column: i64| {
        let places = (0..customers.len()).filter(|&i| recency[i] == row && frequency[i] == column);
        places.map(|i| customers[i] as u64).sum::<u64>()
    };
    let data = DataTable::new("rfm-grid", "Customers by recency and frequency score");
    let data = data.text("recency", rows.iter().map(|score| format!("recency {score}")));
    let data = across.iter().fold(data, |data, &column| {
        data.whole(&format!("frequency {column}"), rows.iter().map(|&row| cell(row, column)))
    });
    let table = TableView::new("Customers by scores of recency and frequency, the highest the best", data).column(
        "recency",
        "",
        Format::Plain,
    );
    let head = |column: &i64| format!("frequency {column}");
    Some(across.iter().fold(table, |table, column| table.column(&head(column), &head(column), Format::Number(0))))
}
