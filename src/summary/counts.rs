//! Customers without names: distinct histories and distinct amounts with the number of customers who share them.

use super::numbering::Numbering;
use super::{Attribute, CountedHistories, CustomerIds, PurchaseStatistics, Summary, Weights};
use crate::error::{Error, Result};

/// The customers of a summary, counted: all that a fit needs of them, and nobody in particular.
///
/// Timing depends on `(x, t_x, T)` and spend on `(x, m_x)`, and neither model knows of the other, so that the two are counted apart;
/// of ten million customers a few hundred thousand rows are left. Columns that are told apart, for covariates and groups, are in each of
/// the tables. A fit to counts is the fit to the summary, to the bit.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts {
    timing: Summary,
    spend: Option<Summary>,
    joint: Option<Summary>,
    sum_log_interpurchase: Option<f64>,
}

/// What models are fitted to: customers, or [`Counts`] of them.
#[derive(Clone, Copy, Debug)]
pub struct FitData<'a> {
    timing: &'a Summary,
    spend: &'a Summary,
    sum_log_interpurchase: Option<f64>,
}

impl<'a> From<&'a Summary> for FitData<'a> {
    fn from(summary: &'a Summary) -> Self {
        Self { timing: summary, spend: summary, sum_log_interpurchase: None }
    }
}

impl<'a> From<&'a Counts> for FitData<'a> {
    fn from(counts: &'a Counts) -> Self {
        let Counts { timing, spend, sum_log_interpurchase, .. } = counts;
        Self { timing, spend: spend.as_ref().unwrap_or(timing), sum_log_interpurchase: *sum_log_interpurchase }
    }
}

impl<'a> FitData<'a> {
    /// The customers as timing sees them.
    pub fn timing(&self) -> &'a Summary {
        self.timing
    }

    /// The customers as spend sees them.
    pub fn spend(&self) -> &'a Summary {
        self.spend
    }

    /// Distinct histories with counts, and what is known of the times between their purchases.
    pub fn histories(&self) -> CountedHistories {
        let counted = self.timing.counted_histories();
        match self.sum_log_interpurchase {
            Some(sum) if counted.log_interpurchase_times().is_none() => counted.with_log_interpurchase_times(sum),
            _ => counted,
        }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Timing,
    Spend,
    Joint,
}

impl Counts {
    /// Counts the customers of a summary; those who differ in one of the columns `by` are told apart. With `joint`, histories are also
    /// counted together with amounts, which totals of value take, and of which there are many more.
    ///
    /// ```
    /// use clv::summary::{Counts, Grain, History, Observation, Summary, TimeUnit};
    ///
    /// let observation = Observation::new(TimeUnit::Week, Grain::Day, "2024-12-31".parse()?);
    /// let rows = [(0, 0.0, 0.0), (2, 13.0, 25.5), (0, 0.0, 0.0)];
    /// let summary = Summary::from_histories(rows.map(|(x, t_x, m)| (History::new(x, t_x, 38.0), m)), observation);
    /// let counts = Counts::new(&summary, &[], false)?;
    /// assert_eq!((counts.customers(), counts.timing().len()), (3.0, 2));
    /// # Ok::<(), clv::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::usage`] if there is no such column, or it is named twice.
    pub fn new(summary: &Summary, by: &[String], joint: bool) -> Result<Self> {
        let mut told_apart: Vec<&Attribute> = Vec::new();
        for name in by {
            if told_apart.iter().any(|known| known.name == *name) {
                return Err(Error::usage(format!("column `{name}` is named twice")));
            }
            told_apart.push(summary.attribute(name).ok_or_else(|| {
                let columns: Vec<&str> = summary.attributes.iter().map(|attribute| &*attribute.name).collect();
                let known = if columns.is_empty() { "none".to_owned() } else { columns.join(", ") };
                Error::usage(format!(
                    "there is no column `{name}` of the customers; of those that can be told apart there are: {known}"
                ))
            })?);
        }
        let patterns = Patterns::new(summary.len(), &told_apart);
        let count = |part| patterns.counted(summary, part);
        let statistics = summary.counted_statistics();
        let knows_sums = statistics.is_none() && summary.sum_log_interpurchase.is_some();
        Ok(Self {
            sum_log_interpurchase: knows_sums.then(|| summary.total_log_interpurchase()).flatten(),
            timing: Summary { statistics, ..count(Part::Timing) },
            spend: summary.knows_spend.then(|| count(Part::Spend)),
            joint: (joint && summary.knows_spend).then(|| count(Part::Joint)),
        })
    }

    /// From tables that were counted before.
    ///
    /// # Errors
    /// [`Error::data`] if they are not of as many customers.
    pub fn from_tables(
        timing: Summary,
        spend: Option<Summary>,
        joint: Option<Summary>,
        sum_log_interpurchase: Option<f64>,
    ) -> Result<Self> {
        let customers = timing.size();
        if let Some(other) = spend.iter().chain(&joint).find(|other| other.size() != customers) {
            return Err(Error::data(format!(
                "the tables are of {customers} and of {} customers, and not of the same",
                other.size()
            )));
        }
        Ok(Self { timing, spend, joint, sum_log_interpurchase })
    }

    /// Number of customers.
    pub fn customers(&self) -> f64 {
        self.timing.size()
    }

    /// Distinct histories, each with the number of customers who share it as its weight.
    pub fn timing(&self) -> &Summary {
        &self.timing
    }

    /// Distinct `(frequency, monetary_value)` with weights, whose ages are not told and 0; none of customers whose spend is not known.
    pub fn spend(&self) -> Option<&Summary> {
        self.spend.as_ref()
    }

    /// Distinct histories together with amounts, with weights, where they were counted.
    pub fn joint(&self) -> Option<&Summary> {
        self.joint.as_ref()
    }

    /// What is counted of the purchases of these customers, if it is known.
    pub fn statistics(&self) -> Option<&PurchaseStatistics> {
        self.timing.statistics.as_ref()
    }

    /// `Σ ln(interpurchase time)`, where it is known and purchases are not counted by it.
    pub fn sum_log_interpurchase(&self) -> Option<f64> {
        self.sum_log_interpurchase
    }

    /// The columns that are told apart.
    pub fn told_apart(&self) -> Vec<&str> {
        self.timing.attributes.iter().map(|attribute| &*attribute.name).collect()
    }

    /// The customers for whoever asks of their future: histories with amounts where values are asked for, and else histories alone.
    ///
    /// # Errors
    /// [`Error::usage`] if values are asked for, and the two were not counted together.
    pub fn customers_for(&self, values: bool) -> Result<&Summary> {
        if !values {
            return Ok(&self.timing);
        }
        self.spend.as_ref().map_or_else(|| self.timing.check_spend(), |_| Ok(()))?;
        self.joint.as_ref().ok_or_else(Self::not_joint)
    }

    fn not_joint() -> Error {
        use crate::message::{flag, opt, say};
        Error::usage(say![
            "values take histories and amounts together, and these counts have them apart: count the summary again with ",
            flag("joint"),
            ", or ask for purchases alone, of a model without spend (",
            opt("with_spend").with(false),
            ")"
        ])
    }
}

/// Which columns customers share that are told apart.
struct Patterns {
    /// Of each row.
    of: Vec<u32>,
    /// The number of the text of each column, by pattern; one more than there are where nothing is said.
    texts: Vec<Vec<u32>>,
    /// Name and texts of each column, in their order.
    columns: Vec<(String, Vec<Box<str>>)>,
}

impl Patterns {
    fn new(rows: usize, attributes: &[&Attribute]) -> Self {
        let mut of = vec![0u32; rows];
        let mut texts: Vec<Vec<u32>> = vec![Vec::new()];
        let mut columns = Vec::new();
        for attribute in attributes {
            let (places, said) = in_order(attribute);
            let mut numbers = Numbering::new();
            for (of, text) in of.iter_mut().zip(&attribute.of) {
                let place = text.map_or(said.len() as u32, |text| places[text as usize]);
                *of = numbers.number((*of, place));
            }
            let longer = |&(before, place): &(u32, u32)| [&*texts[before as usize], &[place]].concat();
            texts = numbers.keys().iter().map(longer).collect();
            columns.push((attribute.name.clone(), said));
        }
        let mut order: Vec<u32> = (0..texts.len() as u32).collect();
        order.sort_by(|a, b| texts[*a as usize].cmp(&texts[*b as usize]));
        let mut rank = vec![0; texts.len()];
        order.iter().zip(0..).for_each(|(&pattern, place)| rank[pattern as usize] = place);
        of.iter_mut().for_each(|of| *of = rank[*of as usize]);
        let texts = order.iter().map(|&pattern| texts[pattern as usize].clone()).collect();
        Self { of, texts, columns }
    }

    /// Equal rows as one, in the order of their columns.
    fn counted(&self, summary: &Summary, part: Part) -> Summary {
        // A zero has two signs.
        let bits = |number: f64| (number + 0.0).to_bits();
        let time = |number: f64| if part == Part::Spend { 0 } else { bits(number) };
        let mean = |row: usize| match part {
            Part::Timing => 0,
            // Who has not come back has no mean, whatever stands there.
            _ if summary.frequency[row] == 0 => 0,
            _ => bits(summary.monetary_value[row]),
        };
        let key = |row: usize| {
            (self.of[row], summary.frequency[row], [time(summary.recency[row]), time(summary.T[row]), mean(row)])
        };
        let mut keys: Vec<_> = (0..summary.len()).map(|row| (key(row), row)).collect();
        keys.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| summary.weight(a.1).total_cmp(&summary.weight(b.1))));
        let alike = || keys.chunk_by(|a, b| a.0 == b.0);
        let numbers = |i: usize| alike().map(|rows| f64::from_bits(rows[0].0.2[i])).collect::<Vec<f64>>();
        let patterns: Vec<u32> = alike().map(|rows| rows[0].0.0).collect();
        let frequency: Vec<u32> = alike().map(|rows| rows[0].0.1).collect();
        let weights = alike().map(|rows| rows.iter().map(|(_, row)| summary.weight(*row)).sum()).collect();
        Summary {
            customers: CustomerIds::Number((1..=frequency.len() as i64).collect()),
            frequency,
            recency: numbers(0),
            T: numbers(1),
            monetary_value: numbers(2),
            purchases: None,
            knows_spend: part != Part::Timing,
            currency: summary.currency,
            attributes: self.attributes(&patterns),
            statistics: None,
            sum_log_interpurchase: None,
            weights: Some(Weights::of_rows(weights)),
            observation: summary.observation,
        }
    }

    /// The columns of rows with these patterns.
    fn attributes(&self, patterns: &[u32]) -> Vec<Attribute> {
        let column = |(i, (name, texts)): (usize, &(String, Vec<Box<str>>))| {
            let text = |pattern: &u32| {
                let place = self.texts[*pattern as usize][i];
                Some(place).filter(|place| (*place as usize) < texts.len())
            };
            Attribute {
                name: name.clone(),
                texts: texts.clone().into(),
                of: patterns.iter().map(text).collect(),
                differing: 0,
            }
        };
        self.columns.iter().enumerate().map(column).collect()
    }
}

/// The place of each text among those that are said of anybody, and these in their order.
fn in_order(attribute: &Attribute) -> (Vec<u32>, Vec<Box<str>>) {
    let mut used = vec![false; attribute.texts.len()];
    attribute.of.iter().flatten().for_each(|&text| used[text as usize] = true);
    let mut order: Vec<usize> = (0..used.len()).filter(|&text| used[text]).collect();
    order.sort_by(|a, b| attribute.texts[*a].cmp(&attribute.texts[*b]));
    let mut places = vec![0; used.len()];
    order.iter().zip(0..).for_each(|(&text, place)| places[text] = place);
    (places, order.into_iter().map(|text| attribute.texts[text].clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{Day, Grain, History, Observation, TimeUnit};

    fn summary() -> Summary {
        let observation = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: Day(0) };
        let rows = [(0, 0.0, 0.0), (2, 9.0, 25.5), (2, 9.0, 20.0), (0, 0.0, 7.0), (2, 8.0, 20.0), (1, 9.0, -0.0)];
        let summary = Summary::from_histories(rows.map(|(x, t_x, m)| (History::new(x, t_x, 30.0), m)), observation);
        let said = ["b", "a", "b", "", "a", "b"].map(|text| Some(text.to_owned()).filter(|text| !text.is_empty()));
        Summary { attributes: vec![Attribute::new("shop".to_owned(), &said)], ..summary }
    }

    fn rows(summary: &Summary) -> Vec<(Option<&str>, u32, f64, f64, f64)> {
        let row = |i: usize| {
            let shop = summary.attributes.first().and_then(|attribute| attribute.text(i));
            (shop, summary.frequency[i], summary.recency[i], summary.monetary_value[i], summary.weight(i))
        };
        (0..summary.len()).map(row).collect()
    }

    #[test]
    fn equal_rows_are_one_whatever_their_order() {
        let counts = Counts::new(&summary(), &[], true).unwrap();
        let timing =
            [(None, 0, 0.0, 0.0, 2.0), (None, 1, 9.0, 0.0, 1.0), (None, 2, 8.0, 0.0, 1.0), (None, 2, 9.0, 0.0, 2.0)];
        assert_eq!(rows(counts.timing()), timing);
        let spend =
            [(None, 0, 0.0, 0.0, 2.0), (None, 1, 0.0, 0.0, 1.0), (None, 2, 0.0, 20.0, 2.0), (None, 2, 0.0, 25.5, 1.0)];
        assert_eq!(rows(counts.spend().unwrap()), spend);
        assert_eq!(counts.joint().unwrap().len(), 5);
        assert_eq!(counts.customers(), 6.0);
        assert!(counts.told_apart().is_empty());
        for order in [[5, 4, 3, 2, 1, 0], [2, 0, 4, 5, 1, 3]] {
            for by in [&[][..], &["shop".to_owned()]] {
                let counts = Counts::new(&summary(), by, true).unwrap();
                assert_eq!(Counts::new(&summary().select(&order), by, true).unwrap(), counts);
            }
        }
    }

    #[test]
    fn columns_are_told_apart() {
        let counts = Counts::new(&summary(), &["shop".to_owned()], false).unwrap();
        let (a, b) = (Some("a"), Some("b"));
        let spend = [
            (a, 2, 0.0, 20.0, 1.0),
            (a, 2, 0.0, 25.5, 1.0),
            (b, 0, 0.0, 0.0, 1.0),
            (b, 1, 0.0, 0.0, 1.0),
            (b, 2, 0.0, 20.0, 1.0),
            (None, 0, 0.0, 0.0, 1.0),
        ];
        assert_eq!(rows(counts.spend().unwrap()), spend);
        assert_eq!((counts.told_apart(), counts.joint()), (vec!["shop"], None));
        let refused = |by: &[&str]| {
            let by: Vec<String> = by.iter().map(|name| (*name).to_owned()).collect();
            Counts::new(&summary(), &by, false).unwrap_err().to_string()
        };
        assert!(refused(&["shape"]).contains("there is no column `shape`"));
        assert!(refused(&["shop", "shop"]).contains("named twice"));
    }
}
