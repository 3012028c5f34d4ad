//! What is asked.

use serde::{Deserialize, Serialize};

use super::customer_numbers::{CAC, CustomerNumber, MARGIN};
use super::predicted::{ErrorsOfTotals, Predicted, Sort};
use crate::error::{Error, Result};
use crate::message::{Message, opt, say};
use crate::predict::{
    DiscountRate, Grouping, Horizon, ParameterUncertainty, Predictor, TotalOptions, Valuation, ValueQuestions,
    has_twice, shares,
};
use crate::summary::Summary;

/// Everything that is asked of the customers of a summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Questions {
    /// How far ahead.
    pub horizons: Vec<Horizon>,
    /// Share of the spend that is earned.
    #[serde(deserialize_with = "CustomerNumber::deserialize_share")]
    pub margin: CustomerNumber,
    /// Discount rate.
    pub discount: DiscountRate,
    /// What it cost to acquire a customer.
    pub cac: Option<CustomerNumber>,
    /// The chance of 0, 1, … up to so many purchases.
    pub counts: Option<u32>,
    /// Days by which the next purchase has come with these per cents.
    pub next: Vec<f64>,
    /// Intervals of numbers of purchases, and of values where there is a spend model, in per cent.
    pub intervals: Vec<f64>,
    /// Medians of purchases, and of values where there is a spend model.
    pub median: bool,
    /// Amounts that a value may exceed.
    pub over: Vec<f64>,
    /// Standard errors of the expectations.
    pub standard_errors: bool,
    /// Draws of the parameters that are mixed into the distributions of purchases and values.
    pub parameter_draws: Option<u32>,
    /// Whether totals are wanted at all.
    pub totals: bool,
    /// The column by which totals are told.
    pub by: Option<String>,
    /// An amount that a total may exceed.
    pub target: Option<f64>,
    /// Futures from which intervals of totals come.
    pub futures: u32,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Order of the customers.
    pub sort: Sort,
    /// Whether columns with numbers are written `1.234,56`.
    #[serde(skip)]
    pub decimal_comma: bool,
}

impl Default for Questions {
    fn default() -> Self {
        Self {
            horizons: [3, 6, 12].map(Horizon::months).to_vec(),
            margin: CustomerNumber::Number(1.0),
            discount: DiscountRate::default(),
            cac: None,
            counts: None,
            next: Vec::new(),
            intervals: Vec::new(),
            median: false,
            over: Vec::new(),
            standard_errors: false,
            parameter_draws: None,
            totals: false,
            by: None,
            target: None,
            futures: TotalOptions::default().futures,
            seed: 1,
            sort: Sort::default(),
            decimal_comma: false,
        }
    }
}

/// More numbers of purchases than anybody reads.
pub const MOST_COUNTS: u32 = 1000;

/// More draws than make a difference.
const MOST_DRAWS: u32 = 10_000;

/// The interval of totals if none is asked for.
const USUAL_INTERVAL: f64 = 0.8;

impl Questions {
    /// Checks what can be checked without customers.
    ///
    /// # Errors
    /// [`Error::usage`], naming the option.
    pub fn check(&self) -> Result<()> {
        self.margin.check(&MARGIN)?;
        self.cac.iter().try_for_each(|cac| cac.check(&CAC))?;
        self.value_questions()?;
        let refuse = |what: Message| Err(Error::usage(what));
        if let Some(most) = self.counts.filter(|&most| most > MOST_COUNTS) {
            return refuse(say![opt("counts"), " is {most}; at most {MOST_COUNTS} columns a horizon are written"]);
        }
        if let Some(draws) = self.parameter_draws.filter(|draws| !(2..=MOST_DRAWS).contains(draws)) {
            return refuse(say![opt("parameter_draws"), " is {draws}; give 2 to {MOST_DRAWS}, for instance 50"]);
        }
        if self.parameter_draws.is_some() && !self.asks_of_distributions() {
            return refuse(say![
                opt("parameter_draws"),
                " goes with ",
                opt("intervals"),
                ", ",
                opt("median"),
                " or ",
                opt("over")
            ]);
        }
        if let Some(target) = self.target.filter(|target| !(target.is_finite() && *target >= 0.0)) {
            return refuse(say![opt("target"), " is {target}; give an amount"]);
        }
        if self.totals {
            self.total_options().check()?;
        }
        let least = 2.0 / (1.0 - self.intervals.iter().fold(0.0f64, |widest, percent| widest.max(*percent)) / 100.0);
        if self.totals && f64::from(self.futures + 1) < least {
            return refuse(say![
                "the ends of the widest of ",
                opt("intervals"),
                format!(" lie beyond what {} futures show; add ", self.futures),
                opt("futures").with(format!("{:.0}", least.round()))
            ]);
        }
        let spans = self.asks_of_distributions() || self.counts.is_some() || self.totals;
        if spans && !self.horizons.iter().any(Horizon::is_span) {
            return refuse(say![
                opt("intervals"),
                ", ",
                opt("median"),
                ", ",
                opt("over"),
                ", ",
                opt("counts"),
                " and totals take a horizon that begins now and ends, besides others"
            ]);
        }
        Ok(())
    }

    /// Refuses what a model of purchases alone cannot tell.
    ///
    /// # Errors
    /// [`Error::usage`].
    pub fn check_without_spend(&self) -> Result<()> {
        let given = [("cac", self.cac.is_some()), ("target", self.target.is_some()), ("over", !self.over.is_empty())];
        match given.iter().find(|(_, given)| *given) {
            Some((option, _)) => Err(Error::usage(say![opt(*option), " is about value, and there is no spend model"])),
            None => Ok(()),
        }
    }

    /// Columns of the customers that these questions name.
    pub fn columns(&self) -> Vec<String> {
        let numbers = [Some(&self.margin), self.cac.as_ref()].into_iter().flatten().filter_map(CustomerNumber::column);
        let mut columns: Vec<String> = numbers.chain(self.by.as_deref()).map(str::to_owned).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// Whether there is more to say of a customer than is said in any case.
    pub fn ask_for_more(&self) -> bool {
        self.asks_of_distributions() || self.counts.is_some() || !self.next.is_empty() || self.standard_errors
    }

    fn asks_of_distributions(&self) -> bool {
        !(self.intervals.is_empty() && self.over.is_empty()) || self.median
    }

    fn total_options(&self) -> TotalOptions {
        TotalOptions { futures: self.futures, seed: self.seed }
    }

    fn value_questions(&self) -> Result<ValueQuestions> {
        if let Some(wrong) = self.over.iter().find(|amount| !(**amount >= 0.0 && amount.is_finite())) {
            return Err(Error::usage(say![opt("over"), " has {wrong}; give amounts, like 100,500"]));
        }
        if has_twice(&self.over) {
            return Err(Error::usage(say![opt("over"), " names an amount twice"]));
        }
        shares("next", &self.next)?;
        Ok(ValueQuestions { intervals: shares("intervals", &self.intervals)?, over: self.over.clone() })
    }

    fn valuation(&self, summary: &Summary) -> Result<Valuation> {
        Ok(Valuation {
            margin: self.margin.of(summary, &MARGIN, self.decimal_comma)?,
            discount: self.discount,
            cac: self.cac.as_ref().map(|cac| cac.of(summary, &CAC, self.decimal_comma)).transpose()?,
        })
    }

    /// What is asked of the customers of the summary, and totals for those of `crowd`: the same, or many new ones.
    ///
    /// # Errors
    /// [`Error::usage`] or [`Error::data`] where a question does not suit the model or the customers.
    pub fn of<'a>(
        &self,
        predictor: &Predictor,
        uncertainty: &'a ParameterUncertainty<'a>,
        summary: &'a Summary,
        crowd: Option<&Summary>,
    ) -> Result<Predicted<'a>> {
        let valuation = self.valuation(summary)?;
        if predictor.spend.is_none() {
            self.check_without_spend()?;
        }
        let outlook = predictor.outlook(summary)?;
        let (ahead, chances) =
            (outlook.ahead(&self.horizons, &valuation.discount)?, outlook.chances_ahead(&self.horizons)?);
        if self.cac.is_some() && summary.purchases.is_none() {
            return Err(Error::usage(say![
                opt("cac"),
                " lowers the lifetime value, past and future, and this summary does not say what the customers \
                 spent so far (column `total`); give the orders"
            ]));
        }
        let draws = match self.parameter_draws {
            Some(count) => uncertainty.draws(predictor, count as usize, self.seed)?,
            None => Vec::new(),
        };
        let questions = self.value_questions()?;
        let wants_totals = self.totals || crowd.is_some();
        let of_crowd = crowd.map(|crowd| predictor.outlook(crowd)).transpose()?;
        let (crowd, of_crowd) = (crowd.unwrap_or(summary), of_crowd.as_ref().unwrap_or(&outlook));
        let groups = self.by.as_deref().map_or(Ok(Grouping::all(crowd.len())), |by| Grouping::by(by, crowd))?;
        let counted = wants_totals.then(|| of_crowd.counted(&groups, &valuation.margin)).transpose()?;
        let totals = |horizon: &Horizon| {
            let counted = counted.as_ref().filter(|_| horizon.is_span());
            counted.map(|counted| counted.totals(horizon, uncertainty, &self.total_options())).transpose()
        };
        let totals = self.horizons.iter().map(totals).collect::<Result<_>>()?;
        let total_shares =
            if questions.intervals.is_empty() { vec![USUAL_INTERVAL] } else { questions.intervals.clone() };
        Ok(Predicted {
            summary,
            predictor: predictor.clone(),
            ahead,
            chances,
            uncertainty: self.standard_errors.then_some(uncertainty),
            valuation,
            draws,
            horizons: self.horizons.clone(),
            questions,
            asks_of_values: self.asks_of_distributions() && predictor.spend.is_some(),
            median: self.median,
            counts: self.counts,
            next_percents: self.next.clone(),
            next_shares: shares("next", &self.next)?,
            totals,
            by: self.by.clone(),
            groups: groups.names,
            total_shares,
            errors: ErrorsOfTotals::default(),
            calibrated: Vec::new(),
            target: self.target,
            sort: self.sort,
            outlook,
        })
    }
}
