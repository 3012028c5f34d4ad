//! What `clv describe` found, in words.

use super::groups_text::{ROWS, groups, payback, potential};
use crate::cli::text::console::Console;
use crate::describe::{Cohorts, Concentration, Description, LifetimeValues, Pattern, Regularity, Rfm, Span};
use crate::error::Result;
use crate::number_format::{counted, grouped, percent};
use crate::report::{Beside, DataTable, Format, TableView};
use crate::summary::{Grain, Summary};

/// Customers with a negative value that are shown.
const WORST: usize = 10;

/// Ages of cohorts that are shown.
const AGES: usize = 13;

/// Most scores of which a grid is shown.
const WIDEST_GRID: u32 = 8;

/// Sums of the same numbers in different orders differ by less.
const ROUNDING: f64 = 1e-9;

/// What was said of a summary's customers.
pub(super) struct Described<'a> {
    pub(super) summary: &'a Summary,
    pub(super) description: &'a Description,
    /// Whether orders were read, rather than a summary.
    pub(super) of_orders: bool,
}

impl Described<'_> {
    /// All of it, from the tables that are written.
    pub(super) fn say(&self, tables: &[DataTable], console: &mut Console) -> Result<()> {
        let description = self.description;
        let named = |name: &str| tables.iter().find(|table| table.name == name).cloned();
        self.overview(console)?;
        if let Some(regularity) = &description.regularity {
            regular(regularity, self.summary.observation.grain, console)?;
        }
        if let (Some(all), Some(table)) = (&description.concentration, named("concentration")) {
            concentration(all, table, console)?;
        }
        if let Some(table) = named("rfm") {
            rfm(&description.rfm, &table, console)?;
        }
        if let (Some(all), Some(table)) = (&description.cohorts, named("cohorts")) {
            cohorts(all, table, console)?;
        } else if !self.of_orders {
            console.say("\nCohorts, payback and --window need orders, and this is a summary: they are left out")?;
        }
        if let (Some(all), Some(table)) = (&description.payback, named("payback")) {
            payback(all, table, console)?;
        }
        if let (Some(all), Some(table)) = (&description.groups, named("groups")) {
            groups(all, description.span, table, named("group-differences"), console)?;
        }
        if let Some(table) = named("current-by-future") {
            let horizon = description.equity.last().map_or("", |equity| &*equity.horizon);
            potential(horizon, table, named("equity"), console)?;
        }
        Ok(())
    }

    fn overview(&self, console: &mut Console) -> Result<()> {
        let summary = self.summary;
        let customers = summary.len() as f64;
        let repeats = summary.frequency.iter().filter(|&&x| x > 0).count();
        let purchases: u64 = summary.frequency.iter().map(|&x| u64::from(x) + 1).sum();
        let share = format!("{} of them", percent(repeats as f64 / customers, 1));
        let each = format!("{} each", grouped(purchases as f64 / customers, 2));
        let counts = DataTable::new("customers", "")
            .text("what", ["Customers", "  came back", "Purchases"])
            .whole("count", [summary.len() as u64, repeats as u64, purchases])
            .text("more", [String::new(), share, each]);
        let counts =
            TableView::new("", counts).column("what", "", Format::Plain).column("count", "", Format::Number(0));
        console.table(&counts.column("more", "", Format::Plain))?;
        let description = self.description;
        let (Some(values), Some(span)) = (&description.values, description.span) else {
            return console.say(if self.of_orders {
                "Amounts are ignored (--no-spend), so no values are shown"
            } else {
                "This summary does not have what customers spent (column `total`), so no values are shown"
            });
        };
        self.value(values, span, console)?;
        self.worst(values, console)
    }

    /// Customers who cost more than they brought, the worst of them by name.
    fn worst(&self, values: &LifetimeValues, console: &mut Console) -> Result<()> {
        let worst = values.negative();
        if worst.is_empty() {
            return Ok(());
        }
        let total: f64 = worst.iter().map(|&row| values.value[row]).sum();
        let them = counted(worst.len() as u64, "customer");
        let shown = if worst.len() > WORST { format!("; the {WORST} worst") } else { String::new() };
        let caption = format!("{them} cost more than they brought, {} together{shown}", grouped(total, 2));
        let worst = || worst.iter().take(WORST);
        let table = DataTable::new("negative", "")
            .text("customer_id", worst().map(|&row| self.summary.customers.text(row)))
            .real("lifetime_value", worst().map(|&row| values.value[row]));
        let view = TableView::new(caption, table).column("customer_id", "customer", Format::Plain);
        console.table(&view.column("lifetime_value", "lifetime value", Format::Number(2)))
    }

    fn value(&self, values: &LifetimeValues, span: Span, console: &mut Console) -> Result<()> {
        let known = self
            .summary
            .purchases
            .as_ref()
            .map_or(0, |columns| columns.first_purchase.iter().filter(|first| **first <= span.to).count());
        let revenue: f64 = values.revenue.iter().sum();
        let earned: f64 = values.earned.iter().sum();
        let Description { goods, serving, .. } = *self.description;
        let costs = goods.unwrap_or(0.0) + serving.unwrap_or(0.0);
        let not_earned = Some(revenue - earned - costs).filter(|rest| rest.abs() > ROUNDING * revenue.abs());
        let acquisition = Some(values.acquisition).filter(|cost| *cost != 0.0);
        let less = [
            ("  not earned (--margin)", not_earned),
            ("  cost of goods", goods),
            ("  cost of serving", serving),
            ("  cost of acquisition", acquisition),
        ];
        let mut lines = vec![("revenue", revenue)];
        lines.extend(less.into_iter().filter_map(|(label, cost)| Some((label, -cost?))));
        lines.push(("lifetime value", values.total()));
        let per_period = values.per_period.iter().flatten();
        let mean = per_period.clone().sum::<f64>() / (per_period.count() as f64).max(1.0);
        let each = (known as f64).max(1.0);
        let labels = lines.iter().map(|(label, _)| (*label).to_owned());
        let table = DataTable::new("value", "")
            .text("what", labels.chain([format!("  per {}", self.description.profit_period.name())]))
            .real("all", lines.iter().map(|(_, sum)| Some(*sum)).chain([None]))
            .real("each", lines.iter().map(|(_, sum)| sum / each).chain([mean]));
        let view = TableView::new(format!("Value from {} to {}", span.from, span.to), table)
            .column("what", "", Format::Plain)
            .column("all", "total", Format::Number(2))
            .column("each", "per customer", Format::Number(2));
        console.table(&view)?;
        if values.acquisition == 0.0 && goods.is_none() && serving.is_none() && earned == revenue {
            console.say("no costs are known; --margin or --cogs, --serving and --cac subtract them")?;
        }
        Ok(())
    }
}

fn regular(regularity: &Regularity, grain: Grain, console: &mut Console) -> Result<()> {
    console.say("\nRegularity of purchases, by each customer's last two intervals (Wheat & Morrison's k)")?;
    let written = |k: Option<f64>| k.map_or_else(|| "no bound".to_owned(), |k| grouped(k, 2));
    let error = regularity.standard_error().map(|error| format!(" ± {}", grouped(error, 2))).unwrap_or_default();
    console.say(format!(
        "  k {}{error}, of {}; by chance, by the {grain}, {}",
        written(regularity.k()),
        counted(regularity.customers, "customer"),
        written(regularity.k_by_chance())
    ))?;
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

fn concentration(all: &Concentration, table: DataTable, console: &mut Console) -> Result<()> {
    let Some(gini) = all.gini() else {
        return console.say("\nNobody brought any revenue, so there are no shares of it");
    };
    let caption = format!("Revenue by share of customers, the best first (Gini coefficient {})", grouped(gini, 3));
    let view = TableView::new(caption, table)
        .column("share_of_customers", "share of customers", Format::Percent(0))
        .column("share_of_value", "share of revenue", Format::Percent(1));
    console.table(&view)?;
    if all.negative > 0 {
        console.say(format!(
            "  {} with negative revenue ({} together) count as zero here",
            counted(all.negative, "customer"),
            grouped(all.negative_total, 2)
        ))?;
    }
    Ok(())
}

fn rfm(all: &Rfm, table: &DataTable, console: &mut Console) -> Result<()> {
    let [recency, frequency] = all.highest;
    if recency.max(frequency) > WIDEST_GRID {
        return console
            .say(format!("\nRFM: {recency} by {frequency} scores are too many to show; --tables writes them"));
    }
    let grid = |caption: &str, cells: &str, format: Format| {
        let wide = table.pivoted("recency_score", "frequency_score", &[cells]);
        let wide = wide.relabelled("recency_score", |score| format!("R {score}"));
        let view = TableView::new(caption, wide).column("recency_score", "", Format::Plain);
        let scores = (1..=frequency).map(|score| score.to_string());
        scores.fold(view, |view, score| view.column(&score, &format!("F {score}"), format))
    };
    console.table(&grid("RFM: customers by scores of recency and frequency", "customers", Format::Number(0)))?;
    if all.monetary.is_some() {
        console.table(&grid("Their mean total amount", "mean_monetary", Format::Number(2)))?;
    }
    console.say(
        "R: days since the last purchase, the highest score for the fewest; F: purchases, the first included; M: \
         total net amount",
    )
}

/// Retention by age, and what a customer brought so far.
fn cohorts(all: &Cohorts, table: DataTable, console: &mut Console) -> Result<()> {
    let period = all.period;
    let ages = 0..=all.oldest();
    let overall = || ages.clone().map_while(|age| Some((age, all.retention(age)?)));
    let of_all = DataTable::new("all", "")
        .text("cohort", overall().map(|_| "all"))
        .whole("age", overall().map(|(age, _)| age.into()))
        .real("retention", overall().map(|(_, retention)| retention))
        .whole("complete", overall().map(|_| 1));
    let with_revenue = table.column("revenue_per_customer").is_some();
    let wide = table.stacked(&of_all).pivoted("cohort", "age", &["retention", "complete"]);
    let rows = wide.len();
    let cohort = |row: usize| all.cohorts.get(row);
    let everybody = || all.cohorts.iter().map(|cohort| cohort.customers).sum();
    let wide = wide.whole("customers", (0..rows).map(|row| cohort(row).map_or_else(everybody, |one| one.customers)));
    let brought = |row: usize| cohort(row)?.cells.last().map(|cell| cell.revenue_per_customer);
    let wide = if with_revenue { wide.real("revenue_per_customer", (0..rows).map(brought)) } else { wide };
    let left_out = all.cohorts.len().saturating_sub(ROWS);
    let caption = format!(
        "Cohorts by {period} of first purchase: share with a purchase in each {period} of their age, * not over yet"
    );
    let rows: Vec<usize> = (left_out..rows).collect();
    let view = TableView::new(caption, wide.rows(&rows)).column("cohort", "", Format::Plain);
    let view = view.column("customers", "customers", Format::Number(0));
    let view = if with_revenue { view.column("revenue_per_customer", "revenue each", Format::Number(2)) } else { view };
    let view = ages.take(AGES).map(|age| age.to_string()).fold(view, |view, age| {
        let over = Beside::StarUnless(format!("{age} complete"));
        view.column_beside(&age, &format!("{age} "), Format::Percent(1), over)
    });
    console.table(&view)?;
    if left_out > 0 {
        console.say(format!("{left_out} earlier cohorts are in the table (--tables)"))?;
    }
    if all.oldest() as usize >= AGES {
        console.say(format!("ages up to {} are in the table (--tables)", all.oldest()))?;
    }
    Ok(())
}
