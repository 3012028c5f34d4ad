//! A forecast that has learned from its own past: the model's expectation and the customer's last period, by two weights.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::experiment::{Earlier, Recent};
use super::past_forecasts::{PastForecast, PastTotal};
use super::predictive::some_rows;
use super::quantity::Quantity;
use super::widths::{Misses, Widths};
use crate::error::Result;
use crate::fit::{FitOptions, FitRecord};
use crate::message::{Message, say};
use crate::models::{GammaGamma, TimingKind};
use crate::predict::{Horizon, PerCustomer, Predictor};
use crate::summary::{Day, Summary, Window};

/// A model whose expectations were held against what then came, on earlier days.
///
/// With `e` what the model, fitted to the orders until such a day, expected of a customer in a period that follows it, `p` the customer's
/// repeat purchases in a period of equal length before that day, and `y` what came,
///
/// ```text
/// min Σ (y - v e - w p)²,   v, w ≥ 0
/// ```
///
/// over the customers known on each of the days; but no customer is to decide alone. While the leverage `tr (XᵀX)⁻¹ X_cᵀX_c` of one,
/// whose rows are `X_c`, is above 0.2, a tenth of all (of few customers, ten times the mean, `20/n`), the one of the greatest is left out:
/// Belsley, Kuh & Welsch (1980), Regression Diagnostics. The forecast made on the split mixes what the model expects of the holdout, and
/// what came in a period of equal length before the split, by the same weights. Combining forecasts by least squares: Granger &
/// Ramanathan (1984), Journal of Forecasting 3(2), 197-204.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// The model.
    pub model: TimingKind,
    /// The earlier forecasts, the latest first.
    pub past: Vec<PastForecast>,
    /// Customers known on one of them or more.
    pub customers: u64,
    /// Weights of purchases.
    pub purchases: Weights,
    /// Weights of value; none without a spend model, on every earlier day or on the split.
    pub value: Option<Weights>,
    /// How much wider intervals of single customers must be than the model says.
    pub widths: Widths,
}

/// What two forecasts weigh in a third.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Of what the model expects.
    pub model: Weight,
    /// Of the customer's last period.
    pub last_period: Weight,
    /// Customers who were left out, because one of them would have decided alone.
    #[serde(default)]
    pub left_out: usize,
}

/// A weight that is not negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weight {
    /// Its estimate.
    pub estimate: f64,
    /// Its standard error, whatever the spread of each customer and however alike the same customer is from one day to the next: the
    /// square root of the diagonal of `(XᵀX)⁻¹ (Σ s sᵀ) (XᵀX)⁻¹` with `s = Σ x (y - xᵀw)` over a customer's rows, Liang & Zeger (1986),
    /// which with one row each is White (1980); none at 0, the end of its range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_error: Option<f64>,
}

/// The greatest leverage of a customer: a tenth of all that there is, which is 2, for two weights.
const MOST_LEVERAGE: f64 = 0.2;

/// So many times the mean leverage, `2/n`, is not much, where customers are few.
const TIMES_MEAN_LEVERAGE: f64 = 10.0;

/// Seed of the lot by which customers are chosen for the width of intervals of value.
const LOT: u64 = 1;

/// With fewer customers who came back, an earlier day teaches nothing.
const FEWEST: usize = 10;

impl Calibration {
    /// The weights that earlier days teach; or why there are none, in words.
    pub(super) fn learn(
        earlier: &[Earlier],
        model: TimingKind,
        with_spend: bool,
        options: &FitOptions,
    ) -> std::result::Result<Self, Message> {
        let mut why = None;
        let (mut purchases, mut value) = (Rows::default(), Rows::default());
        let mut past = Vec::new();
        let mut all_misses = [Misses::default(), Misses::default()];
        let mut customers = Clusters::default();
        for earlier in earlier {
            match earlier.taught(model, with_spend, options) {
                Ok(Taught { purchases: of_purchases, value: of_value, misses }) => {
                    for (all, more) in all_misses.iter_mut().zip(misses) {
                        all.extend(more);
                    }
                    let who = customers.of(&earlier.summary);
                    past.push(PastForecast {
                        day: earlier.summary.observation.end,
                        until: earlier.until,
                        purchases: of_purchases.totals(),
                        value: of_value.as_ref().map(Rows::totals),
                    });
                    purchases.extend(of_purchases, &who);
                    value.extend(of_value.unwrap_or_default(), &who);
                }
                Err(message) => why = why.or(Some(message)),
            }
        }
        if past.is_empty() {
            return Err(why.unwrap_or_else(|| "too little was observed before the split".into()));
        }
        let [of_purchases, of_value] = all_misses;
        Ok(Self {
            model,
            past,
            customers: purchases.clusters() as u64,
            purchases: Weights::of(purchases),
            widths: Widths {
                purchases: of_purchases.width(),
                value: (!value.came.is_empty()).then(|| of_value.width()),
            },
            value: (!value.came.is_empty()).then(|| Weights::of(value)),
        })
    }

    /// The days it learned on, in words: "on 1997-05-17", "on 3 days from 2006-09-30 to 2007-03-31".
    pub fn days_in_words(&self) -> String {
        match &*self.past {
            [PastForecast { day, .. }] => format!("on {day}"),
            [last, .., first] => format!("on {} days from {} to {}", self.past.len(), first.day, last.day),
            [] => "on no day".to_owned(),
        }
    }

    /// The weights of a quantity.
    pub fn weights(&self, of: Quantity) -> Option<Weights> {
        match of {
            Quantity::Purchases => Some(self.purchases),
            Quantity::Value => self.value,
        }
    }

    /// What it makes of both forecasts.
    pub(super) fn mixed(&self, of: Quantity, model: &[f64], last_period: &[f64]) -> Option<Vec<f64>> {
        let weights = self.weights(of)?;
        let mix = |(e, p): (&f64, &f64)| weights.model.estimate * e + weights.last_period.estimate * p;
        Some(model.iter().zip(last_period).map(mix).collect())
    }
}

/// What an earlier day teaches.
struct Taught {
    purchases: Rows,
    value: Option<Rows>,
    misses: [Misses; 2],
}

/// What was expected of customers in two ways, and what came; a customer has a row for each day.
#[derive(Clone, Debug, Default)]
struct Rows {
    model: Vec<f64>,
    last_period: Vec<f64>,
    came: Vec<f64>,
    /// Number of the customer.
    customer: Vec<usize>,
}

impl Rows {
    fn new(model: Vec<f64>, last_period: Vec<f64>, came: Vec<f64>) -> Self {
        Self { model, last_period, came, customer: Vec::new() }
    }

    /// What was expected of all by the model, and what came.
    fn totals(&self) -> PastTotal {
        PastTotal::new(&self.model, &self.came)
    }

    fn extend(&mut self, more: Self, customers: &[usize]) {
        self.customer.extend(&customers[..more.came.len()]);
        self.model.extend(more.model);
        self.last_period.extend(more.last_period);
        self.came.extend(more.came);
    }

    /// `XᵀX` of each customer: squares of both columns, and their product.
    fn products(&self) -> Vec<[f64; 3]> {
        let mut products = vec![[0.0; 3]; self.clusters()];
        for (i, customer) in self.customer.iter().enumerate() {
            let (e, p) = (self.model[i], self.last_period[i]);
            let of = &mut products[*customer];
            *of = [of[0] + e * e, of[1] + p * p, of[2] + e * p];
        }
        products
    }

    /// Customers who would decide alone, whose rows are taken out; and how many.
    fn without_influential(mut self) -> (Self, usize) {
        let mut products = self.products();
        let limit = MOST_LEVERAGE.max(TIMES_MEAN_LEVERAGE * 2.0 / products.len().max(1) as f64);
        let mut left_out = vec![false; products.len()];
        while let Some(customer) = greatest_leverage(&products, limit) {
            products[customer] = [0.0; 3];
            left_out[customer] = true;
        }
        let count = left_out.iter().filter(|out| **out).count();
        if count > 0 {
            let stays: Vec<bool> = self.customer.iter().map(|&customer| !left_out[customer]).collect();
            for column in [&mut self.model, &mut self.last_period, &mut self.came] {
                let mut stays = stays.iter();
                column.retain(|_| *stays.next().unwrap_or(&false));
            }
            self.customer.retain(|&customer| !left_out[customer]);
        }
        (self, count)
    }

    /// How many customers there are.
    fn clusters(&self) -> usize {
        self.customer.iter().max().map_or(0, |last| last + 1)
    }
}

/// The customer of the greatest leverage, if it is above the limit.
fn greatest_leverage(products: &[[f64; 3]], limit: f64) -> Option<usize> {
    let all = products.iter().fold([0.0; 3], |sum, of| [0, 1, 2].map(|i| sum[i] + of[i]));
    let leverage = |[e, p, cross]: &[f64; 3]| match determinant(all) {
        Some(determinant) => (all[1] * e - 2.0 * all[2] * cross + all[0] * p) / determinant,
        None => e / all[0],
    };
    let (customer, greatest) = products.iter().map(leverage).enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
    (greatest > limit).then_some(customer)
}

/// The determinant of a matrix of two squares and their product; none if one column says what the other does.
fn determinant([first, second, cross]: [f64; 3]) -> Option<f64> {
    let determinant = first * second - cross * cross;
    (determinant > 1e-12 * first * second).then_some(determinant)
}

/// Numbers of customers, the same on each day.
#[derive(Default)]
struct Clusters(HashMap<String, usize>);

impl Clusters {
    /// Those of the rows of a summary.
    fn of(&mut self, summary: &Summary) -> Vec<usize> {
        let number = |row| {
            let next = self.0.len();
            *self.0.entry(summary.customers.text(row).into_owned()).or_insert(next)
        };
        (0..summary.len()).map(number).collect()
    }
}

impl Earlier {
    /// What the model expected on this day, of purchases and of value, beside the last period and what came; or why it teaches nothing.
    fn taught(
        &self,
        model: TimingKind,
        with_spend: bool,
        options: &FitOptions,
    ) -> std::result::Result<Taught, Message> {
        let Self { summary, until, later, recent } = self;
        let day = summary.observation.end;
        let came_back = later.purchases.iter().filter(|&&purchases| purchases > 0).count();
        if came_back < FEWEST {
            let who = if came_back == 1 { "one".to_owned() } else { came_back.to_string() };
            return Err(say![
                "of the customers known on {day}, {who} came back until {until}, and fewer than {FEWEST} teach nothing"
            ]);
        }
        let Expected { purchases, value, misses } = expected(summary, *until, later, model, with_spend, options)
            .map_err(|error| say!["on {day}: ", error.message()])?;
        let last = recent.expected();
        let value = value.map(|value| Rows::new(value, last.value, later.value.clone()));
        Ok(Taught { purchases: Rows::new(purchases, last.purchases, counts(later)), value, misses })
    }
}

fn counts(window: &Window) -> Vec<f64> {
    window.purchases.iter().map(|&n| f64::from(n)).collect()
}

/// What was expected of each customer, and how far what came lies from it, of purchases and of value.
struct Expected {
    purchases: Vec<f64>,
    value: Option<Vec<f64>>,
    misses: [Misses; 2],
}

/// What the models, fitted to a summary, expect of its customers up to a day, of purchases and of value, and how far what came lies from it.
fn expected(
    summary: &Summary,
    until: Day,
    later: &Window,
    model: TimingKind,
    with_spend: bool,
    options: &FitOptions,
) -> Result<Expected> {
    let (timing, _) = model.fit(&summary.counted_histories(), options)?;
    let spend = with_spend.then(|| FitRecord::fit::<GammaGamma, 3>(&summary.counted_spend(), options).ok()).flatten();
    let spend = spend.map(|(spend, _)| spend).filter(|spend| spend.expected_spend(0, 0.0).is_ok());
    let observation = &summary.observation;
    let (unit, grain, currency) = (observation.unit, observation.grain, summary.currency);
    let predictor = Predictor { timing, spend, unit, grain, currency, effects: None };
    let horizon = Horizon::until(until);
    let outlook = predictor.outlook(summary)?;
    let customers = outlook.everybody();
    let columns = outlook.undiscounted(&customers, &horizon, &PerCustomer::All(1.0))?;
    let of_purchases = Misses::of_purchases(&customers, &horizon, &columns.purchases, &later.purchases)?;
    let of_value = match &columns.clv {
        Some(clv) => Misses::of_value(&customers, &some_rows(summary.len(), LOT), &horizon, clv, later)?,
        None => Misses::default(),
    };
    Ok(Expected { purchases: columns.purchases, value: columns.clv, misses: [of_purchases, of_value] })
}

impl Weights {
    /// What is taken of the expectation of a model with this title, and of the last period: "84% of what BG/NBD expects and 30% of the
    /// customer's last period".
    pub fn in_words(&self, title: &str) -> String {
        let part = |weight: Weight, of: &str| match weight.estimate {
            0.0 => format!("nothing of {of}"),
            estimate => format!("{:.0}% of {of}", 100.0 * estimate),
        };
        let model = part(self.model, &format!("what {title} expects"));
        format!("{model} and {}", part(self.last_period, "the customer's last period"))
    }

    /// The least squares of what came on two columns, without a constant and without negative weights.
    fn of(rows: Rows) -> Self {
        let (rows, left_out) = rows.without_influential();
        let columns = [&*rows.model, &*rows.last_period];
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let squares = columns.map(|column| product(column, column));
        let (cross, products) = (product(columns[0], columns[1]), columns.map(|column| product(column, &rows.came)));
        if let Some(determinant) = determinant([squares[0], squares[1], cross]) {
            let inverse = [[squares[1], -cross], [-cross, squares[0]]].map(|row| row.map(|cell| cell / determinant));
            let both = inverse.map(|row| row[0] * products[0] + row[1] * products[1]);
            if both.iter().all(|weight| *weight > 0.0) {
                let [model, last_period] = with_errors(&rows, both, inverse);
                return Self { model, last_period, left_out };
            }
        }
        // One alone, or the other: what takes more off the squares.
        let alone = [0, 1].map(|i| if squares[i] > 0.0 { (products[i] / squares[i]).max(0.0) } else { 0.0 });
        let taken = [0, 1].map(|i| alone[i] * alone[i] * squares[i]);
        let better = usize::from(taken[1] > taken[0]);
        let mut weights = [Weight::default(); 2];
        if alone[better] > 0.0 {
            let (mut estimates, mut inverse) = ([0.0; 2], [[0.0; 2]; 2]);
            (estimates[better], inverse[better][better]) = (alone[better], 1.0 / squares[better]);
            weights[better] = with_errors(&rows, estimates, inverse)[better];
        }
        let [model, last_period] = weights;
        Self { model, last_period, left_out }
    }
}

/// Weights with standard errors, from `(XᵀX)⁻¹`.
fn with_errors(rows: &Rows, weights: [f64; 2], inverse: [[f64; 2]; 2]) -> [Weight; 2] {
    let mut scores = vec![[0.0; 2]; rows.clusters()];
    for (i, customer) in rows.customer.iter().enumerate() {
        let x = [rows.model[i], rows.last_period[i]];
        let off = rows.came[i] - weights[0] * x[0] - weights[1] * x[1];
        for (score, row) in scores[*customer].iter_mut().zip(inverse) {
            *score += (row[0] * x[0] + row[1] * x[1]) * off;
        }
    }
    let variance = |i: usize| scores.iter().map(|score| score[i] * score[i]).sum::<f64>();
    [0, 1].map(|i| Weight { estimate: weights[i], standard_error: Some(variance(i).sqrt()) })
}

impl Recent {
    /// As many again in a period as long as what is to be foreseen.
    pub(super) fn expected(&self) -> super::baselines::Expectations {
        let Self { repeats, scale, .. } = self;
        super::baselines::Expectations {
            purchases: repeats.purchases.iter().map(|&n| scale * f64::from(n)).collect(),
            value: repeats.value.iter().map(|value| scale * value).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Weights of these columns, a customer a row.
    fn weights(model: &[f64], last_period: &[f64], came: &[f64]) -> Weights {
        let customer = (0..came.len()).collect();
        let [model, last_period, came] = [model, last_period, came].map(<[f64]>::to_vec);
        Weights::of(Rows { model, last_period, came, customer })
    }

    #[test]
    fn weights_are_least_squares() {
        // Worked by hand: XᵀX = [[6, 2], [2, 5]], Xᵀy = (8, 9); the inverse is [[5, -2], [-2, 6]]/26, the weights 22/26 and 38/26.
        let (e, p, y) = ([1.0, 2.0, 1.0, 0.0], [0.0, 1.0, 0.0, 2.0], [0.0, 3.0, 2.0, 3.0]);
        let Weights { model, last_period, .. } = weights(&e, &p, &y);
        assert!((model.estimate - 22.0 / 26.0).abs() < 1e-15, "{model:?}");
        assert!((last_period.estimate - 38.0 / 26.0).abs() < 1e-15, "{last_period:?}");
        // Off by -22/26, -4/26, 30/26, 2/26; rows of the inverse times x: 5, 8, 5, -4 and -2, 2, -2, 12, of 26.
        let error = |rows: [f64; 4]| {
            let off = [-22.0, -4.0, 30.0, 2.0];
            rows.iter().zip(off).map(|(row, off)| (row * off / 676.0).powi(2)).sum::<f64>().sqrt()
        };
        assert!((model.standard_error.unwrap() - error([5.0, 8.0, 5.0, -4.0])).abs() < 1e-15);
        assert!((last_period.standard_error.unwrap() - error([-2.0, 2.0, -2.0, 12.0])).abs() < 1e-15);
    }

    #[test]
    fn a_customer_of_two_days_is_one() {
        // As above, and the last two rows are one customer's: their off times rows of the inverse add up before they are squared.
        let (model, last_period, came) = (vec![1.0, 2.0, 1.0, 0.0], vec![0.0, 1.0, 0.0, 2.0], vec![0.0, 3.0, 2.0, 3.0]);
        let Weights { model, last_period, .. } =
            Weights::of(Rows { model, last_period, came, customer: vec![0, 1, 2, 2] });
        let error = |scores: [f64; 3]| scores.map(|score: f64| (score / 676.0).powi(2)).iter().sum::<f64>().sqrt();
        assert!((model.standard_error.unwrap() - error([-110.0, -32.0, 150.0 - 8.0])).abs() < 1e-15);
        assert!((last_period.standard_error.unwrap() - error([44.0, -8.0, -60.0 + 24.0])).abs() < 1e-15);
        // What comes twice is not known better.
        let once = weights(&[1.0, 2.0, 3.0], &[0.0, 1.0, 0.0], &[1.0, 3.0, 2.0]);
        let twice = Weights::of(Rows {
            model: [1.0, 2.0, 3.0].repeat(2),
            last_period: [0.0, 1.0, 0.0].repeat(2),
            came: [1.0, 3.0, 2.0].repeat(2),
            customer: [0, 1, 2].repeat(2),
        });
        for (once, twice) in [(once.model, twice.model), (once.last_period, twice.last_period)] {
            assert!((once.estimate - twice.estimate).abs() < 1e-15);
            assert!((once.standard_error.unwrap() - twice.standard_error.unwrap()).abs() < 1e-15);
        }
    }

    #[test]
    fn nobody_decides_alone() {
        // Of 300 customers what comes is half of what is expected, of one who is expected to make 1,000 purchases, all of it: his
        // leverage is near 1. Another, at 3, is nothing special.
        let mut model: Vec<f64> = (0..300).map(|i| 1.0 + f64::from(i % 3)).collect();
        let mut last_period: Vec<f64> = (0..300).map(|i| f64::from(i % 2)).collect();
        let mut came: Vec<f64> = model.iter().map(|e| 0.5 * e).collect();
        for (column, number) in [(&mut model, 1000.0), (&mut last_period, 0.0), (&mut came, 1000.0)] {
            column.push(number);
        }
        let Weights { model, last_period, left_out } = weights(&model, &last_period, &came);
        assert_eq!(left_out, 1);
        assert!((model.estimate - 0.5).abs() < 1e-14 && last_period.estimate < 1e-14, "{model:?} {last_period:?}");
    }

    #[test]
    fn no_weight_is_negative() {
        // The last period only takes away from what the model expects.
        let falling = weights(&[1.0, 2.0, 3.0], &[0.0, 0.0, 2.0], &[1.0, 2.0, 1.0]);
        assert_eq!(falling.last_period, Weight::default());
        assert!((falling.model.estimate - 8.0 / 14.0).abs() < 1e-15);
        // Nothing came, nothing is known of the last period, and the two are the same.
        let nothing = weights(&[1.0, 2.0], &[0.0, 1.0], &[0.0, 0.0]);
        assert_eq!(nothing, Weights { model: Weight::default(), last_period: Weight::default(), left_out: 0 });
        let same = weights(&[1.0, 2.0], &[2.0, 4.0], &[1.0, 2.0]);
        assert_eq!((same.model.estimate, same.last_period.estimate), (1.0, 0.0));
        let silent = weights(&[1.0, 2.0], &[0.0, 0.0], &[2.0, 4.0]);
        assert_eq!((silent.model.estimate, silent.last_period.estimate), (2.0, 0.0));
    }
}
