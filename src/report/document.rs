//! The report of a forecast: everything that is known, in the order in which it is asked for.

use super::charts::{
    alive_map, cohort_retention, conditional_by_frequency, conditional_by_recency, contender_errors,
    decile_calibration, frequency_histogram, heterogeneity, interval_coverage, iso_value, lorenz, purchases_map,
    spend_distribution, tracking_cumulative, tracking_weekly,
};
use super::describe_tables::describe_tables;
use super::document_tables::{compared, confusion, parameters, read_table, rfm_grid, scores, tiers};
use super::forecasts::{Forecasts, INTERVAL};
use super::model_tables::{
    alive_table, frequency_table, heterogeneity_table, iso_value_table, purchases_table, spend_table, tiers_table,
    top_table, totals_table,
};
use super::number::grouped;
use super::{Block, Fact, Format, Level, Page, PageTable, Section, evaluation_tables, holdout_tables, story};
use crate::describe::Description;
use crate::error::Result;
use crate::evaluate::{Comparison, Evaluation, LAST_BIN, chi_square, frequency_histogram as histogram};
use crate::model_file::ModelFile;
use crate::orders::ReadReport;
use crate::predict::{DiscountRate, Horizon, Predictor};
use crate::summary::{Excluded, Summary};

/// Everything the report is about.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What the orders are called.
    pub source: &'a str,
    /// The customers.
    pub summary: &'a Summary,
    /// What was read, and what was left out; none if a summary was read.
    pub orders: Option<(&'a ReadReport, &'a Excluded)>,
    /// The models.
    pub model: &'a ModelFile,
    /// The same, ready to answer.
    pub predictor: &'a Predictor,
    /// What is expected.
    pub forecasts: &'a Forecasts,
    /// Annual rate of discount.
    pub discount: &'a DiscountRate,
    /// The test on a holdout, or why there is none.
    pub evaluation: std::result::Result<&'a Evaluation, &'a String>,
    /// Several models side by side, if they were compared.
    pub comparison: Option<&'a Comparison>,
    /// What the orders say without a model.
    pub description: Option<&'a Description>,
}

impl Report<'_> {
    /// The page.
    ///
    /// # Errors
    /// Those of predictions.
    pub fn page(&self) -> Result<Page> {
        let observation = &self.summary.observation;
        let customers = grouped(self.summary.len() as f64, 0);
        let sections = [
            Some(self.expectations()?),
            Some(self.customers()),
            self.holdout(),
            Some(self.models()),
            self.past(),
            Some(self.data()),
        ];
        Ok(Page {
            title: "What customers are worth".to_owned(),
            subtitle: format!("{}: {customers} customers, observed until {}", self.source, observation.end),
            verdicts: self.verdicts(),
            facts: self.facts(),
            horizons: self.forecasts.labels(),
            selected: self.forecasts.horizons.len().saturating_sub(1),
            sections: sections.into_iter().flatten().collect(),
            footer: format!(
                "Made by clv {}. Values are in the currency of the orders. The file holds all it shows and asks nothing of any server.",
                env!("CARGO_PKG_VERSION")
            ),
        })
    }

    fn horizons(&self) -> Vec<Horizon> {
        self.forecasts.horizons.iter().map(|horizon| horizon.horizon.clone()).collect()
    }

    fn values(&self) -> bool {
        self.predictor.spend.is_some()
    }

    fn verdicts(&self) -> Vec<super::Verdict> {
        let test = chi_square(
            &histogram(&self.predictor.timing, &self.summary.counted_histories(), LAST_BIN),
            self.predictor.timing.kind().parameters().len(),
        );
        let mut verdicts = story::of_holdout(self.evaluation);
        verdicts.extend(story::of_fit(self.model, test));
        verdicts.extend(story::of_data(self.summary, self.model, self.orders, self.description));
        verdicts
    }

    /// Key figures.
    fn facts(&self) -> Vec<Fact> {
        let fact = |label: &str, value: String, note: String, horizon: Option<usize>| Fact {
            label: label.to_owned(),
            value,
            note,
            horizon,
        };
        let count = self.summary.len() as f64;
        let repeaters = self.summary.frequency.iter().filter(|&&x| x > 0).count() as f64;
        let mut facts = vec![
            fact("Customers", grouped(count, 0), format!("{:.0}% of them came back", 100.0 * repeaters / count), None),
            fact(
                "Still customers",
                grouped(self.forecasts.alive, 0),
                "expected number who have not left for good".to_owned(),
                None,
            ),
        ];
        for (i, horizon) in self.forecasts.horizons.iter().enumerate() {
            let between = |total: &crate::predict::Total| {
                let (low, high) = total.interval(INTERVAL);
                format!("80% interval {} to {}", grouped(low, 0), grouped(high, 0))
            };
            let label = &horizon.horizon;
            let totals = &horizon.totals.all;
            facts.push(fact(
                &format!("Purchases in {label}"),
                grouped(horizon.purchases, 0),
                between(&totals.purchases),
                Some(i),
            ));
            if let Some(value) = &totals.value {
                facts.push(fact(&format!("Value in {label}"), grouped(value.expected, 0), between(value), Some(i)));
                let tier = &horizon.tiers.tiers[0];
                let note = format!("of it are expected from {} customers, a third of all", grouped(tier.customers, 0));
                facts.push(fact("High tier", format!("{:.0}%", 100.0 * tier.share.unwrap_or(0.0)), note, Some(i)));
            }
        }
        facts
    }

    /// Totals, and what makes a customer worth something.
    fn expectations(&self) -> Result<Section> {
        let horizons = self.horizons();
        let mut words = vec![format!(
            "Expected of the {} customers known on {}, from then on. New customers come on top.",
            grouped(self.summary.len() as f64, 0),
            self.summary.observation.end
        )];
        if self.values() {
            words.push(match self.forecasts.margin {
                Some(1.0) => "Value is what customers spend; with --margin it is what is earned of it.".to_owned(),
                Some(margin) => format!("Value is {:.0}% of what customers spend.", 100.0 * margin),
                None => "Value is each customer's margin on what is spent.".to_owned(),
            });
        }
        let mut blocks = vec![Block::Table(self.totals())];
        if let Some(last) = self.forecasts.horizons.last().filter(|_| !horizons.is_empty()) {
            let given =
                if last.totals.with_parameters { "" } else { ", given the parameters, whose uncertainty is not known" };
            blocks.push(Block::Words(format!(
                "Intervals from {} simulated futures of everybody{given}. They take the model to be true.",
                last.futures
            )));
        }
        blocks.push(Block::Chart(purchases_map(&purchases_table(self.predictor, self.summary, &horizons)?)));
        let iso = iso_value_table(self.predictor, self.summary, &horizons, self.discount)?;
        if !iso.is_empty() {
            blocks.push(Block::Chart(iso_value(&iso)));
        }
        Ok(Section { id: "expectations".to_owned(), title: "What to expect".to_owned(), words, blocks })
    }

    fn totals(&self) -> PageTable {
        let table = PageTable::new("What to expect in all", totals_table(self.forecasts))
            .column("horizon", "horizon", Format::Plain)
            .column("end", "until", Format::Plain)
            .column("purchases", "purchases", Format::Number(0))
            .column("purchases_lo80", "80%: from", Format::Number(0))
            .column("purchases_hi80", "to", Format::Number(0));
        if !self.values() {
            return table;
        }
        let table = table
            .column("value", "value", Format::Number(0))
            .column("value_lo80", "80%: from", Format::Number(0))
            .column("value_hi80", "to", Format::Number(0));
        if self.forecasts.discount > 0.0 { table.column("clv", "discounted", Format::Number(0)) } else { table }
    }

    /// Who the valuable ones are.
    fn customers(&self) -> Section {
        let what = if self.values() { "value" } else { "purchases" };
        let tiers = PageTable::new(format!("Thirds of the customers by expected {what}"), tiers_table(self.forecasts))
            .column("tier", "tier", Format::Plain)
            .column("customers", "customers", Format::Number(0))
            .column("expected", what, Format::Number(0))
            .column("per_customer", "a customer", Format::Number(2))
            .column("share", "share of all", Format::Percent(0))
            .rows_by_horizon("horizon");
        let mut blocks = vec![Block::Table(tiers)];
        if let Some(matrix) = self.potential() {
            blocks.push(Block::Table(matrix));
            blocks.push(Block::Words(
                "Terciles, 3 the highest. What to do is a convention of the trade, not a result: whether it pays depends on what it \
                 costs."
                    .to_owned(),
            ));
        }
        blocks.push(Block::Table(self.top()));
        let words = vec![format!(
            "Customers differ more than averages show. Below, the {} most valuable of {}; the table of all customers is beside \
             this file.",
            grouped(self.forecasts.top.len() as f64, 0),
            grouped(self.summary.len() as f64, 0)
        )];
        Section { id: "customers".to_owned(), title: "Who is valuable".to_owned(), words, blocks }
    }

    fn potential(&self) -> Option<PageTable> {
        let description = self.description?;
        let matrix = describe_tables(description).into_iter().find(|table| table.name == "current_by_future")?;
        let table = PageTable::new("Value so far, and value to come", matrix)
            .column("treatment", "what is usually done", Format::Plain)
            .column("current", "so far", Format::Number(0))
            .column("future", "to come", Format::Number(0))
            .column("customers", "customers", Format::Number(0))
            .column("current_value", "value so far", Format::Number(0))
            .column("future_value", "value to come", Format::Number(0));
        Some(table.sortable())
    }

    fn top(&self) -> PageTable {
        let data = top_table(self.forecasts, self.summary);
        let has = |name: &str| data.column(name).is_some();
        let (has_last, has_spend) = (has("last_purchase"), has("expected_spend"));
        let caption = format!("The {} most valuable customers", grouped(self.forecasts.top.len() as f64, 0));
        let mut table = PageTable::new(caption, data).column("customer", "customer", Format::Plain).column(
            "frequency",
            "repeat purchases",
            Format::Number(0),
        );
        if has_last {
            table =
                table.column("last_purchase", "last one", Format::Plain).column("total", "spent", Format::Number(2));
        }
        table = table.column("p_alive", "P(alive)", Format::Percent(1));
        if has_spend {
            table = table.column("expected_spend", "a purchase", Format::Number(2));
        }
        for (i, horizon) in self.forecasts.horizons.iter().enumerate() {
            let (name, label) = (horizon.horizon.to_string(), horizon.horizon.label());
            table = table.column_of(i, &format!("purchases_{label}"), &format!("purchases, {name}"), Format::Number(1));
            if horizon.value.is_some() {
                table = table
                    .column_of(i, &format!("clv_{label}"), &format!("value, {name}"), Format::Number(2))
                    .column_of(i, &format!("value_{label}_lo80"), "80%: from", Format::Number(2))
                    .column_of(i, &format!("value_{label}_hi80"), "to", Format::Number(2));
            }
        }
        table.sortable().filterable().scrolls()
    }

    /// The forecast that could be checked.
    fn holdout(&self) -> Option<Section> {
        let evaluation = self.evaluation.ok()?;
        let model = evaluation.models.first()?;
        let split = evaluation.split.to_string();
        let words = vec![format!(
            "The same model, fitted to the orders up to {split} alone, asked to foresee those until {}, and held against what came. \
                 {} customers were known by then{}.",
            evaluation.until,
            grouped(evaluation.customers as f64, 0),
            if evaluation.joined_later > 0 {
                format!("; {} came later, of whom it could not know", grouped(evaluation.joined_later as f64, 0))
            } else {
                String::new()
            }
        )];
        let tracking = holdout_tables::tracking(model);
        let mut blocks = vec![
            Block::Points(evaluation.advice()),
            Block::Chart(tracking_cumulative(&tracking.cumulative, Some(&split))),
            Block::Chart(tracking_weekly(&tracking.weekly, Some(&split))),
            Block::Chart(contender_errors(&holdout_tables::errors(evaluation))),
            Block::Table(scores(evaluation)),
        ];
        blocks.extend(holdout_tables::deciles(model).iter().map(|table| Block::Chart(decile_calibration(table))));
        blocks.push(Block::Pair(
            conditional_by_frequency(&holdout_tables::by_frequency(model)),
            conditional_by_recency(&holdout_tables::by_recency(model, self.summary.observation.unit)),
        ));
        let tables = evaluation_tables::of_model(model);
        let named = |name: &str| tables.iter().find(|table| table.name == name).cloned();
        blocks.extend(named("coverage").map(|table| Block::Chart(interval_coverage(&table))));
        blocks.extend(named("tiers").map(|table| Block::Table(tiers(table))));
        blocks.push(Block::Table(confusion(&model.tiers)));
        Some(Section { id: "holdout".to_owned(), title: "Was it right?".to_owned(), words, blocks })
    }

    /// What the models are, and how they fit.
    fn models(&self) -> Section {
        let mut blocks = vec![Block::Table(parameters(self.model))];
        blocks.extend(cautions(self.model).map(|text| Block::Note { level: Level::Caution, text }));
        if let Some(comparison) = self.comparison {
            blocks.push(Block::Table(compared(comparison)));
            blocks.push(Block::Words(comparison.advice()));
        }
        blocks.push(Block::Chart(frequency_histogram(&frequency_table(&self.predictor.timing, self.summary))));
        if let Some(spend) = spend_table(self.predictor, self.summary).filter(|table| !table.is_empty()) {
            blocks.push(Block::Chart(spend_distribution(&spend)));
        }
        let alive = alive_table(self.predictor, self.summary);
        if !alive.is_empty() {
            blocks.push(Block::Chart(alive_map(&alive)));
        }
        let differ = heterogeneity_table(&self.predictor.timing);
        if !differ.is_empty() {
            blocks.push(Block::Chart(heterogeneity(&differ)));
        }
        let (unit, grain) = (self.summary.observation.unit, self.summary.observation.grain);
        let words = vec![format!(
            "{} for when customers purchase{}, fitted by maximum likelihood. Recency and age are in {unit}s; the orders of a customer \
             on one {grain} are one purchase.",
            self.predictor.timing.kind().title(),
            if self.values() { ", Gamma-Gamma for what they spend" } else { "" }
        )];
        Section { id: "model".to_owned(), title: "The model".to_owned(), words, blocks }
    }

    /// What customers have been worth.
    fn past(&self) -> Option<Section> {
        let description = self.description?;
        let tables = describe_tables(description);
        let named = |name: &str| tables.iter().find(|table| table.name == name);
        let mut blocks = Vec::new();
        if let Some(last) = self.forecasts.horizons.last() {
            let curves = holdout_tables::lorenz(description.concentration.as_ref(), last, self.values());
            blocks.push(Block::Chart(lorenz(&curves)));
        }
        blocks.extend(named("cohorts").map(|table| Block::Chart(cohort_retention(&holdout_tables::later_ages(table)))));
        blocks.extend(named("rfm").and_then(rfm_grid).map(Block::Table));
        let concentration = description.concentration.as_ref();
        let words = concentration.and_then(|all| {
            let (fifth, gini) = (all.top(0.2)?, all.gini()?);
            Some(format!(
                "A fifth of the customers brought {:.0}% of the revenue so far (Gini coefficient {gini:.2}).",
                100.0 * fifth
            ))
        });
        let words = words.into_iter().collect();
        Some(Section { id: "past".to_owned(), title: "The customers so far".to_owned(), words, blocks })
    }

    /// What was read.
    fn data(&self) -> Section {
        let words = match self.orders {
            Some((report, _)) if report.left_out.total() == 0 => "Every row was used.",
            Some(_) => "What could not be used was left out, counted by reason.",
            None => "These are customers of a summary; what its orders were is not known here.",
        };
        let blocks = self.orders.iter().map(|(report, excluded)| {
            let table = PageTable::new("What was read, and what was left out", read_table(report, excluded))
                .column("what", "what", Format::Plain)
                .column("rows", "number", Format::Number(0))
                .column("example", "the first of them", Format::Plain);
            Block::Table(table)
        });
        let blocks = blocks.collect();
        Section { id: "data".to_owned(), title: "The data".to_owned(), words: vec![words.to_owned()], blocks }
    }
}

/// What else to know of the fits.
fn cautions(model: &ModelFile) -> impl Iterator<Item = String> + '_ {
    let timing = model.timing.iter().filter_map(|record| Some((record.model.kind().title(), record.fit.as_ref()?)));
    let spend = model.spend.iter().filter_map(|record| Some(("Gamma-Gamma", record.fit.as_ref()?)));
    timing.chain(spend).flat_map(|(title, fit)| fit.cautions.iter().map(move |caution| format!("{title}: {caution}")))
}
