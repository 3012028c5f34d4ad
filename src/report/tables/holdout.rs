//! An evaluation in the shape that charts take.

use std::borrow::Cow;

use super::model::{Series, twice};
use crate::describe::Concentration;
use crate::evaluate::{ConditionalGroup, Decile, Evaluation, ModelEvaluation, Quantity};
use crate::report::sections::forecasts::HorizonForecast;
use crate::report::sections::horizon_words::horizon_in_words;
use crate::report::{DataCells, DataTable};
use crate::summary::TimeUnit;

/// Repeat purchases within each week, or other period, and up to its end.
pub(crate) fn tracking(model: &ModelEvaluation, period: &str) -> [DataTable; 2] {
    let table = |name: &str, title: &str, points: &[crate::evaluate::TrackingPoint]| {
        let ends: Vec<String> = points.iter().map(|point| point.end.to_string()).collect();
        let series = Series {
            name,
            title,
            number: "purchases",
            actual: points.iter().map(|point| point.actual as f64).collect(),
            expected: points.iter().map(|point| point.expected).collect(),
        };
        series.table(|table| table.text("end_day", twice(&ends)))
    };
    [
        table("tracking", &format!("Repeat purchases by {period}"), &model.tracking.by_period()),
        table("tracking-cumulative", "Repeat purchases so far", &model.tracking.points),
    ]
}

/// Errors of everybody who could have foreseen something, smaller ones better.
pub(crate) fn errors(evaluation: &Evaluation) -> DataTable {
    let mut rows: Vec<(Cow<'_, str>, &str, String, f64)> = Vec::new();
    for what in Quantity::ALL {
        for scored in evaluation.scored.iter().filter(|scored| scored.forecaster.is_foresight()) {
            let Some(scores) = scored.of(what) else { continue };
            let kind = if scored.forecaster.is_rule() { "rule of thumb" } else { "model" };
            let name = scored.forecaster.title();
            let what = what.name();
            rows.push((name.clone(), kind, format!("{what}: root mean square error"), scores.root_mean_square_error));
            rows.push((name, kind, format!("{what}: mean absolute error"), scores.mean_absolute_error));
        }
    }
    // A panel a measure, in the order of the first one.
    rows.sort_by(|a, b| b.2.starts_with("purchases").cmp(&a.2.starts_with("purchases")).then(b.2.cmp(&a.2)));
    DataTable::new("contender-errors", "Errors of the model and of simple rules")
        .text("name", rows.iter().map(|row| &*row.0))
        .text("kind", rows.iter().map(|row| row.1))
        .text("measure", rows.iter().map(|row| &*row.2))
        .real("error", rows.iter().map(|row| row.3))
}

/// The table of scores with names for people.
pub(crate) fn with_titles(table: DataTable, evaluation: &Evaluation) -> DataTable {
    let title = |name: &String| {
        let forecasters = evaluation.scored.iter().map(|scored| scored.forecaster);
        forecasters
            .clone()
            .find(|who| who.name() == **name)
            .map_or_else(|| name.clone(), |who| who.title().into_owned())
    };
    let titles: Vec<String> = match table.column("forecaster") {
        Some(DataCells::Text(names)) => names.iter().map(title).collect(),
        _ => Vec::new(),
    };
    table.text("name", titles)
}

/// Tenths by value and by purchases.
pub(crate) fn deciles(model: &ModelEvaluation) -> Vec<DataTable> {
    let table = |name: &str, title: &str, deciles: &[Decile]| {
        let numbers: Vec<u64> = deciles.iter().map(|decile| decile.decile.into()).collect();
        let series = Series {
            name,
            title,
            number: "mean",
            actual: deciles.iter().map(|decile| decile.actual).collect(),
            expected: deciles.iter().map(|decile| decile.expected).collect(),
        };
        series.table(|table| table.whole("decile", twice(&numbers)))
    };
    let value =
        model.value_deciles.iter().map(|deciles| table("value-deciles", "Value by tenths of the customers", deciles));
    let purchases = table("purchase-deciles", "Purchases by tenths of the customers", &model.purchase_deciles);
    value.chain([purchases]).collect()
}

fn conditional(
    name: &str,
    title: &str,
    by: &str,
    groups: &[ConditionalGroup],
    label: impl Fn(&ConditionalGroup) -> String,
) -> DataTable {
    let labels: Vec<String> = groups.iter().map(label).collect();
    let customers: Vec<u64> = groups.iter().map(|group| group.customers).collect();
    let series = Series {
        name,
        title,
        number: "purchases",
        actual: groups.iter().map(|group| group.actual).collect(),
        expected: groups.iter().map(|group| group.expected).collect(),
    };
    series.table(|table| table.text(by, twice(&labels)).whole("customers", twice(&customers)))
}

pub(crate) fn by_frequency(model: &ModelEvaluation) -> DataTable {
    let label = |group: &ConditionalGroup| {
        if group.to.is_infinite() { format!("{}+", group.from) } else { group.from.to_string() }
    };
    conditional("conditional-frequency", "By repeat purchases before", "frequency", &model.by_frequency, label)
}

pub(crate) fn by_silence(model: &ModelEvaluation, unit: TimeUnit) -> DataTable {
    let label = |group: &ConditionalGroup| format!("{}–{}", group.from, group.to);
    let title = format!("By {unit}s since the last purchase");
    conditional("conditional-silence", &title, "silence", &model.by_recency, label)
}

/// How unequally the past and the expected value are spread.
pub(crate) fn lorenz(past: Option<&Concentration>, last: &HorizonForecast, values: bool) -> DataTable {
    let future = Concentration::new(&last.worth);
    let expected = if values { "value" } else { "purchases" };
    let curves = [
        past.map(|past| ("revenue so far".to_owned(), past.curve())),
        Some((format!("expected {expected}, {}", horizon_in_words(&last.horizon)), future.curve())),
    ];
    let rows: Vec<(String, f64, f64)> = curves
        .into_iter()
        .flatten()
        .flat_map(|(name, curve)| curve.into_iter().map(move |(customers, value)| (name.clone(), customers, value)))
        .collect();
    DataTable::new("lorenz", "How much a few customers bring")
        .text("series", rows.iter().map(|row| &*row.0))
        .real("share_of_customers", rows.iter().map(|row| row.1))
        .real("share_of_value", rows.iter().map(|row| row.2))
}

/// Cohorts without their first month, in which everybody purchased, and without months that are not over; and of many cohorts the
/// latest.
pub(crate) fn later_ages(cohorts: &DataTable) -> DataTable {
    const COHORTS: usize = 36;
    const AGES: i64 = 36;
    let (
        Some(DataCells::Text(names)),
        Some(DataCells::Whole(ages)),
        Some(DataCells::Real(retention)),
        Some(DataCells::Whole(complete)),
    ) = (cohorts.column("cohort"), cohorts.column("age"), cohorts.column("retention"), cohorts.column("complete"))
    else {
        return DataTable::new("cohort-retention", &*cohorts.title);
    };
    let mut all = names.clone();
    all.dedup();
    let shown = &all[all.len().saturating_sub(COHORTS)..];
    let rows: Vec<usize> = (0..names.len())
        .filter(|&row| (1..=AGES).contains(&ages[row]) && complete[row] == 1 && shown.contains(&names[row]))
        .collect();
    DataTable::new("cohort-retention", "Cohorts: share who purchase in each month of their age")
        .text("cohort", rows.iter().map(|&row| &*names[row]))
        .whole("age", rows.iter().map(|&row| ages[row] as u64))
        .real("retention", rows.iter().map(|&row| retention[row]))
}
