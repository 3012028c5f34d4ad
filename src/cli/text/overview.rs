//! What is told of all customers together: sums by horizon, totals with intervals, the most valuable ones; in words and in JSON.

use std::io::Write;

use serde_json::{Value, json};

use super::console::Console;
use super::words::{number, rule, whole};
use crate::answers::{Part, Predicted, per_cent};
use crate::error::Result;
use crate::predict::{GroupTotals, Horizon, Total, Totals};
use crate::summary::{CustomerIds, Day};
use crate::tables::{OutputFormat, TableColumn, TablePart, TableWriter, clip};

/// Sums over customers, and the most valuable of them.
pub(crate) struct Overview {
    horizons: Vec<HorizonSums>,
    /// Most valuable first, equals by customer.
    top: Vec<TopCustomer>,
    /// Everything about the customer, if there is one alone.
    only: Option<Part>,
}

struct HorizonSums {
    horizon: Horizon,
    end: Day,
    length: f64,
    purchases: f64,
    clv: Option<f64>,
}

/// A customer with the expectations over the last horizon.
struct TopCustomer {
    row: usize,
    worth: f64,
    p_alive: f64,
    expected_spend: Option<f64>,
    purchases: f64,
    clv: Option<f64>,
}

/// Customers shown on the terminal.
const TOP: usize = 10;

/// Groups shown there.
const SHOWN_GROUPS: usize = 30;

impl Overview {
    /// Writes every customer, and gathers what there is to tell of all of them.
    pub(crate) fn write<W: Write + Send>(asked: &Predicted<'_>, rows: &mut TableWriter<W>) -> Result<Self> {
        let order = asked.order()?;
        let format = rows.format;
        let mut overview = Self { horizons: Vec::new(), top: Vec::new(), only: None };
        let part = |range: std::ops::Range<usize>| Self::encoded(asked, &order[range], format);
        rows.parts(order.len(), part, |others| overview.add(others))?;
        Ok(overview)
    }

    fn encoded(asked: &Predicted<'_>, rows: &[usize], format: OutputFormat) -> Result<(TablePart, Self)> {
        let part = asked.part(rows)?;
        let table = part.table(asked).encode(format, 0..rows.len())?;
        Ok((table, Self::of(asked, rows, part)))
    }

    /// What there is to tell, without a table.
    pub(crate) fn without_table(asked: &Predicted<'_>) -> Result<Self> {
        let rows: Vec<usize> = (0..asked.summary.len()).collect();
        Ok(Self::of(asked, &rows, asked.part(&rows)?))
    }

    /// Of the customers in these rows.
    fn of(asked: &Predicted<'_>, rows: &[usize], part: Part) -> Self {
        let forecast = &part.forecast;
        let sums = forecast.horizons.iter().map(|columns| HorizonSums {
            horizon: columns.horizon.clone(),
            end: columns.end,
            length: columns.length,
            purchases: columns.purchases.iter().sum(),
            clv: columns.clv.as_ref().map(|clv| clv.iter().sum()),
        });
        let horizons = sums.collect();
        let last = &forecast.horizons[forecast.horizons.len() - 1];
        let worth = forecast.worth();
        let mut places: Vec<usize> = (0..rows.len()).collect();
        let better = |a: &usize, b: &usize| {
            worth[*b].total_cmp(&worth[*a]).then_with(|| asked.summary.customers.compare(rows[*a], rows[*b]))
        };
        if places.len() > TOP {
            places.select_nth_unstable_by(TOP, better);
            places.truncate(TOP);
        }
        places.sort_unstable_by(better);
        let customer = |&i: &usize| TopCustomer {
            row: rows[i],
            worth: worth[i],
            p_alive: forecast.p_alive[i],
            expected_spend: forecast.expected_spend.as_ref().map(|spend| spend[i]),
            purchases: last.purchases[i],
            clv: last.clv.as_ref().map(|clv| clv[i]),
        };
        let top = places.iter().map(customer).collect();
        Self { horizons, top, only: (asked.summary.len() == 1).then_some(part) }
    }

    /// Adds other customers, who follow in the order of writing.
    fn add(&mut self, other: Self) {
        if self.horizons.is_empty() {
            *self = other;
            return;
        }
        for (sums, others) in self.horizons.iter_mut().zip(other.horizons) {
            sums.purchases += others.purchases;
            sums.clv = sums.clv.zip(others.clv).map(|(clv, others)| clv + others);
        }
        self.top.extend(other.top);
        // Stable, and so equals stay in the order of the customers.
        self.top.sort_by(|a, b| b.worth.total_cmp(&a.worth));
        self.top.truncate(TOP);
    }

    /// Totals per horizon and the ten most valuable customers, in words.
    pub(crate) fn describe(&self, asked: &Predicted<'_>, console: &mut Console) -> Result<()> {
        let valued = asked.predictor.spend.is_some();
        let value = if valued { "value" } else { "" };
        console.say("")?;
        console.say(format!("{:<14} {:<12} {:>16} {:>16}", "Horizon", "ends", "purchases", value).trim_end())?;
        for sums in &self.horizons {
            let clv = sums.clv.map(|clv| number(clv, 2)).unwrap_or_default();
            let purchases = number(sums.purchases, 1);
            let end = if sums.horizon.is_forever() { "(discounted)".to_owned() } else { sums.end.to_string() };
            let line = format!("{:<14} {end:<12} {purchases:>16} {clv:>16}", sums.horizon.to_string());
            console.say(line.trim_end())?;
        }

        asked.describe_totals(console)?;

        let summary = asked.summary;
        let last = &asked.horizons[asked.horizons.len() - 1];
        let what = if valued { "most valuable" } else { "most active" };
        console.say(format!("\nThe {} {what} customers over {}", TOP.min(summary.len()), last))?;
        let heads = ["frequency", "recency", "T", "p_alive", "spend", "purchases", "value"];
        let heads = if valued { &heads[..] } else { &["frequency", "recency", "T", "p_alive", "purchases"] };
        let heads: String = heads.iter().map(|head| format!(" {head:>10}")).collect();
        console.say(format!("{:<20}{heads}", "customer"))?;
        for customer in &self.top {
            let row = customer.row;
            let mut cells = vec![
                whole(summary.frequency[row].into()),
                number(summary.recency[row], 2),
                number(summary.T[row], 2),
                number(customer.p_alive, 3),
            ];
            cells.extend(customer.expected_spend.map(|spend| number(spend, 2)));
            cells.push(number(customer.purchases, 2));
            cells.extend(customer.clv.map(|clv| number(clv, 2)));
            let cells: String = cells.iter().map(|cell| format!(" {cell:>10}")).collect();
            console.say(format!("{:<20}{cells}", clip(&summary.customers.text(row))))?;
        }
        console.say(rule(summary.observation.unit))
    }

    /// What a new customer is worth, horizon by horizon.
    pub(crate) fn describe_new(&self, asked: &Predicted<'_>, console: &mut Console) -> Result<()> {
        console.say("\nA new customer, from the first purchase on")?;
        let heads = ["P(alive)", "P(purchase)", "purchases", "value", "with the first"];
        let Some(Part { forecast, answers, .. }) = &self.only else { return Ok(()) };
        let valued = forecast.expected_spend.is_some();
        let heads = if valued { &heads[..] } else { &heads[..3] };
        let heads: String = heads.iter().map(|head| format!(" {head:>14}")).collect();
        console.say(format!("{:<14}{heads}", "Horizon"))?;
        let cell = |cells: Option<&Vec<f64>>, decimals: usize| cells.map_or(String::new(), |c| number(c[0], decimals));
        for (columns, answers) in forecast.horizons.iter().zip(answers) {
            let cells = [
                cell(answers.chances.p_alive.as_ref(), 3),
                cell(answers.chances.p_purchase.as_ref(), 3),
                number(columns.purchases[0], 3),
                cell(columns.clv.as_ref(), 2),
                cell(columns.lifetime_value.as_ref(), 2),
            ];
            let cells: String = cells.iter().map(|cell| format!(" {cell:>14}")).collect();
            console.say(format!("{:<14}{}", columns.horizon.to_string(), cells.trim_end()))?;
        }
        if valued {
            let first = forecast.historical_value.as_ref().map_or(0.0, |past| past[0]);
            console.say(format!(
                "purchases and value are those after the first purchase, which earns {} on average; “with the first” includes it, \
                 less --cac: what may be spent to acquire a customer",
                number(first, 2)
            ))?;
        }
        asked.describe_totals(console)
    }

    /// Every column of the only customer, by name.
    pub(crate) fn describe_columns(&self, asked: &Predicted<'_>, console: &mut Console) -> Result<()> {
        let Some(part) = &self.only else { return Ok(()) };
        console.say("")?;
        for (name, column) in &part.table(asked).columns {
            console.say(format!("  {name:<28} {}", column.cell(0)))?;
        }
        Ok(())
    }

    /// Totals and the most valuable customers, for machines.
    pub(crate) fn json(&self, asked: &Predicted<'_>) -> Value {
        let total = |total: &Total| {
            let interval = |share: &f64| {
                let (low, high) = total.interval(*share);
                json!({ "percent": per_cent(*share), "low": low, "high": high })
            };
            json!({
                "expected": total.expected,
                "intervals": asked.total_shares.iter().map(interval).collect::<Vec<Value>>(),
                "p_over_target": asked.target.map(|target| total.p_over(target)),
            })
        };
        let group = |name: &str, group: &GroupTotals| {
            let mut purchases = total(&group.purchases);
            // The target is one of value.
            purchases.as_object_mut().expect("an object").remove("p_over_target");
            json!({
                "group": name,
                "customers": group.customers,
                "purchases": purchases,
                "value": group.value.as_ref().map(total),
            })
        };
        let horizon = |(sums, totals): (&HorizonSums, &Option<Totals>)| {
            let totals = totals.as_ref().map(|totals| {
                let groups = asked.groups.iter().zip(&totals.groups).filter(|_| asked.by.is_some());
                json!({
                    "with_parameters": totals.with_parameters,
                    "all": group("(all)", &totals.all),
                    "groups": groups.map(|(name, totals)| group(name, totals)).collect::<Vec<Value>>(),
                })
            });
            let forever = sums.horizon.is_forever();
            json!({
                "horizon": sums.horizon.to_string(),
                "end": (!forever).then_some(sums.end),
                "length": (!forever).then_some(sums.length),
                "purchases": sums.purchases,
                "clv": sums.clv,
                "totals": totals,
            })
        };
        let totals: Vec<Value> = self.horizons.iter().zip(&asked.totals).map(horizon).collect();
        let top = self.top.iter().map(|customer| {
            json!({
                "customer_id": asked.summary.customers.text(customer.row),
                "p_alive": customer.p_alive,
                "expected_spend": customer.expected_spend,
                "purchases": customer.purchases,
                "clv": customer.clv,
            })
        });
        let top: Vec<Value> = top.collect();
        // Of many customers the table has the columns.
        let columns = self.only.as_ref().map(|part| {
            let table = part.table(asked);
            let cells = table.columns.iter().map(|(name, column)| (name.clone(), json_cell(column, 0)));
            cells.collect::<serde_json::Map<String, Value>>()
        });
        json!({ "totals": totals, "top": top, "customer": columns })
    }
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

impl Predicted<'_> {
    /// Totals with their intervals, by group.
    pub(crate) fn describe_totals(&self, console: &mut Console) -> Result<()> {
        let known: Vec<(&Horizon, &Totals)> = self.totals().collect();
        let Some(&(_, first)) = known.first() else { return Ok(()) };
        let widest = self.total_shares.iter().copied().fold(0.0, f64::max);
        let between = format!("{}% between", per_cent(widest));
        let mut heads = vec![("purchases", 12), (&*between, 24)];
        let beat = self.target.map(|target| format!("P(> {})", number(target, 0)));
        if first.all.value.is_some() {
            heads.extend([("value", 14), (&*between, 28)]);
            heads.extend(beat.as_deref().map(|beat| (beat, 14)));
        }
        let heads: String = heads.iter().map(|(head, width)| format!(" {head:>width$}")).collect();
        console.say(format!("\n{:<24} {:>10}{heads}", "Totals", "customers"))?;
        for (horizon, totals) in known {
            let line = |name: &str, group: &GroupTotals| {
                let interval = |total: &Total, decimals: usize| {
                    let (low, high) = total.interval(widest);
                    format!("{} and {}", number(low, decimals), number(high, decimals))
                };
                let purchases = &group.purchases;
                let mut line = format!(
                    "{:<24} {:>10} {:>12} {:>24}",
                    clip(name),
                    whole(group.customers),
                    number(purchases.expected, 1),
                    interval(purchases, 1)
                );
                if let Some(value) = &group.value {
                    line += &format!(" {:>14} {:>28}", number(value.expected, 0), interval(value, 0));
                    line += &self.target.map_or(String::new(), |target| format!(" {:>14.2}", value.p_over(target)));
                }
                line
            };
            console.say(line(&horizon.to_string(), &totals.all))?;
            if self.by.is_some() {
                for (name, group) in self.groups.iter().zip(&totals.groups).take(SHOWN_GROUPS) {
                    console.say(line(&format!("  {name}"), group))?;
                }
                if self.groups.len() > SHOWN_GROUPS {
                    console.say(format!(
                        "  ... and {} more; --totals writes them all",
                        self.groups.len() - SHOWN_GROUPS
                    ))?;
                }
            }
        }
        let given = if first.with_parameters {
            "with the uncertainty of the parameters"
        } else {
            "given the parameters: their uncertainty is not known, and not included in these intervals"
        };
        console
            .say(format!("value here is margin x spend, not discounted; intervals from simulated futures, {given}"))?;
        for horizon in self.horizons.iter().filter(|horizon| !horizon.is_span()) {
            console.say(format!("{horizon} does not begin now, or does not end: expectations alone"))?;
        }
        Ok(())
    }
}
