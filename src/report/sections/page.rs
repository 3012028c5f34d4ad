//! The report of a forecast: everything that is known, in the order in which it is asked for.

use super::horizon_words::horizon_in_words;
use super::tables::read_table;
use super::verdicts;
use crate::error::Result;
use crate::evaluate::{FrequencyBin, LAST_BIN, frequency_histogram, frequency_histogram_of};
use crate::number_format::grouped;
use crate::predict::{Modelled, TotalRange};
use crate::report::page::amounts::Amounts;
use crate::report::sections::covariates::covariates;
use crate::report::sections::{customers, expectations, holdout, models, past};
use crate::report::{Block, Fact, Format, Page, Report, Section, TableView, Verdict};

impl Report<'_> {
    /// The page.
    ///
    /// # Errors
    /// Those of predictions.
    pub fn page(&self) -> Result<Page> {
        let customers_known = grouped(self.summary.len() as f64, 0);
        let end = self.summary.observation.end;
        let histogram = self.histogram()?;
        let sections = [
            Some(expectations(self)?),
            Some(customers(self)),
            covariates(self),
            holdout(self),
            Some(models(self, &histogram)?),
            past(self),
            Some(self.data()),
        ];
        let title = if self.values() { "What customers are worth" } else { "What customers will do" };
        let currency =
            if self.values() { format!(" Amounts are in {}.", self.amounts().name()) } else { String::new() };
        Ok(Page {
            title: title.to_owned(),
            subtitle: format!("{}: {customers_known} customers, observed until {end}", self.source),
            verdicts: self.verdicts(&histogram),
            facts: self.facts(),
            horizons: self.forecasts.labels(),
            selected: self.forecasts.horizons.len().saturating_sub(1),
            sections: sections.into_iter().flatten().collect(),
            footer: format!(
                "Made by clv {}.{currency} The file contains everything it shows and contacts no server.",
                env!("CARGO_PKG_VERSION")
            ),
        })
    }

    fn histogram(&self) -> Result<Vec<FrequencyBin>> {
        let Self { predictor, summary, .. } = self;
        if !predictor.has_covariates() {
            return Ok(frequency_histogram(&predictor.timing, self.histories, LAST_BIN));
        }
        Ok(frequency_histogram_of(&Modelled::new(predictor, summary)?, summary, LAST_BIN))
    }

    fn verdicts(&self, histogram: &[FrequencyBin]) -> Vec<Verdict> {
        let mut verdicts = verdicts::of_holdout(self.evaluation, self.forecasts, self.amounts());
        verdicts.extend_from_slice(self.doubts);
        verdicts.extend(verdicts::of_fit(self.model, histogram));
        verdicts.extend(self.better.and_then(|better| verdicts::of_better(self.model, better, self.regularity())));
        verdicts.extend(verdicts::of_data(self.summary, self.model, self.orders, self.description));
        verdicts
    }

    /// Key figures.
    fn facts(&self) -> Vec<Fact> {
        let count = self.summary.len() as f64;
        let repeaters = self.summary.frequency.iter().filter(|&&x| x > 0).count() as f64;
        let share = format!("{:.0}% of them came back", 100.0 * repeaters / count);
        let mut facts = vec![fact("Customers", grouped(count, 0), share, None)];
        facts.push(if verdicts::keeps_one_time_customers(self.model).is_some() {
            let note = format!("of the {} who came back; the others are gone for good", grouped(repeaters, 0));
            fact("Still customers", grouped(self.forecasts.alive_repeaters, 0), note, None)
        } else {
            let note = "expected number who have not left for good".to_owned();
            fact("Still customers", grouped(self.forecasts.alive, 0), note, None)
        });
        for (i, horizon) in self.forecasts.horizons.iter().enumerate() {
            let name = horizon_in_words(&horizon.horizon);
            let label = format!("Purchases, {name}");
            facts.push(fact(
                &label,
                grouped(horizon.purchases, 0),
                range(&horizon.purchases_range, Amounts(None)),
                Some(i),
            ));
            let (Some(value), Some(of_value)) = (&horizon.totals.all.value, &horizon.value_range) else { continue };
            let (expected, range) = (self.amounts().written(value.expected), range(of_value, self.amounts()));
            facts.push(fact(&format!("Value, {name}"), expected, range, Some(i)));
            let (_, best, expected) = &horizon.tiers[0];
            if let Some(share) = horizon.share(*expected) {
                let note = format!("of it is expected from {} customers, a third of all", grouped(*best, 0));
                facts.push(fact("The best third brings", format!("{:.0}%", 100.0 * share), note, Some(i)));
            }
        }
        facts
    }

    /// What was read.
    fn data(&self) -> Section {
        let words = match self.orders {
            Some((report, _)) if report.left_out.total() == 0 => "Every row was used.",
            Some(_) => "Rows that could not be used were left out and counted by reason.",
            None => "These are the customers of a summary; its orders are not known here.",
        };
        let blocks = self.orders.iter().map(|(report, excluded)| {
            let data = read_table(report, excluded);
            let has_examples = data.column("example").is_some();
            let table = TableView::new("What was read, and what was left out", data)
                .wraps()
                .column("what", "what", Format::Plain)
                .column("rows", "number", Format::Number(0));
            Block::Table(if has_examples { table.column("example", "first example", Format::Plain) } else { table })
        });
        let blocks = blocks.collect();
        Section { id: "data".to_owned(), title: "The data".to_owned(), words: vec![words.into()], blocks }
    }
}

fn fact(label: &str, value: String, note: String, horizon: Option<usize>) -> Fact {
    Fact { label: label.to_owned(), value, note, horizon }
}

fn range(range: &TotalRange, amounts: Amounts) -> String {
    let (low, high) = range.planned();
    format!("{} to {} (80% likely)", amounts.written(low), grouped(high, 0))
}
