//! Predictions as tables, words and JSON.

use std::path::Path;

use serde_json::{Value, json};

use super::console::Console;
use super::describe::{number, rule, whole};
use super::forecast::Sort;
use crate::error::Result;
use crate::predict::{
    Chances, Forecast, GroupTotals, HorizonColumns, HorizonErrors, NextPurchase, StandardErrors, Total, Totals,
    ValueAnswers, ValueQuestions,
};
use crate::summary::{Day, Summary};
use crate::summary_file::history_columns;
use crate::tables::{Staged, Table, TableColumn, clip};

/// A forecast with the summary it is for, and everything else that was asked.
pub(super) struct Predicted<'a> {
    pub(super) summary: &'a Summary,
    pub(super) forecast: Forecast,
    pub(super) standard_errors: Option<StandardErrors>,
    pub(super) questions: ValueQuestions,
    /// One entry a horizon.
    pub(super) answers: Vec<HorizonAnswers>,
    pub(super) next_percents: Vec<f64>,
    pub(super) next: Option<NextPurchase>,
    /// Column of the groups, and their names.
    pub(super) by: Option<&'a str>,
    pub(super) groups: Vec<String>,
    pub(super) total_shares: Vec<f64>,
    pub(super) target: Option<f64>,
    pub(super) totals_file: Option<&'a Path>,
    pub(super) sort: Sort,
    /// Row numbers, the most valuable first, equals by customer.
    pub(super) most_valuable: Vec<usize>,
}

/// What is told of one horizon besides expectations, where it was asked and can be.
#[derive(Default)]
pub(super) struct HorizonAnswers {
    pub(super) chances: Chances,
    /// By number of purchases.
    pub(super) counts: Vec<Vec<f64>>,
    pub(super) values: Option<ValueAnswers>,
    pub(super) totals: Option<Totals>,
}

/// A share in per cent, without the rounding of the division that made it.
fn per_cent(share: f64) -> f64 {
    (share * 1e8).round() / 1e6
}

/// Customers shown on the terminal.
const TOP: usize = 10;

/// Groups shown there.
const SHOWN_GROUPS: usize = 30;

impl Predicted<'_> {
    /// One row per customer with everything that is known of the future.
    pub(super) fn table(&self) -> Table<'_> {
        let mut table = history_columns(self.summary);
        if let Some(attribute) = self.by.and_then(|by| self.summary.attribute(by)) {
            table.push(&*attribute.name, TableColumn::Attribute(attribute));
        }
        let errors = self.standard_errors.as_ref();
        table.push("p_alive", TableColumn::Real(&self.forecast.p_alive));
        table.push_known("p_alive_se", errors.map(|errors| &errors.p_alive));
        table.push_known("expected_spend", self.forecast.expected_spend.as_ref());
        table.push_known("expected_spend_se", errors.and_then(|errors| errors.expected_spend.as_ref()));
        table.push_known("historical_value", self.forecast.historical_value.as_ref());
        if let Some(next) = &self.next {
            table.push("p_next_purchase", TableColumn::Real(&next.p_ever));
            for (percent, days) in self.next_percents.iter().zip(&next.by) {
                table.push(format!("next_purchase_{percent}"), TableColumn::MaybeDay(days));
            }
        }
        for (i, (columns, answers)) in self.forecast.horizons.iter().zip(&self.answers).enumerate() {
            self.push_horizon(&mut table, columns, answers, errors.map(|errors| &errors.horizons[i]));
        }
        table.order = match self.sort {
            Sort::Value => Some(self.most_valuable.clone()),
            Sort::Customer => Some(self.summary.customers.ascending()),
        };
        table
    }

    fn push_horizon<'t>(
        &self,
        table: &mut Table<'t>,
        columns: &'t HorizonColumns,
        answers: &'t HorizonAnswers,
        errors: Option<&'t HorizonErrors>,
    ) {
        let label = columns.horizon.label();
        let purchases = match columns.horizon.is_forever() {
            true if columns.horizon.is_all_of_the_future() => "dert".to_owned(),
            true => format!("dert_{label}"),
            false => format!("purchases_{label}"),
        };
        table.push(&*purchases, TableColumn::Real(&columns.purchases));
        table.push_known(format!("{purchases}_se"), errors.map(|errors| &errors.purchases));
        table.push_known(format!("det_{label}"), columns.discounted.as_ref());
        table.push_known(format!("det_{label}_se"), errors.and_then(|errors| errors.discounted.as_ref()));
        table.push_known(format!("p_purchase_{label}"), answers.chances.p_purchase.as_ref());
        table.push_known(format!("p_alive_{label}"), answers.chances.p_alive.as_ref());
        table.push_known(format!("clv_{label}"), columns.clv.as_ref());
        table.push_known(format!("clv_{label}_se"), errors.and_then(|errors| errors.clv.as_ref()));
        table.push_known(format!("lifetime_value_{label}"), columns.lifetime_value.as_ref());
        for (n, probability) in answers.counts.iter().enumerate() {
            table.push(format!("p_{n}_{label}"), TableColumn::Real(probability));
        }
        let Some(values) = &answers.values else { return };
        for (share, (low, high)) in self.questions.intervals.iter().zip(&values.intervals) {
            let percent = per_cent(*share);
            table.push(format!("value_{label}_lo{percent}"), TableColumn::Real(low));
            table.push(format!("value_{label}_hi{percent}"), TableColumn::Real(high));
        }
        for (amount, probability) in self.questions.over.iter().zip(&values.over) {
            table.push(format!("p_value_{label}_over_{amount}"), TableColumn::Real(probability));
        }
    }

    /// Begins the file of the totals, if there is to be one.
    pub(super) fn stage_totals(&self) -> Result<Option<Staged>> {
        self.totals_file.map(|path| TotalsTable::new(self).table().stage(path)).transpose()
    }

    /// Totals per horizon and the ten most valuable customers, in words.
    pub(super) fn describe(&self, console: &mut Console) -> Result<()> {
        let valued = self.forecast.expected_spend.is_some();
        let value = if valued { "value" } else { "" };
        console.say("")?;
        console.say(format!("{:<14} {:<12} {:>16} {:>16}", "Horizon", "ends", "purchases", value).trim_end())?;
        for columns in &self.forecast.horizons {
            let clv = columns.clv.as_ref().map(|clv| number(clv.iter().sum(), 2)).unwrap_or_default();
            let purchases = number(columns.purchases.iter().sum(), 1);
            let forever = columns.horizon.is_forever();
            let end = if forever { "(discounted)".to_owned() } else { columns.end.to_string() };
            let line = format!("{:<14} {end:<12} {purchases:>16} {clv:>16}", columns.horizon.to_string());
            console.say(line.trim_end())?;
        }

        self.describe_totals(console)?;

        let last = &self.forecast.horizons[self.forecast.horizons.len() - 1];
        let what = if valued { "most valuable" } else { "most active" };
        console.say(format!("\nThe {} {what} customers over {}", TOP.min(self.summary.len()), last.horizon))?;
        let heads = ["frequency", "recency", "T", "p_alive", "spend", "purchases", "value"];
        let heads = if valued { &heads[..] } else { &["frequency", "recency", "T", "p_alive", "purchases"] };
        let heads: String = heads.iter().map(|head| format!(" {head:>10}")).collect();
        console.say(format!("{:<20}{heads}", "customer"))?;
        for &i in self.most_valuable.iter().take(TOP) {
            let mut cells = vec![
                whole(self.summary.frequency[i].into()),
                number(self.summary.recency[i], 2),
                number(self.summary.T[i], 2),
                number(self.forecast.p_alive[i], 3),
            ];
            if let Some(spend) = &self.forecast.expected_spend {
                cells.push(number(spend[i], 2));
            }
            cells.push(number(last.purchases[i], 2));
            if let Some(clv) = &last.clv {
                cells.push(number(clv[i], 2));
            }
            let cells: String = cells.iter().map(|cell| format!(" {cell:>10}")).collect();
            console.say(format!("{:<20}{cells}", clip(&self.summary.customers.text(i))))?;
        }
        console.say(rule(self.summary.observation.unit))
    }

    /// What a new customer is worth, horizon by horizon.
    pub(super) fn describe_new(&self, console: &mut Console) -> Result<()> {
        console.say("\nA new customer, from the first purchase on")?;
        let heads = ["P(alive)", "P(purchase)", "purchases", "value", "with the first"];
        let valued = self.forecast.expected_spend.is_some();
        let heads = if valued { &heads[..] } else { &heads[..3] };
        let heads: String = heads.iter().map(|head| format!(" {head:>14}")).collect();
        console.say(format!("{:<14}{heads}", "Horizon"))?;
        let cell = |cells: Option<&Vec<f64>>, decimals: usize| cells.map_or(String::new(), |c| number(c[0], decimals));
        for (columns, answers) in self.forecast.horizons.iter().zip(&self.answers) {
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
            let first = self.forecast.historical_value.as_ref().map_or(0.0, |past| past[0]);
            console.say(format!(
                "purchases and value are those after the first purchase, which earns {} on average; with it, less --cac, is \
                 what may be spent to acquire one",
                number(first, 2)
            ))?;
        }
        self.describe_totals(console)
    }

    /// Every column of the only customer, by name.
    pub(super) fn describe_columns(&self, console: &mut Console) -> Result<()> {
        let table = self.table();
        console.say("")?;
        for (name, column) in &table.columns {
            console.say(format!("  {name:<28} {}", column.cell(0)))?;
        }
        Ok(())
    }

    /// Totals with their intervals, by group.
    pub(super) fn describe_totals(&self, console: &mut Console) -> Result<()> {
        let known: Vec<(&HorizonColumns, &Totals)> = self.totals().collect();
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
        for (columns, totals) in known {
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
            console.say(line(&columns.horizon.to_string(), &totals.all))?;
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
            "given the parameters: their own uncertainty is not known, and not in these intervals"
        };
        console
            .say(format!("value here is margin x spend, not discounted; intervals from simulated futures, {given}"))?;
        for columns in self.forecast.horizons.iter().filter(|columns| !columns.horizon.is_span()) {
            console.say(format!("{} does not begin now, or does not end: expectations alone", columns.horizon))?;
        }
        Ok(())
    }

    /// Horizons with totals.
    fn totals(&self) -> impl Iterator<Item = (&HorizonColumns, &Totals)> {
        let horizons = self.forecast.horizons.iter().zip(&self.answers);
        horizons.filter_map(|(columns, answers)| Some((columns, answers.totals.as_ref()?)))
    }

    /// The same for machines.
    pub(super) fn json(&self) -> Value {
        let total = |total: &Total| {
            let interval = |share: &f64| {
                let (low, high) = total.interval(*share);
                json!({ "percent": per_cent(*share), "low": low, "high": high })
            };
            json!({
                "expected": total.expected,
                "intervals": self.total_shares.iter().map(interval).collect::<Vec<Value>>(),
                "p_over_target": self.target.map(|target| total.p_over(target)),
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
        let horizon = |(columns, answers): (&HorizonColumns, &HorizonAnswers)| {
            let totals = answers.totals.as_ref().map(|totals| {
                let groups = self.groups.iter().zip(&totals.groups).filter(|_| self.by.is_some());
                json!({
                    "with_parameters": totals.with_parameters,
                    "all": group("(all)", &totals.all),
                    "groups": groups.map(|(name, totals)| group(name, totals)).collect::<Vec<Value>>(),
                })
            });
            let forever = columns.horizon.is_forever();
            json!({
                "horizon": columns.horizon.to_string(),
                "end": (!forever).then_some(columns.end),
                "length": (!forever).then_some(columns.length),
                "purchases": columns.purchases.iter().sum::<f64>(),
                "clv": columns.clv.as_ref().map(|clv| clv.iter().sum::<f64>()),
                "totals": totals,
            })
        };
        let totals: Vec<Value> = self.forecast.horizons.iter().zip(&self.answers).map(horizon).collect();
        let last = &self.forecast.horizons[self.forecast.horizons.len() - 1];
        let top: Vec<Value> = self
            .most_valuable
            .iter()
            .take(TOP)
            .map(|&i| {
                json!({
                    "customer_id": self.summary.customers.text(i),
                    "p_alive": self.forecast.p_alive[i],
                    "expected_spend": self.forecast.expected_spend.as_ref().map(|spend| spend[i]),
                    "purchases": last.purchases[i],
                    "clv": last.clv.as_ref().map(|clv| clv[i]),
                })
            })
            .collect();
        // Of many customers the table has the columns.
        let columns = (self.summary.len() == 1).then(|| {
            let table = self.table();
            let cells = table.columns.iter().map(|(name, column)| (name.clone(), Value::from(column.cell(0))));
            cells.collect::<serde_json::Map<String, Value>>()
        });
        json!({ "totals": totals, "top": top, "customer": columns })
    }
}

/// Totals by horizon and group, by column.
struct TotalsTable {
    horizon: Vec<String>,
    end: Vec<Day>,
    by: Option<String>,
    group: Vec<String>,
    customers: Vec<u32>,
    /// Whether the uncertainty of the parameters is in the intervals.
    parameters: Vec<String>,
    numbers: Vec<(String, Vec<f64>)>,
}

impl TotalsTable {
    fn new(predicted: &Predicted<'_>) -> Self {
        let mut table = Self {
            horizon: Vec::new(),
            end: Vec::new(),
            by: predicted.by.map(str::to_owned),
            group: Vec::new(),
            customers: Vec::new(),
            parameters: Vec::new(),
            numbers: Vec::new(),
        };
        for (columns, totals) in predicted.totals() {
            let groups = predicted.groups.iter().zip(&totals.groups).filter(|_| predicted.by.is_some());
            let groups = groups.map(|(name, totals)| (&**name, totals));
            for (name, group) in std::iter::once(("(all)", &totals.all)).chain(groups) {
                table.horizon.push(columns.horizon.to_string());
                table.parameters.push(if totals.with_parameters { "estimated" } else { "given" }.to_owned());
                table.end.push(columns.end);
                table.group.push(name.to_owned());
                table.customers.push(u32::try_from(group.customers).unwrap_or(u32::MAX));
                table.push_total("purchases", &group.purchases, &predicted.total_shares);
                if let Some(value) = &group.value {
                    table.push_total("value", value, &predicted.total_shares);
                    if let Some(target) = predicted.target {
                        table.push_number(format!("p_value_over_{target}"), value.p_over(target));
                    }
                }
            }
        }
        table
    }

    fn push_total(&mut self, what: &str, total: &Total, shares: &[f64]) {
        self.push_number(what.to_owned(), total.expected);
        for share in shares {
            let (low, high) = total.interval(*share);
            let percent = per_cent(*share);
            self.push_number(format!("{what}_lo{percent}"), low);
            self.push_number(format!("{what}_hi{percent}"), high);
        }
    }

    fn push_number(&mut self, name: String, number: f64) {
        match self.numbers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, numbers)) => numbers.push(number),
            None => self.numbers.push((name, vec![number])),
        }
    }

    fn table(&self) -> Table<'_> {
        let mut table = Table::default();
        table.push("horizon", TableColumn::Text(&self.horizon));
        table.push("end", TableColumn::Day(&self.end));
        if let Some(by) = &self.by {
            table.push(&**by, TableColumn::Text(&self.group));
        }
        table.push("customers", TableColumn::Count(&self.customers));
        table.push("parameters", TableColumn::Text(&self.parameters));
        for (name, numbers) in &self.numbers {
            table.push(&**name, TableColumn::Real(numbers));
        }
        table
    }
}
