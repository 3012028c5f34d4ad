//! Coefficients of covariates, as small tables.

use crate::answers::EffectRow;
use crate::report::DataTable;

/// Everything that is known of each coefficient.
pub(crate) fn coefficients_table(rows: &[EffectRow]) -> DataTable {
    let factor = |end: fn((f64, f64)) -> f64| rows.iter().map(move |row| row.factor_interval.map(end));
    DataTable::new("coefficients", "Coefficients of covariates")
        .text("process", rows.iter().map(|row| row.process.word()))
        .text("covariate", rows.iter().map(|row| &*row.covariate))
        .text("column", rows.iter().map(|row| &*row.column))
        .real("estimate", rows.iter().map(|row| row.estimate))
        .real("standard_error", rows.iter().map(|row| row.standard_error))
        .real("factor", rows.iter().map(|row| row.factor))
        .real("factor_lo95", factor(|interval| interval.0))
        .real("factor_hi95", factor(|interval| interval.1))
        .real("p_wald", rows.iter().map(|row| row.p_wald))
        .real("likelihood_ratio", rows.iter().map(|row| row.test.as_ref().map(|test| test.statistic)))
        .real("degrees", rows.iter().map(|row| row.test.as_ref().map(|test| f64::from(test.degrees))))
        .real("p_likelihood_ratio", rows.iter().map(|row| row.test.as_ref().map(|test| test.p)))
}

/// The factors that have an interval, for a chart.
pub(crate) fn factors_table(rows: &[EffectRow]) -> DataTable {
    let known: Vec<(&EffectRow, (f64, f64))> = rows
        .iter()
        .filter_map(|row| Some((row, row.factor_interval?)))
        .filter(|(row, (low, high))| [row.factor, *low, *high].iter().all(|factor| *factor > 0.0 && factor.is_finite()))
        .collect();
    DataTable::new("factors", "How many times as often, as soon, as much")
        .text("process", known.iter().map(|(row, _)| row.process.word()))
        .text("column", known.iter().map(|(row, _)| &*row.column))
        .real("factor", known.iter().map(|(row, _)| row.factor))
        .real("low", known.iter().map(|(_, interval)| interval.0))
        .real("high", known.iter().map(|(_, interval)| interval.1))
        .text("sentence", known.iter().map(|(row, _)| &*row.sentence))
}
