//! What becomes of customers under contract, as a table.

use crate::report::DataTable;
use crate::retention::Projection;

/// One row a period; the columns of what is not known are left out.
pub fn projection_table(projection: &Projection) -> DataTable {
    let Projection { period, actual_survival, survival, retention, residual_lifetime, residual_value } = projection;
    let mut table =
        DataTable::new("projection", "Retention").whole("period", period.iter().map(|&period| period.into()));
    if projection.has_actual() {
        table = table.real("actual_survival", actual_survival.iter().copied());
    }
    table = table.real("survival", survival.iter().copied()).real("retention", retention.iter().copied());
    if let Some(residual) = residual_lifetime {
        table = table.real("residual_lifetime", residual.iter().copied());
    }
    match residual_value {
        Some(value) => table.real("residual_value", value.iter().copied()),
        None => table,
    }
}
