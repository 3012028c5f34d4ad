//! What `clv describe` found, in words.

use super::groups_text::{groups, payback, potential};
use super::json::Described;
use super::rows::{LABEL, ROWS, percent, row};
use crate::cli::text::console::Console;
use crate::cli::text::words::{counted, number, whole};
use crate::describe::{Cohorts, Concentration, LifetimeValues, Pattern, Regularity, Rfm, RfmCell, Span, TOP_SHARES};
use crate::error::Result;
use crate::summary::Grain;
use crate::tables::clip;

/// Customers with a negative value that are shown.
const WORST: usize = 10;

/// Ages of cohorts that are shown.
const AGES: usize = 13;

/// Most scores of which a grid is shown.
const WIDEST_GRID: u32 = 8;

/// Sums of the same numbers in different orders differ by less.
const ROUNDING: f64 = 1e-9;

impl Described<'_> {
    /// All of it.
    pub(super) fn say(&self, console: &mut Console) -> Result<()> {
        let description = &self.found.description;
        self.overview(console)?;
        if let Some(regularity) = &description.regularity {
            regular(regularity, self.summary.observation.grain, console)?;
        }
        if let Some(all) = &description.concentration {
            concentration(all, console)?;
        }
        rfm(&description.rfm, &description.rfm_cells, console)?;
        if let Some(all) = &description.cohorts {
            cohorts(all, description.values.is_some(), console)?;
        } else if !self.of_orders {
            console.say("\nCohorts, payback and --window need orders, and this is a summary: they are left out")?;
        }
        if let Some(all) = &description.payback {
            payback(all, console)?;
        }
        if let Some(all) = &description.groups {
            groups(all, description.span, console)?;
        }
        if let Some(all) = &description.potential {
            potential(all, &description.equity, console)?;
        }
        Ok(())
    }

    fn overview(&self, console: &mut Console) -> Result<()> {
        let summary = self.summary;
        let customers = summary.len() as f64;
        let repeats = summary.frequency.iter().filter(|&&x| x > 0).count();
        let purchases: u64 = summary.frequency.iter().map(|&x| u64::from(x) + 1).sum();
        console.say("")?;
        row(console, "Customers", 16, [whole(summary.len() as u64)])?;
        let share = format!("{} of them", percent(repeats as f64 / customers));
        row(console, "  came back", 16, [whole(repeats as u64), share])?;
        let each = format!("{} each", number(purchases as f64 / customers, 2));
        row(console, "Purchases", 16, [whole(purchases), each])?;
        let description = &self.found.description;
        let (Some(values), Some(span)) = (&description.values, description.span) else {
            return console.say(if self.of_orders {
                "Amounts are ignored (--no-spend), so no values are shown"
            } else {
                "This summary does not have what customers spent (column `total`), so no values are shown"
            });
        };
        self.value(values, span, console)?;
        let worst = values.negative();
        if worst.is_empty() {
            return Ok(());
        }
        let total: f64 = worst.iter().map(|&row| values.value[row]).sum();
        let them = counted(worst.len() as u64, "customer");
        let shown = if worst.len() > WORST { format!("; the {WORST} worst") } else { String::new() };
        console.say(format!("\n{them} cost more than they brought, {} together{shown}", number(total, 2)))?;
        for &worst in worst.iter().take(WORST) {
            row(console, &format!("  {}", clip(&summary.customers.text(worst))), 16, [number(values.value[worst], 2)])?;
        }
        Ok(())
    }

    fn value(&self, values: &LifetimeValues, span: Span, console: &mut Console) -> Result<()> {
        console.say(format!("\nValue from {} to {}", span.from, span.to))?;
        let known = self
            .summary
            .purchases
            .as_ref()
            .map_or(0, |columns| columns.first_purchase.iter().filter(|first| **first <= span.to).count());
        row(console, "", 16, ["total", "per customer"].map(str::to_owned))?;
        let mut line =
            |label: &str, sum: f64| row(console, label, 16, [number(sum, 2), number(sum / (known as f64).max(1.0), 2)]);
        let revenue: f64 = values.revenue.iter().sum();
        let earned: f64 = values.earned.iter().sum();
        line("revenue", revenue)?;
        let [goods, serving] = self.found.costs;
        let costs = goods.unwrap_or(0.0) + serving.unwrap_or(0.0);
        let not_earned = revenue - earned - costs;
        if not_earned.abs() > ROUNDING * revenue.abs() {
            line("  not earned (--margin)", -not_earned)?;
        }
        for (label, cost) in [("  cost of goods", goods), ("  cost of serving", serving)] {
            cost.map_or(Ok(()), |cost| line(label, -cost))?;
        }
        if values.acquisition != 0.0 {
            line("  cost of acquisition", -values.acquisition)?;
        }
        line("lifetime value", values.total())?;
        let per_period = values.per_period.iter().flatten();
        let mean = per_period.clone().sum::<f64>() / (per_period.count() as f64).max(1.0);
        row(console, &format!("  per {}", self.asked.period.name()), 16, [String::new(), number(mean, 2)])?;
        if values.acquisition == 0.0 && goods.is_none() && serving.is_none() && earned == revenue {
            console.say("no costs are known; --margin or --cogs, --serving and --cac subtract them")?;
        }
        Ok(())
    }
}

fn regular(regularity: &Regularity, grain: Grain, console: &mut Console) -> Result<()> {
    console.say("\nRegularity of purchases, by each customer's last two intervals (Wheat & Morrison's k)")?;
    let written = |k: Option<f64>| k.map_or_else(|| "no bound".to_owned(), |k| number(k, 2));
    let error = regularity.standard_error().map(|error| format!("± {}", number(error, 2)));
    let customers = counted(regularity.customers, "customer");
    row(console, "  k", 16, [written(regularity.k()), error.unwrap_or_default(), customers])?;
    row(console, &format!("  by chance, by the {grain}"), 16, [written(regularity.k_by_chance())])?;
    console.say(match regularity.pattern() {
        Some(Pattern::Regular) => {
            "  customers come at regular intervals: try --model mbg-cnbd with clv fit, and look at clv compare --split"
        }
        Some(Pattern::ByChance) => {
            "  purchases come about as they would by chance, as models without a C assume; twice that and more is regular"
        }
        Some(Pattern::Bursts) => "  purchases come in bursts, closer together and further apart than by chance",
        None => "  too few customers have three purchases far enough apart to tell",
    })
}

fn concentration(all: &Concentration, console: &mut Console) -> Result<()> {
    let Some(gini) = all.gini() else {
        return console.say("\nNobody brought any revenue, so there are no shares of it");
    };
    console.say("\nRevenue by share of customers, the best first")?;
    let width = 10;
    row(console, "  share of customers", width, TOP_SHARES.map(|share| format!("{}%", 100.0 * share)))?;
    row(console, "  share of revenue", width, TOP_SHARES.map(|share| all.top(share).map_or(String::new(), percent)))?;
    row(console, "  Gini coefficient", width, [number(gini, 3)])?;
    if all.negative > 0 {
        console.say(format!(
            "  {} with negative revenue ({} together) count as zero here",
            counted(all.negative, "customer"),
            number(all.negative_total, 2)
        ))?;
    }
    Ok(())
}

fn rfm(all: &Rfm, cells: &[RfmCell], console: &mut Console) -> Result<()> {
    let [recency, frequency] = all.highest;
    if recency.max(frequency) > WIDEST_GRID {
        return console
            .say(format!("\nRFM: {recency} by {frequency} scores are too many to show; --tables writes them"));
    }
    let known = all.monetary.is_some();
    let title = if known { "mean total amount" } else { "" };
    let grid = 9 * frequency as usize;
    console.say(format!("\nRFM{:<w$}{:<grid$}    {title}", "", "customers", w = LABEL - 2).trim_end())?;
    let heads: String = (1..=frequency).map(|score| format!(" {:>8}", format!("F {score}"))).collect();
    let again = if known { format!("    {heads}") } else { String::new() };
    console.say(format!("{:<LABEL$}{heads}{again}", ""))?;
    for of_recency in cells.chunks(frequency as usize) {
        let customers: String = of_recency.iter().map(|cell| format!(" {:>8}", whole(cell.customers))).collect();
        let mean = |cell: &RfmCell| {
            let mean =
                cell.mean_monetary.map_or("-".to_owned(), |mean| number(mean, if mean.abs() < 1e4 { 2 } else { 0 }));
            format!(" {mean:>8}")
        };
        let means: String = of_recency.iter().filter(|_| known).map(mean).collect();
        let label = format!("  R {}", of_recency[0].recency);
        console.say(format!("{label:<LABEL$}{customers}    {means}").trim_end())?;
    }
    console.say(
        "R: days since the last purchase, the highest score for the fewest; F: purchases, the first included; M: \
         total net amount",
    )
}

/// Retention by age, and what a customer brought so far.
fn cohorts(all: &Cohorts, with_revenue: bool, console: &mut Console) -> Result<()> {
    let period = all.period;
    console.say(format!(
        "\nCohorts by {period} of first purchase: share with a purchase in each {period} of their age, * not over yet"
    ))?;
    let ages = (all.oldest() as usize + 1).min(AGES);
    let heads: String = (0..ages).map(|age| format!(" {age:>6}")).collect();
    let brought = if with_revenue { "per customer" } else { "" };
    console.say(format!("{:<10} {:>9} {brought:>12}{heads}", "", "customers"))?;
    let left_out = all.cohorts.len().saturating_sub(ROWS);
    if left_out > 0 {
        console.say(format!("  ... {left_out} earlier ones"))?;
    }
    for cohort in &all.cohorts[left_out..] {
        let cell = |age: usize| {
            let cell = cohort.cells.get(age)?;
            Some(format!(" {:>5}{}", percent(cell.retention), if cell.complete { " " } else { "*" }))
        };
        let cells: String = (0..ages).filter_map(cell).collect();
        let last = cohort.cells.last().filter(|_| with_revenue);
        let brought = last.map_or(String::new(), |cell| number(cell.revenue_per_customer, 2));
        let customers = whole(cohort.customers);
        console.say(format!("{:<10} {customers:>9} {brought:>12}{cells}", cohort.label).trim_end())?;
    }
    let overall = (0..ages).map_while(|age| all.retention(age as u32));
    let cells: String = overall.map(|share| format!(" {:>5} ", percent(share))).collect();
    let customers = whole(all.cohorts.iter().map(|cohort| cohort.customers).sum());
    console.say(format!("{:<10} {customers:>9} {:>12}{cells}", "all", "").trim_end())?;
    if all.oldest() as usize >= ages {
        console.say(format!("ages up to {} are in the table (--tables)", all.oldest()))?;
    }
    Ok(())
}
