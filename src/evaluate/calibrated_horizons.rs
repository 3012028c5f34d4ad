//! The horizons of a forecast, calibrated: what is expected over each, and the customer's last period, by the weights that earlier days of
//! the same orders taught.

use serde::{Deserialize, Serialize};

use super::calibration::{Calibration, Weights};
use super::experiment::{Recent, earlier, recent};
use super::widths::Widths;
use crate::error::{Error, Result};
use crate::fit::FitOptions;
use crate::message::{Message, say};
use crate::models::TimingKind;
use crate::number_format::{counted, grouped};
use crate::predict::Horizon;
use crate::summary::{Cohort, Day, PurchaseLog, Span, Summary};

/// What earlier days taught about a horizon: as it stands in a model file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LearnedWeights {
    /// The horizon.
    pub horizon: Horizon,
    /// How far the earlier forecasts reached, in days: as far as the horizon, or half of what had been observed if that is less.
    pub days: u32,
    /// The last days that they knew, the latest first.
    pub learned_on: Vec<Day>,
    /// Customers known on one of them or more.
    pub customers: u64,
    /// Weights of purchases.
    pub purchases: Weights,
    /// Weights of value; none without a spend model, then or now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Weights>,
    /// How much wider intervals of single customers must be than the model says.
    #[serde(default)]
    pub widths: Widths,
}

/// A horizon with its weights, and the last period of every customer.
#[derive(Clone, Debug)]
pub struct CalibratedHorizon {
    /// What earlier days taught.
    pub learned: LearnedWeights,
    /// Whether these days are those of a model file, and not of the orders at hand.
    pub is_known: bool,
    recent: Recent,
}

/// Horizons calibrated, as far as something is learned about them.
#[derive(Clone, Debug, Default)]
pub struct CalibratedHorizons {
    /// One entry a horizon; none of one that does not begin now or does not end, and of one about which nothing is learned.
    pub horizons: Vec<Option<CalibratedHorizon>>,
    /// Horizons about which nothing is learned, and why, in words.
    pub without: Vec<Message>,
}

/// How horizons are calibrated.
#[derive(Clone, Copy, Debug)]
pub struct Calibrating<'a> {
    /// The model whose expectations are held against what came.
    pub model: TimingKind,
    /// Whether value is foreseen, too.
    pub with_spend: bool,
    /// How the model is fitted on earlier days.
    pub fit: FitOptions,
    /// The customers who are taken.
    pub cohort: Cohort,
    /// What was learned before: these horizons are not learned anew.
    pub known: &'a [LearnedWeights],
}

impl Calibrating<'_> {
    /// Each horizon calibrated. The customers are those of the summary, which was made of these orders.
    ///
    /// # Errors
    /// [`Error::usage`] if the summary was made of other orders; those of [`PurchaseLog::summary`].
    pub fn horizons(
        &self,
        log: &mut PurchaseLog,
        summary: &Summary,
        horizons: &[Horizon],
    ) -> Result<CalibratedHorizons> {
        check_orders(log, summary)?;
        let mut all = CalibratedHorizons::default();
        for horizon in horizons {
            let learned = horizon.is_span().then(|| self.horizon(log, summary, horizon)).transpose()?;
            if let Some(Err(why)) = &learned {
                let what = format!("{horizon} is not calibrated, and the model's own numbers stand: ");
                all.without.push(say![what, why]);
            }
            all.horizons.push(learned.and_then(std::result::Result::ok));
        }
        Ok(all)
    }

    fn horizon(
        &self,
        log: &mut PurchaseLog,
        summary: &Summary,
        horizon: &Horizon,
    ) -> Result<std::result::Result<CalibratedHorizon, Message>> {
        let end = summary.observation.end;
        let begin = log.whole_periods(Some(end)).0;
        let days = horizon.end(end).days_since(end).max(1);
        let known = self.known.iter().find(|known| known.horizon == *horizon);
        let learned = match known {
            Some(known) => Ok(known.clone()),
            None => {
                let earlier = earlier(log, summary, summary.observation.unit, &self.cohort, begin, days)?;
                let learned = Calibration::learn(&earlier, self.model, self.with_spend, &self.fit);
                learned.map(|calibration| LearnedWeights::new(horizon, &calibration))
            }
        };
        let learned = match learned {
            Ok(learned) => learned,
            Err(why) => return Ok(Err(why)),
        };
        let recent = recent(log, summary, begin, Day(end.0 + days))?;
        Ok(Ok(CalibratedHorizon { learned, is_known: known.is_some(), recent }))
    }
}

/// Refuses orders from which these customers do not come.
fn check_orders(log: &mut PurchaseLog, summary: &Summary) -> Result<()> {
    let end = summary.observation.end;
    let begin = log.whole_periods(Some(end)).0;
    let span = Span { after: Day(begin.0 - 1), until: end, repeats: true };
    let repeats = log.windows_of(summary, &[span])?.remove(0).purchases;
    match (0..summary.len()).find(|&row| repeats[row] != summary.frequency[row]) {
        None => Ok(()),
        Some(row) => Err(Error::usage(format!(
            "these are not the orders of the customers: {} has {} up to {end} in them, and {} in the summary. Give the orders that the \
             summary was made of",
            summary.customers.text(row),
            counted(repeats[row].into(), "repeat purchase"),
            summary.frequency[row]
        ))),
    }
}

impl LearnedWeights {
    fn new(horizon: &Horizon, calibration: &Calibration) -> Self {
        let reach = calibration.past.first().map_or(0, |past| past.until.days_since(past.day));
        Self {
            horizon: horizon.clone(),
            days: u32::try_from(reach).unwrap_or(0),
            learned_on: calibration.past.iter().map(|past| past.day).collect(),
            customers: calibration.customers,
            purchases: calibration.purchases,
            value: calibration.value,
            widths: calibration.widths,
        }
    }
}

impl CalibratedHorizon {
    /// What is taken of the expectation of a model with this title, and of the last period, and where from.
    pub fn in_words(&self, title: &str) -> String {
        let LearnedWeights { horizon, days, learned_on, customers, purchases, value, widths } = &self.learned;
        let days = match &**learned_on {
            [day] => format!("a forecast over {days} days, of {day}"),
            [last, .., first] => format!("{} forecasts over {days} days, of {first} to {last}", learned_on.len()),
            [] => "no forecast".to_owned(),
        };
        let value = value.map_or(String::new(), |value| format!("; of value, {}", value.in_words(title)));
        let known = if self.is_known { "known from the model file, " } else { "" };
        let wider = |width: f64| format!("{:.0}%", 100.0 * (width - 1.0));
        let widths = match (widths.purchases, widths.value) {
            (purchases, value) if purchases <= 1.0 && value.is_none_or(|value| value <= 1.0) => String::new(),
            (purchases, None) => format!("; intervals wider by {}", wider(purchases)),
            (purchases, Some(value)) => {
                format!("; intervals of purchases wider by {}, of value by {}", wider(purchases), wider(value))
            }
        };
        format!(
            "calibrated {horizon}: {}{value}{widths} ({known}learned from {days}, of {} customers)",
            purchases.in_words(title),
            grouped(*customers as f64, 0)
        )
    }

    /// `v e + w p` of the customers in these rows, of whom the model expects `e` purchases and who made `p` in the last period.
    pub fn purchases(&self, rows: &[usize], expected: &[f64]) -> Vec<f64> {
        let last = |row: usize| f64::from(self.recent.repeats.purchases[row]);
        self.mixed(self.learned.purchases, rows, expected, last)
    }

    /// Likewise of value, with what a unit of last period's spend is worth: its margin, discounted as money that comes evenly over the
    /// horizon is.
    pub fn value(&self, rows: &[usize], expected: &[f64], worth: impl Fn(usize) -> f64) -> Option<Vec<f64>> {
        let last = |row: usize| worth(row) * self.recent.repeats.value[row];
        Some(self.mixed(self.learned.value?, rows, expected, last))
    }

    fn mixed(&self, weights: Weights, rows: &[usize], expected: &[f64], last: impl Fn(usize) -> f64) -> Vec<f64> {
        let (model, period) = (weights.model.estimate, weights.last_period.estimate * self.recent.scale);
        rows.iter().zip(expected).map(|(&row, expected)| model * expected + period * last(row)).collect()
    }
}
