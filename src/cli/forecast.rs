//! Options on predictions, shared by `clv run` and `clv predict`, and what is asked with them.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::customer_numbers::{CAC, NumberOrColumn};
use super::predicted::Predicted;
use super::value_options::ValueArgs;
use crate::error::{Error, Result};
use crate::predict::{Grouping, Horizon, ParameterUncertainty, Predictor, TotalOptions, Valuation, ValueQuestions};
use crate::summary::Summary;
use crate::tables::OutputFormat;

/// Options on predictions.
#[derive(Debug, Args)]
pub(super) struct ForecastArgs {
    #[command(flatten)]
    pub(super) value: ValueArgs,

    /// What it cost to acquire a customer, or the column that has it: lifetime_value is net of it
    #[arg(long, value_name = "AMOUNT|COLUMN", allow_negative_numbers = true, help_heading = "Prediction")]
    cac: Option<NumberOrColumn>,

    /// The chance of 0, 1, ... up to so many purchases over each horizon
    #[arg(long, value_name = "N", help_heading = "Prediction")]
    counts: Option<u32>,

    /// The next purchase: the chance that it ever comes, and the days by which it has come with these per cents, if it comes,
    /// for instance 50,80
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Prediction")]
    next: Vec<f64>,

    /// Intervals of each customer's value over each horizon, and of totals, in per cent, for instance 50,80,90
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Uncertainty")]
    intervals: Vec<f64>,

    /// Amounts: the chance that a customer's value exceeds each
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        allow_negative_numbers = true,
        help_heading = "Uncertainty"
    )]
    over: Vec<f64>,

    /// Standard errors of all expectations, because the parameters are estimates
    #[arg(long, help_heading = "Uncertainty")]
    standard_errors: bool,

    /// Mix so many draws of the parameters into --intervals and --over of each customer, which take as many times longer; 50 is
    /// plenty
    #[arg(long, value_name = "N", help_heading = "Uncertainty")]
    parameter_draws: Option<u32>,

    /// Totals by what this column says of the customers
    #[arg(long, value_name = "COLUMN", help_heading = "Totals")]
    by: Option<String>,

    /// The chance that the total value exceeds this amount
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true, help_heading = "Totals")]
    target: Option<f64>,

    /// Table of the totals, .parquet or .csv
    #[arg(long, value_name = "FILE", help_heading = "Totals")]
    totals: Option<PathBuf>,

    /// Futures of all customers that are simulated for intervals of totals
    #[arg(long, value_name = "N", default_value_t = 2000, help_heading = "Totals")]
    futures: u32,

    /// Seed of everything that is drawn
    #[arg(long, default_value_t = 1, help_heading = "Totals")]
    pub(super) seed: u64,

    /// Order of the customers
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    sort: Sort,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Sort {
    /// By customer id
    #[default]
    Customer,
    /// Most valuable over the last horizon first
    Value,
}

/// More numbers of purchases than anybody reads.
const MOST_COUNTS: u32 = 1000;

/// More draws than make a difference.
const MOST_DRAWS: u32 = 10_000;

/// The interval of totals if none is asked for.
const USUAL_INTERVAL: f64 = 0.8;

impl ForecastArgs {
    /// Checks what can be checked before the orders are read.
    pub(super) fn check(&self) -> Result<()> {
        self.value.check()?;
        self.cac.iter().try_for_each(|cac| cac.check(&CAC))?;
        self.questions()?;
        let refuse = |what: String| Err(Error::Usage(what));
        if let Some(most) = self.counts.filter(|&most| most > MOST_COUNTS) {
            return refuse(format!("--counts is {most}; at most {MOST_COUNTS} columns a horizon are written"));
        }
        if let Some(draws) = self.parameter_draws.filter(|draws| !(2..=MOST_DRAWS).contains(draws)) {
            return refuse(format!("--parameter-draws is {draws}; give 2 to {MOST_DRAWS}, for instance 50"));
        }
        if self.parameter_draws.is_some() && !self.asks_of_values() {
            return refuse("--parameter-draws goes with --intervals or --over".to_owned());
        }
        if let Some(target) = self.target.filter(|target| !(target.is_finite() && *target >= 0.0)) {
            return refuse(format!("--target is {target}; give an amount"));
        }
        if self.asks_for_totals() {
            self.total_options().check()?;
        }
        self.totals.iter().try_for_each(|path| OutputFormat::of(path).map(|_| ()))?;
        let least = 2.0 / (1.0 - self.intervals.iter().fold(0.0f64, |widest, percent| widest.max(*percent)) / 100.0);
        if self.asks_for_totals() && f64::from(self.futures + 1) < least {
            return refuse(format!(
                "the ends of the widest of --intervals lie beyond what {} futures show; add --futures {:.0}",
                self.futures,
                least.round()
            ));
        }
        let horizons = self.value.horizons()?;
        let spans = self.asks_of_values() || self.counts.is_some() || self.asks_for_totals();
        if spans && !horizons.iter().any(Horizon::is_span) {
            return refuse(
                "--intervals, --over, --counts and totals take a horizon that begins now and ends, besides others"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Refuses what a model of purchases alone cannot tell.
    pub(super) fn check_without_spend(&self) -> Result<()> {
        if self.cac.is_some() || self.target.is_some() || self.asks_of_values() {
            return Err(Error::Usage(
                "--cac, --target, --intervals and --over are about value, and there is no spend model".to_owned(),
            ));
        }
        Ok(())
    }

    /// Where totals are written.
    pub(super) fn totals_file(&self) -> Option<&Path> {
        self.totals.as_deref()
    }

    /// Columns of the orders that these options name.
    pub(super) fn columns(&self) -> Vec<String> {
        let numbers =
            [Some(&self.value.margin), self.cac.as_ref()].into_iter().flatten().filter_map(NumberOrColumn::column);
        let mut columns: Vec<String> = numbers.chain(self.by.as_deref()).map(str::to_owned).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    fn asks_of_values(&self) -> bool {
        !(self.intervals.is_empty() && self.over.is_empty())
    }

    fn total_options(&self) -> TotalOptions {
        TotalOptions { futures: self.futures, seed: self.seed }
    }

    /// Whether there is more to say of a customer than is said in any case.
    pub(super) fn asks_for_more(&self) -> bool {
        self.asks_of_values() || self.counts.is_some() || !self.next.is_empty() || self.standard_errors
    }

    fn asks_for_totals(&self) -> bool {
        !self.intervals.is_empty() || self.by.is_some() || self.target.is_some() || self.totals.is_some()
    }

    fn questions(&self) -> Result<ValueQuestions> {
        if let Some(wrong) = self.over.iter().find(|amount| !(**amount >= 0.0 && amount.is_finite())) {
            return Err(Error::Usage(format!("--over has {wrong}; give amounts, like 100,500")));
        }
        if has_twice(&self.over) {
            return Err(Error::Usage("--over names an amount twice".to_owned()));
        }
        shares("--next", &self.next)?;
        Ok(ValueQuestions { intervals: shares("--intervals", &self.intervals)?, over: self.over.clone() })
    }

    fn valuation(&self, summary: &Summary, decimal_comma: bool) -> Result<Valuation> {
        Ok(Valuation {
            margin: self.value.margin(summary, decimal_comma)?,
            discount: self.value.discount()?,
            cac: self.cac.as_ref().map(|cac| cac.of(summary, &CAC, decimal_comma)).transpose()?,
        })
    }

    /// What is asked of the customers of the summary, and totals for those of `crowd`: the same, or many new ones.
    pub(super) fn predict<'a>(
        &'a self,
        predictor: &Predictor,
        uncertainty: &'a ParameterUncertainty<'a>,
        summary: &'a Summary,
        crowd: Option<&Summary>,
        decimal_comma: bool,
    ) -> Result<Predicted<'a>> {
        let horizons = self.value.horizons()?;
        let valuation = self.valuation(summary, decimal_comma)?;
        if predictor.spend.is_none() {
            self.check_without_spend()?;
        }
        let outlook = predictor.outlook(summary, &horizons, &valuation.discount)?;
        if self.cac.is_some() && summary.purchases.is_none() {
            return Err(Error::Usage(
                "--cac lowers the lifetime value, past and future, and this summary does not say what the customers spent so far \
                 (column `total`); give the orders"
                    .to_owned(),
            ));
        }
        let draws = match self.parameter_draws {
            Some(count) => uncertainty.draws(predictor, count as usize, self.seed)?,
            None => Vec::new(),
        };
        let questions = self.questions()?;
        let wants_totals = self.asks_for_totals() || crowd.is_some();
        let crowd = crowd.unwrap_or(summary);
        let groups = self.by.as_deref().map_or(Ok(Grouping::all(crowd.len())), |by| grouping(by, crowd))?;
        let margin = &valuation.margin;
        let totals = |horizon: &Horizon| {
            let wanted = wants_totals && horizon.is_span();
            let options = self.total_options();
            wanted.then(|| predictor.totals(crowd, &groups, horizon, margin, uncertainty, &options)).transpose()
        };
        let totals = horizons.iter().map(totals).collect::<Result<_>>()?;
        let total_shares =
            if questions.intervals.is_empty() { vec![USUAL_INTERVAL] } else { questions.intervals.clone() };
        Ok(Predicted {
            summary,
            predictor: *predictor,
            outlook,
            uncertainty: self.standard_errors.then_some(uncertainty),
            valuation,
            draws,
            horizons,
            questions,
            asks_of_values: self.asks_of_values(),
            counts: self.counts,
            next_percents: self.next.clone(),
            next_shares: shares("--next", &self.next)?,
            totals,
            by: self.by.as_deref(),
            groups: groups.names,
            total_shares,
            target: self.target,
            totals_file: self.totals.as_deref(),
            sort: self.sort,
        })
    }
}

/// Per cents that were given, as shares.
pub(super) fn shares(option: &str, percents: &[f64]) -> Result<Vec<f64>> {
    match percents.iter().find(|percent| !(**percent > 0.0 && **percent < 100.0)) {
        Some(wrong) => {
            Err(Error::Usage(format!("{option} has {wrong}; give per cents between 0 and 100, like 50,80,90")))
        }
        None if has_twice(percents) => Err(Error::Usage(format!("{option} names a number twice"))),
        None => Ok(percents.iter().map(|percent| percent / 100.0).collect()),
    }
}

fn has_twice(numbers: &[f64]) -> bool {
    numbers.iter().enumerate().any(|(i, number)| numbers[..i].contains(number))
}

/// More groups than anybody compares.
const MOST_GROUPS: usize = 10_000;

/// Groups by what this column says, in the order of their names.
pub(super) fn grouping(by: &str, summary: &Summary) -> Result<Grouping> {
    let attribute = summary
        .attribute(by)
        .ok_or_else(|| Error::Usage(format!("--by {by}: there is no such column of customers")))?;
    let mut order: Vec<u32> = (0..attribute.texts.len() as u32).collect();
    order.sort_unstable_by_key(|&text| &attribute.texts[text as usize]);
    let mut used = vec![false; order.len()];
    attribute.of.iter().flatten().for_each(|&text| used[text as usize] = true);
    order.retain(|&text| used[text as usize]);
    let mut names: Vec<String> = order.iter().map(|&text| attribute.texts[text as usize].to_string()).collect();
    let mut place = vec![0; attribute.texts.len()];
    order.iter().zip(0..).for_each(|(&text, group)| place[text as usize] = group);
    let unsaid = names.len() as u32;
    if attribute.of.contains(&None) {
        names.push("(none)".to_owned());
    }
    if names.len() > MOST_GROUPS {
        return Err(Error::Usage(format!(
            "--by {by}: {} groups; totals take at most {MOST_GROUPS}. Is it a column of customers?",
            names.len()
        )));
    }
    let of = attribute.of.iter().map(|text| text.map_or(unsaid, |text| place[text as usize])).collect();
    Ok(Grouping { names, of })
}
