//! Tables of the report that are no chart's.

use super::{DataCells, DataTable, Format, PageTable, evaluation_tables, holdout_tables};
use crate::evaluate::{Comparison, Evaluation, Tiers};
use crate::fit::FitRecord;
use crate::model_file::ModelFile;
use crate::orders::ReadReport;
use crate::summary::Excluded;

/// Everybody's scores.
pub(super) fn scores(evaluation: &Evaluation) -> PageTable {
    let table = evaluation_tables::scores(std::slice::from_ref(evaluation));
    PageTable::new("Models and simple rules in the test", holdout_tables::with_titles(table, evaluation))
        .column("name", "forecast", Format::Plain)
        .column("what", "of", Format::Plain)
        .column("expected", "in all", Format::Number(0))
        .column("actual", "came", Format::Number(0))
        .column("total_error", "off by", Format::Percent(1))
        .column("mean_absolute_error", "mean abs. error", Format::Number(4))
        .column("root_mean_square_error", "root mean sq. error", Format::Number(4))
        .column("correlation", "correlation", Format::Number(3))
        .column("rank_correlation", "of ranks", Format::Number(3))
        .column("gini", "norm. Gini", Format::Number(3))
        .column("top_10", "top 10% caught", Format::Percent(0))
        .column("top_20", "top 20% caught", Format::Percent(0))
        .sortable()
        .scrolls()
}

pub(super) fn tiers(table: DataTable) -> PageTable {
    PageTable::new("Thirds of the customers by expectation, and what they brought", table)
        .column("tier", "tier", Format::Plain)
        .column("customers", "customers", Format::Number(0))
        .column("expected", "expected", Format::Number(0))
        .column("actual", "came", Format::Number(0))
        .column("share", "share of all", Format::Percent(0))
        .column("precision", "precision", Format::Percent(0))
        .column("recall", "recall", Format::Percent(0))
        .column("f1", "F1", Format::Percent(0))
}

/// Parameters of all models with their intervals and verdicts.
pub(super) fn parameters(model: &ModelFile) -> PageTable {
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
        .real("value", rows.iter().map(|row| row.2))
        .real("standard_error", rows.iter().map(|row| row.3))
        .real("lo95", rows.iter().map(|row| row.4.unzip().0))
        .real("hi95", rows.iter().map(|row| row.4.unzip().1))
        .text("verdict", rows.iter().map(|row| &*row.5));
    PageTable::new("Parameters", data)
        .column("model", "model", Format::Plain)
        .column("parameter", "parameter", Format::Plain)
        .column("value", "estimate", Format::Plain)
        .column("standard_error", "standard error", Format::Plain)
        .column("lo95", "95%: from", Format::Plain)
        .column("hi95", "to", Format::Plain)
        .column("verdict", "fit", Format::Plain)
}

/// Models side by side.
pub(super) fn compared(comparison: &Comparison) -> PageTable {
    let all = &comparison.contenders;
    let data = DataTable::new("comparison", "Models side by side")
        .text("model", all.iter().map(|one| one.title()))
        .real("log_likelihood", all.iter().map(|one| one.fit.log_likelihood))
        .real("aic", all.iter().map(|one| Some(one.aic()).filter(|_| !one.model.kind().is_discrete())))
        .real("bic", all.iter().map(|one| Some(one.bic()).filter(|_| !one.model.kind().is_discrete())))
        .real("chi_square", all.iter().map(|one| one.chi_square.map(|test| test.statistic)))
        .real("p_value", all.iter().map(|one| one.chi_square.map(|test| test.p_value)))
        .text("verdict", all.iter().map(|one| one.fit.verdict.word()));
    PageTable::new("Models side by side, the smallest BIC first", data)
        .column("model", "model", Format::Plain)
        .column("log_likelihood", "log-likelihood", Format::Number(1))
        .column("aic", "AIC", Format::Number(1))
        .column("bic", "BIC", Format::Number(1))
        .column("chi_square", "chi-square", Format::Number(2))
        .column("p_value", "p", Format::Number(3))
        .column("verdict", "fit", Format::Plain)
}

/// What became of the rows.
pub(super) fn read_table(report: &ReadReport, excluded: &Excluded) -> DataTable {
    let mut rows: Vec<(String, u64, String)> = Vec::new();
    for file in &report.files {
        rows.push((format!("rows of {}: {}", file.file_name(), file.columns), file.rows, String::new()));
    }
    rows.push(("orders used, returns included".to_owned(), report.used, String::new()));
    rows.push(("returns among them".to_owned(), report.returns, String::new()));
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
    DataTable::new("read", "What was read")
        .text("what", rows.iter().map(|row| &*row.0))
        .whole("rows", rows.iter().map(|row| row.1))
        .text("example", rows.iter().map(|row| &*row.2))
}

/// Customers by tier of expectation, and across by tier of what came.
pub(super) fn confusion(tiers: &Tiers) -> PageTable {
    let names: Vec<&str> = tiers.tiers.iter().map(|tier| &*tier.name).collect();
    let data = DataTable::new("confusion", "Customers by tier, expected and actual").text("expected", names.clone());
    let data = names.iter().enumerate().fold(data, |data, (i, name)| {
        data.real(&format!("came {name}"), tiers.confusion.iter().map(move |row| row[i]))
    });
    let table = PageTable::new("Customers by expected tier, and across by the tier they came to be in", data).column(
        "expected",
        "expected",
        Format::Plain,
    );
    names
        .iter()
        .fold(table, |table, name| table.column(&format!("came {name}"), &format!("came {name}"), Format::Number(0)))
}

/// Customers by score of recency, and across by score of frequency.
pub(super) fn rfm_grid(cells: &DataTable) -> Option<PageTable> {
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
    let table = PageTable::new("Customers by scores of recency and frequency, the highest the best", data).column(
        "recency",
        "",
        Format::Plain,
    );
    let head = |column: &i64| format!("frequency {column}");
    Some(across.iter().fold(table, |table, column| table.column(&head(column), &head(column), Format::Number(0))))
}
