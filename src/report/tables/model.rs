//! What a model says, as small tables for charts.

use crate::answers::HorizonSums;
use crate::error::Result;
use crate::evaluate::{FrequencyBin, LAST_BIN, spend_histogram};
use crate::models::{Timing, TimingModel};
use crate::predict::{DiscountRate, GridCell, HistoryGrid, Horizon, Predictor};
use crate::report::DataTable;
use crate::report::sections::forecasts::Forecasts;
use crate::report::sections::horizon_words::horizon_in_words;
use crate::summary::Summary;

/// Numbers in two series, one below the other: what came, and what was expected.
pub(crate) struct Series<'a> {
    pub(crate) name: &'a str,
    pub(crate) title: &'a str,
    /// Name of the number.
    pub(crate) number: &'a str,
    pub(crate) actual: Vec<f64>,
    pub(crate) expected: Vec<f64>,
}

impl Series<'_> {
    /// With further columns, the same for both series, before and after them.
    pub(crate) fn table(self, key: impl FnOnce(DataTable) -> DataTable) -> DataTable {
        let rows = self.actual.len();
        let series = std::iter::repeat_n("actual", rows).chain(std::iter::repeat_n("expected", rows));
        key(DataTable::new(self.name, self.title))
            .text("series", series)
            .real(self.number, self.actual.into_iter().chain(self.expected))
    }
}

/// These cells twice, for both series.
pub(crate) fn twice<T: Clone>(cells: &[T]) -> impl Iterator<Item = T> + '_ {
    cells.iter().chain(cells).cloned()
}

/// Customers by repeat purchases.
pub(crate) fn frequency_table(bins: &[FrequencyBin]) -> DataTable {
    let label = |x: u32| if x == LAST_BIN { format!("{x}+") } else { x.to_string() };
    let labels: Vec<String> = bins.iter().map(|bin| label(bin.x)).collect();
    let series = Series {
        name: "frequency-histogram",
        title: "How often customers came back",
        number: "customers",
        actual: bins.iter().map(|bin| bin.actual).collect(),
        expected: bins.iter().map(|bin| bin.expected).collect(),
    };
    series.table(|table| table.text("purchases", twice(&labels)))
}

/// Customers by mean spend; none without a spend model.
pub(crate) fn spend_table(predictor: &Predictor, summary: &Summary) -> Result<Option<DataTable>> {
    let Some(spend) = predictor.spend_models(summary)? else { return Ok(None) };
    let bins = spend_histogram(&spend, summary);
    let (from, to): (Vec<f64>, Vec<f64>) = bins.iter().map(|bin| (bin.from, bin.to)).unzip();
    let series = Series {
        name: "spend-distribution",
        title: "What customers spend on a purchase",
        number: "customers",
        actual: bins.iter().map(|bin| bin.actual).collect(),
        expected: bins.iter().map(|bin| bin.expected).collect(),
    };
    Ok(Some(series.table(|table| table.real("from", twice(&from)).real("to", twice(&to)))))
}

/// How customers differ in the model.
pub(crate) fn heterogeneity_table(timing: &TimingModel) -> DataTable {
    const STEPS: usize = 60;
    const SHOWN: f64 = 0.95;
    let traits = timing.heterogeneity();
    let rows: Vec<(&str, f64, f64)> = traits
        .iter()
        .flat_map(|one| one.distribution.densities(STEPS, SHOWN).into_iter().map(|(at, density)| (one.of, at, density)))
        .collect();
    DataTable::new("heterogeneity", "How customers differ")
        .text("parameter", rows.iter().map(|row| row.0))
        .real("at", rows.iter().map(|row| row.1))
        .real("density", rows.iter().map(|row| row.2))
}

fn cells(table: DataTable, cells: &[GridCell]) -> DataTable {
    table
        .whole("frequency", cells.iter().map(|cell| cell.history.frequency.into()))
        .real("recency", cells.iter().map(|cell| cell.history.t_x))
        .real("recency_from", cells.iter().map(|cell| cell.recency.0))
        .real("recency_to", cells.iter().map(|cell| cell.recency.1))
}

/// P(alive) over recency and frequency.
pub(crate) fn alive_table(predictor: &Predictor, summary: &Summary) -> DataTable {
    let (grid, p_alive): (Vec<GridCell>, Vec<f64>) =
        HistoryGrid::of(summary).p_alive(predictor, &summary.observation).into_iter().unzip();
    cells(DataTable::new("alive-map", "Who is still a customer"), &grid).real("p_alive", p_alive)
}

/// Expected purchases over recency and frequency, horizon by horizon.
///
/// # Errors
/// [`Error::usage`](crate::error::Error::usage) if a horizon does not lie in the future.
pub(crate) fn purchases_table(predictor: &Predictor, summary: &Summary, horizons: &[Horizon]) -> Result<DataTable> {
    let grid = HistoryGrid::of(summary);
    let mut rows: Vec<(GridCell, String, f64)> = Vec::new();
    for horizon in horizons {
        let map = grid.purchases(predictor, &summary.observation, horizon)?;
        rows.extend(map.into_iter().map(|(cell, purchases)| (cell, horizon_in_words(horizon), purchases)));
    }
    let all: Vec<GridCell> = rows.iter().map(|row| row.0).collect();
    Ok(cells(DataTable::new("purchases-map", "Who will purchase, and how often"), &all)
        .text("horizon", rows.iter().map(|row| &*row.1))
        .real("purchases", rows.iter().map(|row| row.2)))
}

/// Curves of equal value, horizon by horizon, for customers who spend what the average one does.
///
/// # Errors
/// Those of [`HistoryGrid::iso_values`].
pub(crate) fn iso_value_table(
    predictor: &Predictor,
    summary: &Summary,
    horizons: &[Horizon],
    discount: &DiscountRate,
    margin: f64,
) -> Result<DataTable> {
    let grid = HistoryGrid::of(summary);
    let spenders: Vec<f64> = summary.monetary_value.iter().copied().filter(|m| *m > 0.0).collect();
    let mean = spenders.iter().sum::<f64>() / spenders.len().max(1) as f64;
    let mut rows = Vec::new();
    for horizon in horizons {
        let curves = grid.iso_values(predictor, &summary.observation, horizon, discount, mean, margin)?;
        rows.extend(curves.into_iter().map(|point| (horizon_in_words(horizon), point)));
    }
    Ok(DataTable::new("iso-value", "Customers who are worth the same")
        .text("horizon", rows.iter().map(|row| &*row.0))
        .real("level", rows.iter().map(|row| row.1.level))
        .whole("frequency", rows.iter().map(|row| row.1.frequency.into()))
        .real("recency", rows.iter().map(|row| row.1.recency)))
}

/// Totals with intervals.
pub(crate) fn totals_table(forecasts: &Forecasts) -> DataTable {
    let horizons = &forecasts.horizons;
    let ends = |total: fn(&crate::report::sections::forecasts::HorizonForecast) -> Option<(f64, f64)>| {
        let ends = horizons.iter().map(move |horizon| total(horizon).unzip());
        ends.unzip::<Option<f64>, Option<f64>, Vec<_>, Vec<_>>()
    };
    let (purchases_low, purchases_high) = ends(|horizon| Some(horizon.purchases_range.by_model));
    let (purchases_past_low, purchases_past_high) = ends(|horizon| horizon.purchases_range.with_past_errors);
    let table = DataTable::new("totals", "Expected totals")
        .text("horizon", horizons.iter().map(|horizon| horizon_in_words(&horizon.horizon)))
        .text("end", horizons.iter().map(|horizon| horizon.end.to_string()))
        .real("purchases", horizons.iter().map(|horizon| horizon.purchases))
        .real("purchases_lo80", purchases_low)
        .real("purchases_hi80", purchases_high)
        .real("purchases_lo80_past", purchases_past_low)
        .real("purchases_hi80_past", purchases_past_high);
    if horizons.iter().all(|horizon| horizon.value.is_none()) {
        return table;
    }
    let (value_low, value_high) = ends(|horizon| Some(horizon.value_range?.by_model));
    let (value_past_low, value_past_high) = ends(|horizon| horizon.value_range?.with_past_errors);
    table
        .real("value", horizons.iter().map(|horizon| Some(horizon.totals.all.value.as_ref()?.expected)))
        .real("value_lo80", value_low)
        .real("value_hi80", value_high)
        .real("value_lo80_past", value_past_low)
        .real("value_hi80_past", value_past_high)
        .real("clv", horizons.iter().map(|horizon| horizon.value))
}

/// What the model expects of all, and what that comes to, calibrated.
pub(crate) fn calibrated_table(sums: &[HorizonSums]) -> DataTable {
    let rows = || sums.iter().filter(|sums| sums.purchases_calibrated().is_some());
    DataTable::new("calibrated", "Expected totals, calibrated")
        .text("horizon", rows().map(|sums| horizon_in_words(&sums.horizon)))
        .real("purchases", rows().map(HorizonSums::purchases))
        .real("purchases_calibrated", rows().map(HorizonSums::purchases_calibrated))
        .real("clv", rows().map(HorizonSums::clv))
        .real("clv_calibrated", rows().map(HorizonSums::clv_calibrated))
}

/// Tiers by what is expected, horizon by horizon.
pub(crate) fn tiers_table(forecasts: &Forecasts) -> DataTable {
    let rows = || forecasts.horizons.iter().flat_map(|horizon| horizon.tiers.iter().map(move |tier| (horizon, tier)));
    DataTable::new("value-tiers", "Tiers of customers by what is expected of them")
        .text("horizon", rows().map(|(horizon, _)| horizon_in_words(&horizon.horizon)))
        .text("tier", rows().map(|(_, (name, ..))| &**name))
        .real("customers", rows().map(|(_, (_, customers, _))| *customers))
        .real("expected", rows().map(|(_, (.., expected))| *expected))
        .real("per_customer", rows().map(|(_, (_, customers, expected))| expected / customers))
        .real("share", rows().map(|(horizon, (.., expected))| horizon.share(*expected)))
}

/// The most valuable customers.
pub(crate) fn top_table(forecasts: &Forecasts, summary: &Summary) -> DataTable {
    let top = &forecasts.top;
    let mut table = DataTable::new("top-customers", "The most valuable customers")
        .text("customer_id", top.iter().map(|customer| summary.customers.text(customer.row)))
        .whole("frequency", top.iter().map(|customer| summary.frequency[customer.row].into()));
    if let Some(known) = &summary.purchases {
        table = table.text("last_purchase", top.iter().map(|customer| known.last_purchase[customer.row].to_string()));
    }
    if let Some(totals) = summary.totals() {
        table = table.real("total", top.iter().map(|customer| totals[customer.row]));
    }
    table = table.real("p_alive", top.iter().map(|customer| customer.p_alive));
    if top.iter().any(|customer| customer.spend.is_some()) {
        table = table.real("expected_spend", top.iter().map(|customer| customer.spend));
    }
    for (i, horizon) in forecasts.horizons.iter().enumerate() {
        let label = horizon.horizon.label();
        let of = |of: fn(&crate::report::sections::forecasts::TopHorizon) -> Option<f64>| {
            top.iter().map(move |one| of(&one.horizons[i]))
        };
        table = table
            .real(&format!("purchases_{label}"), of(|one| Some(one.purchases)))
            .real(&format!("purchases_{label}_lo80"), of(|one| Some(one.counts.0)))
            .real(&format!("purchases_{label}_hi80"), of(|one| Some(one.counts.1)));
        if horizon.value.is_some() {
            table = table
                .real(&format!("clv_{label}"), of(|one| one.value))
                .real(&format!("value_{label}_lo80"), of(|one| Some(one.interval?.0)))
                .real(&format!("value_{label}_hi80"), of(|one| Some(one.interval?.1)));
        }
    }
    table
}
