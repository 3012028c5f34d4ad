//! Options and output of predictions, shared by `clv run` and `clv predict`.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::console::Console;
use super::describe::{number, rule, whole};
use crate::error::{Error, Result};
use crate::fit::FitRecord;
use crate::predict::{
    DiscountRate, Forecast, Horizon, Predictor, TotalPurchases, Valuation, ValueAnswers, ValueQuestions, parse_horizons,
};
use crate::summary::Summary;
use crate::summary_file::history_columns;
use crate::tables::{Table, TableColumn, clip};

/// Options on predictions.
#[derive(Debug, Args)]
pub(super) struct ForecastArgs {
    /// Horizons from the end of the observation: calendar spans like 90d, 39w, 3m, 2y, dates, or forever
    #[arg(long, value_name = "LIST", default_value = "3m,6m,12m", help_heading = "Prediction")]
    horizons: String,

    /// Share of the spend that is earned, for instance 0.3
    #[arg(long, value_name = "FRACTION", default_value_t = 1.0, help_heading = "Prediction")]
    margin: f64,

    /// Annual discount rate, for instance 0.1 for 10% a year
    #[arg(long, value_name = "RATE", default_value_t = 0.0, help_heading = "Prediction")]
    discount: f64,

    /// The chance of 0, 1, ... up to so many purchases over each horizon
    #[arg(long, value_name = "N", help_heading = "Prediction")]
    counts: Option<u32>,

    /// Intervals of each customer's value over each horizon, in per cent, for instance 50,80,90
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Prediction")]
    intervals: Vec<f64>,

    /// Amounts: the chance that a customer's value exceeds each
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Prediction")]
    over: Vec<f64>,

    /// Order of the customers
    #[arg(long, value_enum, default_value_t, help_heading = "Prediction")]
    sort: Sort,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Sort {
    /// By customer id
    #[default]
    Customer,
    /// Most valuable over the last horizon first
    Value,
}

/// A forecast with the summary it is for.
pub(super) struct Predicted<'a> {
    summary: &'a Summary,
    forecast: Forecast,
    questions: ValueQuestions,
    /// Of each horizon that ends, if there are questions.
    values: Vec<Option<ValueAnswers>>,
    /// Likewise, by number of purchases.
    counts: Vec<Vec<Vec<f64>>>,
    /// Purchases of all customers over each horizon that ends, if intervals are asked for.
    totals: Vec<Option<TotalPurchases>>,
    sort: Sort,
    /// Row numbers, the most valuable first, equals by customer.
    most_valuable: Vec<usize>,
}

impl ForecastArgs {
    /// Checks what can be checked before the orders are read.
    pub(super) fn check(&self) -> Result<()> {
        self.valuation()?;
        self.questions()?;
        parse_horizons(&self.horizons).map(|_| ())
    }

    fn questions(&self) -> Result<ValueQuestions> {
        if let Some(most) = self.counts.filter(|&most| most > MOST_COUNTS) {
            return Err(Error::Usage(format!(
                "--counts is {most}; at most {MOST_COUNTS} columns a horizon are written"
            )));
        }
        if let Some(wrong) = self.intervals.iter().find(|percent| !(**percent > 0.0 && **percent < 100.0)) {
            return Err(Error::Usage(format!(
                "--intervals has {wrong}; give per cents between 0 and 100, like 50,80,90"
            )));
        }
        if let Some(wrong) = self.over.iter().find(|amount| !(**amount >= 0.0 && amount.is_finite())) {
            return Err(Error::Usage(format!("--over has {wrong}; give amounts, like 100,500")));
        }
        let intervals = self.intervals.iter().map(|percent| percent / 100.0).collect();
        Ok(ValueQuestions { intervals, over: self.over.clone() })
    }

    fn valuation(&self) -> Result<Valuation> {
        if !(self.margin > 0.0 && self.margin <= 1.0) {
            return Err(Error::Usage(format!("the margin is {}; give a fraction like 0.3 for 30%", self.margin)));
        }
        Ok(Valuation { margin: self.margin, discount: DiscountRate::annual(self.discount)? })
    }

    /// Answers for every customer, and for all of them; the evidence of the fit of the timing model, if there is any, makes the
    /// intervals of the totals wider.
    pub(super) fn predict<'a>(
        &self,
        predictor: &Predictor,
        fit: Option<&FitRecord>,
        summary: &'a Summary,
    ) -> Result<Predicted<'a>> {
        let horizons = parse_horizons(&self.horizons)?;
        let forecast = predictor.forecast(summary, &horizons, &self.valuation()?)?;
        let most_valuable = most_valuable(summary, &forecast);
        let questions = self.questions()?;
        let asked = !(questions.intervals.is_empty() && questions.over.is_empty());
        let answer = |horizon: &Horizon| {
            let ends = asked && !horizon.is_forever();
            ends.then(|| predictor.values(summary, horizon, self.margin, &questions)).transpose()
        };
        let values: Vec<Option<ValueAnswers>> = horizons.iter().map(answer).collect::<Result<_>>()?;
        if (asked || self.counts.is_some()) && horizons.iter().all(Horizon::is_forever) {
            return Err(Error::Usage(
                "--intervals, --over and --counts take a horizon that ends, besides forever".to_owned(),
            ));
        }
        let count = |horizon: &Horizon| match self.counts.filter(|_| !horizon.is_forever()) {
            Some(most) => predictor.count_probabilities(summary, horizon, most),
            None => Ok(Vec::new()),
        };
        let counts: Vec<Vec<Vec<f64>>> = horizons.iter().map(count).collect::<Result<_>>()?;
        let covariance = fit.and_then(FitRecord::covariance);
        let total = |horizon: &Horizon| {
            let asked = !questions.intervals.is_empty() && !horizon.is_forever();
            asked.then(|| predictor.total_purchases(summary, horizon, covariance.as_ref())).transpose()
        };
        let totals: Vec<Option<TotalPurchases>> = horizons.iter().map(total).collect::<Result<_>>()?;
        Ok(Predicted { summary, forecast, questions, values, counts, totals, sort: self.sort, most_valuable })
    }
}

/// A share in per cent, without the rounding of the division that made it.
fn per_cent(share: f64) -> f64 {
    (share * 1e8).round() / 1e6
}

/// By value over the last horizon, or purchases where there is no spend model.
fn most_valuable(summary: &Summary, forecast: &Forecast) -> Vec<usize> {
    let last = &forecast.horizons[forecast.horizons.len() - 1];
    let worth = last.clv.as_ref().unwrap_or(&last.purchases);
    let mut order = summary.customers.ascending();
    order.sort_by(|&i, &j| worth[j].total_cmp(&worth[i]));
    order
}

/// More numbers of purchases than anybody reads.
const MOST_COUNTS: u32 = 1000;

/// Customers shown on the terminal.
const TOP: usize = 10;

impl Predicted<'_> {
    /// One row per customer with everything that is known of the future.
    pub(super) fn table(&self) -> Table<'_> {
        let mut table = history_columns(self.summary);
        table.push("p_alive", TableColumn::Real(&self.forecast.p_alive));
        if let Some(spend) = &self.forecast.expected_spend {
            table.push("expected_spend", TableColumn::Real(spend));
        }
        let answers = self.values.iter().zip(&self.counts);
        for (horizon, (values, counts)) in self.forecast.horizons.iter().zip(answers) {
            let label = &horizon.label;
            let purchases = if horizon.length.is_infinite() { "dert".to_owned() } else { format!("purchases_{label}") };
            table.push(purchases, TableColumn::Real(&horizon.purchases));
            if let Some(clv) = &horizon.clv {
                table.push(format!("clv_{label}"), TableColumn::Real(clv));
            }
            for (n, probability) in counts.iter().enumerate() {
                table.push(format!("p_{n}_{label}"), TableColumn::Real(probability));
            }
            let Some(values) = values else { continue };
            for (share, (low, high)) in self.questions.intervals.iter().zip(&values.intervals) {
                let percent = per_cent(*share);
                table.push(format!("value_{label}_lo{percent}"), TableColumn::Real(low));
                table.push(format!("value_{label}_hi{percent}"), TableColumn::Real(high));
            }
            for (amount, probability) in self.questions.over.iter().zip(&values.over) {
                table.push(format!("p_value_{label}_over_{amount}"), TableColumn::Real(probability));
            }
        }
        table.order = match self.sort {
            Sort::Value => Some(self.most_valuable.clone()),
            Sort::Customer => Some(self.summary.customers.ascending()),
        };
        table
    }

    /// Totals per horizon and the ten most valuable customers, in words.
    pub(super) fn describe(&self, console: &mut Console) -> Result<()> {
        let valued = self.forecast.expected_spend.is_some();
        let value = if valued { "value" } else { "" };
        console.say("")?;
        console.say(format!("{:<12} {:<12} {:>16} {:>16}", "Horizon", "ends", "purchases", value).trim_end())?;
        for horizon in &self.forecast.horizons {
            let clv = horizon.clv.as_ref().map(|clv| number(clv.iter().sum(), 2)).unwrap_or_default();
            let purchases = number(horizon.purchases.iter().sum(), 1);
            let forever = horizon.length.is_infinite();
            let end = if forever { "(discounted)".to_owned() } else { horizon.end.to_string() };
            let line = format!("{:<12} {end:<12} {purchases:>16} {clv:>16}", horizon.label);
            console.say(line.trim_end())?;
        }

        self.describe_totals(console)?;

        let last = &self.forecast.horizons[self.forecast.horizons.len() - 1];
        let what = if valued { "most valuable" } else { "most active" };
        console.say(format!("\nThe {} {what} customers over {}", TOP.min(self.summary.len()), last.label))?;
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

    /// Intervals of all customers' purchases.
    fn describe_totals(&self, console: &mut Console) -> Result<()> {
        let known =
            || self.forecast.horizons.iter().zip(&self.totals).filter_map(|(h, total)| Some((h, total.as_ref()?)));
        for (horizon, total) in known() {
            for share in &self.questions.intervals {
                let (low, high) = total.interval(*share);
                let (low, high) = (number(low, 1), number(high, 1));
                console.say(format!("{:<12} purchases with {}%: {low} to {high}", horizon.label, per_cent(*share)))?;
            }
        }
        let given = known().any(|(_, total)| total.estimate.is_none());
        if given {
            console.say("  given the parameters: their own uncertainty is not known, and not in these intervals")?;
        }
        Ok(())
    }

    /// The same for machines.
    pub(super) fn json(&self) -> Value {
        let totals: Vec<Value> = self
            .forecast
            .horizons
            .iter()
            .zip(&self.totals)
            .map(|(horizon, total)| {
                json!({
                    "purchases_sd": total.as_ref().map(|total| json!({ "chance": total.chance, "estimate": total.estimate })),
                    "horizon": horizon.label,
                    "end": Some(horizon.end).filter(|_| horizon.length.is_finite()),
                    "length": Some(horizon.length).filter(|length| length.is_finite()),
                    "purchases": horizon.purchases.iter().sum::<f64>(),
                    "clv": horizon.clv.as_ref().map(|clv| clv.iter().sum::<f64>()),
                })
            })
            .collect();
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
        json!({ "totals": totals, "top": top })
    }
}
