//! What becomes of customers under contract, as a table.

use crate::report::DataTable;
use crate::retention::{Holdout, Projection};

/// One row a period; the columns of what is not known are left out.
pub fn projection_table(projection: &Projection) -> DataTable {
    let Projection { period, actual_survival, survival, retention, .. } = projection;
    let mut table =
        DataTable::new("projection", "Retention").whole("period", period.iter().map(|&period| period.into()));
    if projection.has_actual() {
        table = table.real("actual_survival", actual_survival.iter().copied());
    }
    table = table.real("survival", survival.iter().copied());
    let (low, high) = projection.survival_interval.as_ref().map(|(low, high)| (low, high)).unzip();
    let optional = [
        ("survival_low", low),
        ("survival_high", high),
        ("retention", Some(retention)),
        ("residual_lifetime", projection.residual_lifetime.as_ref()),
        ("residual_value", projection.residual_value.as_ref()),
        ("elasticity", projection.elasticity.as_ref()),
        ("base", projection.base.as_ref()),
        ("revenue", projection.revenue.as_ref()),
    ];
    let known = optional.into_iter().filter_map(|(name, column)| column.map(|column| (name, column)));
    known.fold(table, |table, (name, column)| table.real(name, column.iter().copied()))
}

/// Survival in periods held out, a column for each model.
pub fn retention_holdout_table(holdout: &Holdout) -> DataTable {
    let table = DataTable::new("retention-holdout", "Periods held out")
        .whole("period", holdout.period.iter().map(|&period| period.into()))
        .real("actual", holdout.actual.iter().copied());
    let columns = holdout.models.iter();
    columns.fold(table, |table, model| table.real(&model.name.replace(' ', "_"), model.survival.iter().copied()))
}
