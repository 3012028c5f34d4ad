//! What is told of all customers together, in words and in JSON: sums by horizon, totals with intervals, the most valuable ones.

use serde_json::{Value, json};

use super::console::Console;
use super::words::{counted, number, rule};
use crate::answers::{ALL, HorizonSums, Overview, Part, Predicted, TOP, TotalsTable, per_cent};
use crate::error::Result;
use crate::report::{DataTable, Format, Page, TableView};
use crate::summary::CustomerIds;
use crate::tables::TableColumn;

/// Groups shown on the terminal.
const SHOWN_GROUPS: usize = 30;

/// Totals per horizon and the ten most valuable customers, in words.
pub(crate) fn describe(overview: &Overview, question: &Predicted<'_>, console: &mut Console) -> Result<()> {
    console.table(&sums(overview, question))?;
    describe_calibration(question, console)?;
    describe_totals(question, console)?;
    console.table(&most_valuable(overview, question))?;
    console.say(rule(question.summary.observation.unit))
}

/// What is expected of all customers together, horizon by horizon.
fn sums(overview: &Overview, question: &Predicted<'_>) -> TableView {
    let end = |sums: &HorizonSums| match sums.horizon.is_forever() {
        true => "(discounted)".to_owned(),
        false => sums.end.to_string(),
    };
    let sums = DataTable::new("totals", "Expected totals")
        .text("horizon", overview.horizons.iter().map(|sums| sums.horizon.to_string()))
        .text("end", overview.horizons.iter().map(end))
        .real("purchases", overview.horizons.iter().map(HorizonSums::purchases))
        .real("clv", overview.horizons.iter().map(HorizonSums::clv))
        .real("purchases_calibrated", overview.horizons.iter().map(HorizonSums::purchases_calibrated))
        .real("clv_calibrated", overview.horizons.iter().map(HorizonSums::clv_calibrated));
    let some = |of: fn(&HorizonSums) -> Option<f64>| overview.horizons.iter().any(|sums| of(sums).is_some());
    let (purchases, value) = (some(HorizonSums::purchases_calibrated), some(HorizonSums::clv_calibrated));
    let view = TableView::new("", sums)
        .column("horizon", "Horizon", Format::Plain)
        .column("end", "ends", Format::Plain)
        .column("purchases", "purchases", Format::Number(1));
    let view = if purchases { view.column("purchases_calibrated", "calibrated", Format::Number(1)) } else { view };
    let view = if question.predictor.spend.is_some() { view.column("clv", "value", Format::Number(2)) } else { view };
    if value { view.column("clv_calibrated", "calibrated", Format::Number(2)) } else { view }
}

/// What earlier days taught about each horizon.
pub(crate) fn describe_calibration(question: &Predicted<'_>, console: &mut Console) -> Result<()> {
    let title = question.predictor.timing.kind().title();
    for calibrated in question.calibrated.iter().flatten() {
        console.say(calibrated.in_words(title))?;
    }
    Ok(())
}

/// The ranges of the totals that a page shows, by which to plan.
pub(crate) fn describe_ranges(page: &Page, console: &mut Console) -> Result<()> {
    let Some(totals) = page.tables().into_iter().find(|table| table.name == "totals") else { return Ok(()) };
    let knows_past = totals.column("purchases_lo80_past").is_some_and(|cells| cells.number(0).is_some());
    let (past, caption) = match knows_past {
        true => ("_past", "To plan with: 80% ranges of totals, with the errors of earlier forecasts"),
        false => ("", "80% ranges of totals, if the model is right"),
    };
    let ends = |view: TableView, what: &str| {
        view.column(what, what, Format::Number(0))
            .column(&format!("{what}_lo80{past}"), "low", Format::Number(0))
            .column(&format!("{what}_hi80{past}"), "high", Format::Number(0))
    };
    let view = ends(TableView::new(caption, totals.clone()).column("horizon", "over", Format::Plain), "purchases");
    let view = if totals.column("value").is_some() { ends(view, "value") } else { view };
    console.table(&view)
}

/// The most valuable customers, by the names that the columns of the customers' table have.
fn top_table(overview: &Overview, question: &Predicted<'_>) -> DataTable {
    let (top, summary) = (&overview.top, question.summary);
    let label = question.horizons[question.horizons.len() - 1].label();
    DataTable::new("top", "The most valuable customers")
        .text("customer_id", top.iter().map(|customer| summary.customers.text(customer.row)))
        .whole("frequency", top.iter().map(|customer| summary.frequency[customer.row].into()))
        .real("recency", top.iter().map(|customer| summary.recency[customer.row]))
        .real("T", top.iter().map(|customer| summary.T[customer.row]))
        .real("p_alive", top.iter().map(|customer| customer.p_alive))
        .real("expected_spend", top.iter().map(|customer| customer.expected_spend))
        .real(&format!("purchases_{label}"), top.iter().map(|customer| customer.purchases))
        .real(&format!("clv_{label}"), top.iter().map(|customer| customer.clv))
}

fn most_valuable(overview: &Overview, question: &Predicted<'_>) -> TableView {
    let last = &question.horizons[question.horizons.len() - 1];
    let valued = question.predictor.spend.is_some();
    let what = if valued { "most valuable" } else { "most active" };
    let caption = format!("The {} {what} customers over {last}", TOP.min(question.summary.len()));
    let view = TableView::new(caption, top_table(overview, question))
        .column("customer_id", "customer", Format::Plain)
        .column("frequency", "frequency", Format::Number(0))
        .column("recency", "recency", Format::Number(2))
        .column("T", "T", Format::Number(2))
        .column("p_alive", "p_alive", Format::Number(3));
    let view = if valued { view.column("expected_spend", "spend", Format::Number(2)) } else { view };
    let label = last.label();
    let view = view.column(&format!("purchases_{label}"), "purchases", Format::Number(2));
    if valued { view.column(&format!("clv_{label}"), "value", Format::Number(2)) } else { view }
}

/// What a new customer is worth, horizon by horizon.
pub(crate) fn describe_new(overview: &Overview, question: &Predicted<'_>, console: &mut Console) -> Result<()> {
    let Some(Part { forecast, answers, .. }) = &overview.only else { return Ok(()) };
    let valued = forecast.expected_spend.is_some();
    let horizons = &forecast.horizons;
    let first = |cells: Option<&Vec<f64>>| cells.map(|cells| cells[0]);
    let table = DataTable::new("new", "A new customer")
        .text("horizon", horizons.iter().map(|columns| columns.horizon.to_string()))
        .real("p_alive", answers.iter().map(|answers| first(answers.chances.p_alive.as_ref())))
        .real("p_purchase", answers.iter().map(|answers| first(answers.chances.p_purchase.as_ref())))
        .real("purchases", horizons.iter().map(|columns| columns.purchases[0]))
        .real("clv", horizons.iter().map(|columns| first(columns.clv.as_ref())))
        .real("lifetime_value", horizons.iter().map(|columns| first(columns.lifetime_value.as_ref())));
    let view = TableView::new("A new customer, from the first purchase on", table)
        .column("horizon", "Horizon", Format::Plain)
        .column("p_alive", "P(alive)", Format::Number(3))
        .column("p_purchase", "P(purchase)", Format::Number(3))
        .column("purchases", "purchases", Format::Number(3));
    if valued {
        let view = view.column("clv", "value", Format::Number(2));
        console.table(&view.column("lifetime_value", "with the first", Format::Number(2)))?;
        let first = forecast.historical_value.as_ref().map_or(0.0, |past| past[0]);
        console.say(format!(
            "purchases and value are those after the first purchase, which earns {} on average; “with the first” includes it, \
             less --cac: what may be spent to acquire a customer",
            number(first, 2)
        ))?;
    } else {
        console.table(&view)?;
    }
    describe_totals(question, console)
}

/// Every column of the only customer, by name.
pub(crate) fn describe_columns(overview: &Overview, question: &Predicted<'_>, console: &mut Console) -> Result<()> {
    let Some(part) = &overview.only else { return Ok(()) };
    let table = part.table(question);
    let columns = DataTable::new("columns", "Everything about the customer")
        .text("column", table.columns.iter().map(|(name, _)| &**name))
        .text("cell", table.columns.iter().map(|(_, column)| column.cell(0)));
    let view = TableView::new("", columns).column("column", "", Format::Plain);
    console.table(&view.column("cell", "", Format::Plain))
}

/// Totals and the most valuable customers, for machines.
pub(crate) fn json(overview: &Overview, question: &Predicted<'_>) -> Value {
    let totals = totals_table(question);
    let horizon = |sums: &HorizonSums| {
        let forever = sums.horizon.is_forever();
        let of_horizon = totals.clone().rows_where("horizon", &sums.horizon.to_string());
        json!({
            "horizon": sums.horizon.to_string(),
            "end": (!forever).then_some(sums.end),
            "length": (!forever).then_some(sums.length),
            "purchases": sums.purchases(),
            "clv": sums.clv(),
            "purchases_calibrated": sums.purchases_calibrated(),
            "clv_calibrated": sums.clv_calibrated(),
            "totals": (!of_horizon.is_empty()).then(|| of_horizon.without("horizon").without("end").records()),
        })
    };
    let totals: Vec<Value> = overview.horizons.iter().map(horizon).collect();
    // Of many customers the table has the columns.
    let columns = overview.only.as_ref().map(|part| {
        let table = part.table(question);
        let cells = table.columns.iter().map(|(name, column)| (name.clone(), json_cell(column, 0)));
        cells.collect::<serde_json::Map<String, Value>>()
    });
    json!({ "totals": totals, "top": top_table(overview, question).records(), "customer": columns })
}

/// A cell in its own type: numbers are numbers, and what is missing is null.
fn json_cell(column: &TableColumn<'_>, row: usize) -> Value {
    match column {
        TableColumn::Customers(CustomerIds::Number(ids)) => ids[row].into(),
        TableColumn::Count(cells) => cells[row].into(),
        TableColumn::Integer(cells) => cells[row].into(),
        TableColumn::Real(cells) => cells[row].into(),
        TableColumn::MaybeReal(cells) => cells[row].into(),
        TableColumn::MaybeDay(cells) => json!(cells[row]),
        TableColumn::Attribute(cells) => cells.text(row).into(),
        column => column.cell(row).into(),
    }
}

/// Totals with their intervals, by group.
pub(crate) fn describe_totals(question: &Predicted<'_>, console: &mut Console) -> Result<()> {
    let Some((_, first)) = question.totals().next() else { return Ok(()) };
    let values = first.all.value.is_some();
    let table = totals_table(question);
    let groups = question.by.as_ref().map_or(0, |_| question.groups.len());
    // All together come first.
    let shown = |&row: &usize| row % (groups + 1) <= SHOWN_GROUPS;
    let rows: Vec<usize> = (0..table.len()).filter(shown).collect();
    console.table(&totals_view(question, table.rows(&rows), values))?;
    if groups > SHOWN_GROUPS {
        console.say(format!("... and {} more groups; --totals writes them all", groups - SHOWN_GROUPS))?;
    }
    let given = if first.with_parameters {
        "with the uncertainty of the parameters"
    } else {
        "given the parameters: their uncertainty is not known, and not included in these intervals"
    };
    console.say(format!("value here is margin x spend, not discounted; intervals {given}"))?;
    if let Some(errors) = &question.errors.purchases {
        let forecasts = counted(errors.forecasts as u64, "earlier forecast");
        console.say(format!(
            "to plan with: the ends with the errors of {forecasts}, in the columns _past of --totals and --json"
        ))?;
    }
    for horizon in question.horizons.iter().filter(|horizon| !horizon.is_span()) {
        console.say(format!("{horizon} does not begin now, or does not end: expectations alone"))?;
    }
    Ok(())
}

fn totals_view(question: &Predicted<'_>, table: DataTable, values: bool) -> TableView {
    let text = |name: &str, row: usize| table.column(name).map(|cells| cells.text(row));
    let label = |row: usize| match text("group", row) {
        Some(group) if group != ALL => format!("  {group}"),
        _ => text("horizon", row).unwrap_or_default(),
    };
    let labels: Vec<String> = (0..table.len()).map(label).collect();
    let widest = per_cent(question.total_shares.iter().copied().fold(0.0, f64::max));
    let with_ends = |view: TableView, what: &str, decimals: u8| {
        view.column(what, what, Format::Number(decimals))
            .column(&format!("{what}_lo{widest}"), &format!("low ({widest}%)"), Format::Number(decimals))
            .column(&format!("{what}_hi{widest}"), "high", Format::Number(decimals))
    };
    let view = TableView::new("Totals", table.text("label", labels)).column("label", "", Format::Plain);
    let view = with_ends(view.column("customers", "customers", Format::Number(0)), "purchases", 1);
    let view = if values { with_ends(view, "value", 0) } else { view };
    match question.target.filter(|_| values) {
        Some(target) => {
            let heading = format!("P(> {})", number(target, 0));
            view.column(&format!("p_value_over_{target}"), &heading, Format::Number(2))
        }
        None => view,
    }
}

/// The totals that `--totals` writes; the column that says the group is `group` here, whatever it is called in the orders.
fn totals_table(question: &Predicted<'_>) -> DataTable {
    let mut table = DataTable::of("totals", "Totals", &TotalsTable::new(question).table());
    if question.by.is_some() {
        "group".clone_into(&mut table.columns[2].name);
    }
    table
}
