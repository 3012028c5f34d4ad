//! What is said of customers without a model, and beside one, as tables.

use crate::describe::{
    Cohorts, Concentration, Description, Equity, Estimate, Groups, Pattern, Payback, Potential, Regularity, RfmCell,
    TOP_SHARES,
};
use crate::report::DataTable;

/// The tables of a description; those of what it does not have are left out.
pub fn describe_tables(description: &Description) -> Vec<DataTable> {
    let mut tables = Vec::new();
    if let Some(concentration) = &description.concentration {
        tables.extend([concentration_table(concentration), lorenz(concentration)]);
    }
    tables.extend(description.regularity.as_ref().map(regularity));
    tables.extend(description.cohorts.as_ref().map(|all| cohorts(all, description.values.is_some())));
    tables.push(rfm(&description.rfm_cells));
    if let Some(all) = &description.groups {
        tables.extend([groups(all), group_differences(all)]);
    }
    tables.extend(description.potential.as_ref().map(current_by_future));
    if !description.equity.is_empty() {
        tables.push(equity(&description.equity));
    }
    tables.extend(description.payback.as_ref().map(payback));
    tables
}

fn concentration_table(concentration: &Concentration) -> DataTable {
    DataTable::new("concentration", "Share of the revenue by the best customers")
        .real("share_of_customers", TOP_SHARES)
        .real("share_of_value", TOP_SHARES.map(|share| concentration.top(share)))
}

fn lorenz(concentration: &Concentration) -> DataTable {
    let curve = concentration.curve();
    DataTable::new("lorenz", "Share of the revenue by the least valuable customers")
        .real("share_of_customers", curve.iter().map(|point| point.0))
        .real("share_of_value", curve.iter().map(|point| point.1))
}

fn regularity(all: &Regularity) -> DataTable {
    DataTable::new("regularity", "Regularity of purchases (Wheat & Morrison's k)")
        .whole("customers", [all.customers])
        .real("k", [all.k()])
        .real("standard_error", [all.standard_error()])
        .real("k_by_chance", [all.k_by_chance()])
        .text("pattern", [all.pattern().map_or("", Pattern::name)])
}

fn cohorts(all: &Cohorts, with_revenue: bool) -> DataTable {
    let cells = || all.cohorts.iter().flat_map(|cohort| cohort.cells.iter().map(move |cell| (cohort, cell)));
    let table = DataTable::new("cohorts", format!("Cohorts by {} of first purchase", all.period))
        .text("cohort", cells().map(|(cohort, _)| &*cohort.label))
        .whole("age", cells().map(|(_, cell)| cell.age.into()))
        .whole("customers", cells().map(|(cohort, _)| cohort.customers))
        .whole("active", cells().map(|(_, cell)| cell.active))
        .real("retention", cells().map(|(_, cell)| cell.retention));
    let table = match with_revenue {
        true => table
            .real("revenue", cells().map(|(_, cell)| cell.revenue))
            .real("revenue_per_customer", cells().map(|(_, cell)| cell.revenue_per_customer)),
        false => table,
    };
    table.whole("complete", cells().map(|(_, cell)| cell.complete.into()))
}

fn rfm(cells: &[RfmCell]) -> DataTable {
    DataTable::new("rfm", "Customers by recency and frequency score")
        .whole("recency_score", cells.iter().map(|cell| cell.recency.into()))
        .whole("frequency_score", cells.iter().map(|cell| cell.frequency.into()))
        .whole("customers", cells.iter().map(|cell| cell.customers))
        .real("value", cells.iter().map(|cell| cell.value))
        .real("mean_monetary", cells.iter().map(|cell| cell.mean_monetary))
}

/// An estimate and the ends of its interval.
fn with_interval(table: DataTable, name: &str, estimates: &[Option<Estimate>]) -> DataTable {
    let interval = |estimate: &Option<Estimate>| estimate.and_then(|estimate| estimate.interval);
    table
        .real(name, estimates.iter().map(|estimate| estimate.map(|estimate| estimate.value)))
        .real(&format!("{name}_lo95"), estimates.iter().map(|estimate| interval(estimate).map(|ends| ends.0)))
        .real(&format!("{name}_hi95"), estimates.iter().map(|estimate| interval(estimate).map(|ends| ends.1)))
}

fn groups(all: &Groups) -> DataTable {
    let groups = &all.groups;
    let table = DataTable::new("groups", format!("Customers by {}", all.by))
        .text("group", groups.iter().map(|group| &*group.name))
        .whole("customers", groups.iter().map(|group| group.customers))
        .real("total_value", groups.iter().map(|group| group.total));
    let table = with_interval(table, "mean_value", &groups.iter().map(|group| group.mean).collect::<Vec<_>>());
    let table = with_interval(table, "repeat_rate", &groups.iter().map(|g| Some(g.repeat_rate)).collect::<Vec<_>>());
    with_interval(table, "purchases", &groups.iter().map(|group| Some(group.purchases)).collect::<Vec<_>>())
}

fn group_differences(all: &Groups) -> DataTable {
    let others = &all.differences;
    let table = DataTable::new("group-differences", format!("Customers by {}, less those of {}", all.by, all.control))
        .text("group", others.iter().map(|other| &*other.name))
        .text("control", others.iter().map(|_| &*all.control));
    let table = with_interval(table, "mean_value", &others.iter().map(|other| other.mean).collect::<Vec<_>>());
    let table = with_interval(table, "repeat_rate", &others.iter().map(|o| Some(o.repeat_rate)).collect::<Vec<_>>());
    with_interval(table, "purchases", &others.iter().map(|other| Some(other.purchases)).collect::<Vec<_>>())
}

fn current_by_future(potential: &Potential) -> DataTable {
    let cells = &potential.cells;
    DataTable::new("current-by-future", "Current value by future potential, in terciles")
        .whole("current", cells.iter().map(|cell| cell.current.into()))
        .whole("future", cells.iter().map(|cell| cell.future.into()))
        .whole("customers", cells.iter().map(|cell| cell.customers))
        .real("current_value", cells.iter().map(|cell| cell.current_value))
        .real("future_value", cells.iter().map(|cell| cell.future_value))
        .text("treatment", cells.iter().map(|cell| cell.treatment.name()))
}

fn equity(horizons: &[Equity]) -> DataTable {
    DataTable::new("equity", "Customer equity")
        .text("horizon", horizons.iter().map(|equity| &*equity.horizon))
        .real("static_equity", horizons.iter().map(|equity| equity.of_customers))
        .real("value_of_a_new_customer", horizons.iter().map(|equity| equity.of_a_new_customer))
        .whole("acquired_last_year", horizons.iter().map(|equity| equity.acquired_last_year))
        .real("new_customers_equity", horizons.iter().map(Equity::of_new_customers))
}

fn payback(all: &Payback) -> DataTable {
    let cohorts = &all.cohorts;
    DataTable::new("payback", format!("Payback of the cost of acquisition, in {}s", all.period))
        .text("cohort", cohorts.iter().map(|cohort| &*cohort.label))
        .whole("customers", cohorts.iter().map(|cohort| cohort.customers))
        .real("cac", cohorts.iter().map(|cohort| cohort.cost))
        .real("earned_per_customer", cohorts.iter().map(|cohort| cohort.earned))
        .real("payback_age", cohorts.iter().map(|cohort| cohort.age.map(f64::from)))
        .real("share_paid_back", cohorts.iter().map(|cohort| cohort.paid_back))
}
