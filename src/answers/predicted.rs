//! Predictions of every customer, part by part: as tables and as what is told of all of them.

use serde::{Deserialize, Serialize};

use crate::columns::{
    CLV, CLV_CALIBRATED, Column, DERT, DET, EXPECTED_SPEND, HIGH_CALIBRATED, HISTORICAL_VALUE, LATER_DERT,
    LIFETIME_VALUE, LOW_CALIBRATED, NEXT, P_ALIVE, P_ALIVE_AT, P_COUNT, P_NEXT, P_PURCHASE, P_VALUE_OVER, PURCHASES,
    PURCHASES_CALIBRATED, PURCHASES_HIGH, PURCHASES_LOW, PURCHASES_MEDIAN, STANDARD_ERROR, VALUE_HIGH, VALUE_LOW,
    VALUE_MEDIAN,
};
use crate::error::Result;
use crate::evaluate::{CalibratedHorizon, Evaluation, Quantity, widened_count, widened_value};
use crate::parallel::in_parallel;
use crate::predict::{
    Chances, Customers, Forecast, Horizon, HorizonChances, HorizonColumns, HorizonErrors, HorizonOutlook, Modelled,
    NextPurchase, Outlook, ParameterUncertainty, PerCustomer, Predictor, StandardErrors, TotalErrors, Totals,
    Valuation, ValueAnswers, ValueQuestions,
};
use crate::summary::Summary;
use crate::summary_file::history_columns;
use crate::tables::{PART_ROWS, Table, TableColumn};

/// Order of the customers in a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// By customer id.
    #[default]
    Customer,
    /// Most valuable over the last horizon first.
    Value,
    /// As in the summary.
    #[cfg_attr(feature = "cli", value(skip))]
    Summary,
}

/// What is asked of a summary's customers, and what was answered of all of them together.
#[derive(Debug)]
#[non_exhaustive]
pub struct Predicted<'a> {
    /// The customers.
    pub summary: &'a Summary,
    /// The models.
    pub predictor: Predictor,
    /// What they have before them.
    pub outlook: Outlook<'a>,
    /// Expectations, one entry a horizon.
    pub(super) ahead: Vec<HorizonOutlook>,
    /// Chances, likewise.
    pub(super) chances: Vec<HorizonChances>,
    /// If standard errors are asked for.
    pub uncertainty: Option<&'a ParameterUncertainty<'a>>,
    /// What a purchase is worth.
    pub valuation: Valuation,
    /// Parameters drawn for the distribution of value.
    pub draws: Vec<Predictor>,
    /// How far.
    pub horizons: Vec<Horizon>,
    /// Intervals, and chances of values.
    pub questions: ValueQuestions,
    /// Whether there are any of values.
    pub asks_of_values: bool,
    /// Whether medians are told.
    pub median: bool,
    /// Most purchases whose chance is told.
    pub counts: Option<u32>,
    /// Per cents by which the next purchase has come, and the shares that they are.
    pub next_percents: Vec<f64>,
    /// Shares by which the next purchase has come: the per cents over 100.
    pub next_shares: Vec<f64>,
    /// One entry a horizon.
    pub totals: Vec<Option<Totals>>,
    /// Column of the groups, and their names.
    pub by: Option<String>,
    /// Names of the groups.
    pub groups: Vec<String>,
    /// Intervals of totals, as shares.
    pub total_shares: Vec<f64>,
    /// How far off totals may be, as earlier ones were.
    pub errors: ErrorsOfTotals,
    /// Horizons calibrated, where that is asked and something was learned; one entry a horizon, or none at all.
    pub calibrated: Vec<Option<CalibratedHorizon>>,
    /// An amount that the total value may exceed.
    pub target: Option<f64>,
    /// Order of the customers.
    pub sort: Sort,
}

/// How far off totals may be, as those of earlier forecasts were; none of what is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ErrorsOfTotals {
    /// Of purchases.
    pub purchases: Option<TotalErrors>,
    /// Of their value.
    pub value: Option<TotalErrors>,
}

impl ErrorsOfTotals {
    /// Those that a test of the model shows, of all customers; a group is at least as far off.
    pub fn of(evaluation: &Evaluation) -> Self {
        let of = |what| evaluation.errors_of_totals(what);
        Self { purchases: of(Quantity::Purchases), value: of(Quantity::Value) }
    }
}

/// Everything about some of the customers.
#[derive(Debug)]
#[non_exhaustive]
pub struct Part {
    summary: Summary,
    /// Expectations.
    pub forecast: Forecast,
    standard_errors: Option<StandardErrors>,
    /// One entry a horizon.
    pub answers: Vec<HorizonAnswers>,
    next: Option<NextPurchase>,
}

/// Lower and upper ends of an interval, customer by customer.
type Ends = (Vec<f64>, Vec<f64>);

/// What is told of one horizon besides expectations, where it was asked and can be.
#[derive(Debug)]
#[non_exhaustive]
pub struct HorizonAnswers {
    /// Of any purchase, and of being alive at the end.
    pub chances: Chances,
    /// By number of purchases.
    counts: Vec<Vec<f64>>,
    /// Ends of each interval of the number of purchases.
    count_intervals: Vec<Ends>,
    values: Option<ValueAnswers>,
    /// Of purchases, and of value.
    medians: [Option<Vec<f64>>; 2],
    /// Ends of each interval, as wide as earlier days teach: of purchases, and of value.
    widened: [Vec<Ends>; 2],
    /// Purchases, and their value if it was learned.
    pub calibrated: Option<(Vec<f64>, Option<Vec<f64>>)>,
}

/// A share in per cent, without the rounding of the division that made it.
pub(crate) fn per_cent(share: f64) -> f64 {
    (share * 1e8).round() / 1e6
}

impl Predicted<'_> {
    /// With how far off totals may be.
    pub fn with_errors(self, errors: ErrorsOfTotals) -> Self {
        Self { errors, ..self }
    }

    /// With calibrated horizons, one entry a horizon.
    pub fn with_calibrated(self, calibrated: Vec<Option<CalibratedHorizon>>) -> Self {
        Self { calibrated, ..self }
    }

    /// Row numbers in the order of writing.
    ///
    /// # Errors
    /// As [`Customers::forecast`].
    pub fn order(&self) -> Result<Vec<usize>> {
        if self.sort == Sort::Summary {
            return Ok((0..self.summary.len()).collect());
        }
        let mut order = self.summary.customers.ascending();
        if self.sort == Sort::Value {
            let parts: Vec<&[usize]> = order.chunks(PART_ROWS).collect();
            let worth =
                in_parallel(parts.len(), |i| Ok(self.forecast(&self.outlook.customers(parts[i]))?.worth().to_vec()));
            let worth = worth.into_iter().collect::<Result<Vec<Vec<f64>>>>()?.concat();
            let mut ranked: Vec<(f64, usize)> = worth.into_iter().zip(order).collect();
            ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
            order = ranked.into_iter().map(|(_, row)| row).collect();
        }
        Ok(order)
    }

    /// What `each` makes of the answers, part by part on all cores, in order.
    ///
    /// # Errors
    /// Those of [`Predicted::part`], and of `each`.
    pub fn parts<R: Send>(&self, each: impl Fn(&Part) -> Result<R> + Sync) -> Result<Vec<R>> {
        let order = self.order()?;
        let parts: Vec<&[usize]> = order.chunks(PART_ROWS).collect();
        in_parallel(parts.len(), |i| each(&self.part(parts[i])?)).into_iter().collect()
    }

    /// The answers for the customers in these rows.
    ///
    /// # Errors
    /// [`crate::Error`] if a horizon does not suit the summary, or the model has no mean spend.
    pub fn part(&self, rows: &[usize]) -> Result<Part> {
        let customers = self.outlook.customers(rows);
        let drawn = self.draws.iter().map(|draw| customers.with_parameters(draw)).collect::<Result<Vec<_>>>()?;
        let forecast = self.forecast(&customers)?;
        let summary = self.summary.select(rows);
        let valuation = self.valuation.select(rows);
        let errors = |from: &ParameterUncertainty<'_>| {
            from.standard_errors(&self.predictor, &summary, &self.horizons, &valuation)
        };
        let standard_errors = self.uncertainty.map(errors).transpose()?;
        let answer = |(horizon, chances): (&Horizon, &HorizonChances)| {
            let chances = customers.chances(chances);
            let (mut counts, mut count_intervals, mut values) = (Vec::new(), Vec::new(), None);
            let mut medians = [None, None];
            if horizon.is_span() {
                let shares = &self.questions.intervals;
                count_intervals = customers.count_intervals(horizon, &drawn, shares)?;
                if self.median {
                    medians[0] = Some(customers.count_medians(horizon, &drawn)?);
                    let margin = &self.valuation.margin;
                    let values = || customers.value_medians(horizon, margin, &drawn);
                    medians[1] = customers.knows_spend().then(values).transpose()?;
                }
                if let Some(most) = self.counts {
                    counts = customers.count_probabilities(horizon, most)?;
                }
                if self.asks_of_values {
                    let margin = &self.valuation.margin;
                    values = Some(customers.values(horizon, margin, &drawn, &self.questions)?);
                }
            }
            Ok(HorizonAnswers {
                chances,
                counts,
                count_intervals,
                values,
                medians,
                calibrated: None,
                widened: Default::default(),
            })
        };
        let mut answers = self.horizons.iter().zip(&self.chances).map(answer).collect::<Result<Vec<_>>>()?;
        for (i, answers) in answers.iter_mut().enumerate() {
            answers.calibrated = self.calibrated(i, rows, &forecast.horizons[i]);
            answers.widened = self.widened(i, &forecast, answers, &valuation.margin);
        }
        let next = match &self.next_shares[..] {
            [] => None,
            shares => Some(customers.next_purchase(shares)?),
        };
        Ok(Part { summary, forecast, standard_errors, answers, next })
    }

    /// Purchases and value of the customers in these rows over a horizon, calibrated.
    fn calibrated(&self, i: usize, rows: &[usize], columns: &HorizonColumns) -> Option<(Vec<f64>, Option<Vec<f64>>)> {
        let calibrated = self.calibrated.get(i)?.as_ref()?;
        let of_time = self.valuation.discount.continuous(self.predictor.unit) * columns.length;
        let discounted = if of_time > 0.0 { -(-of_time).exp_m1() / of_time } else { 1.0 };
        let worth = |row: usize| discounted * self.valuation.margin.of(row);
        let value = columns.clv.as_ref().and_then(|clv| calibrated.value(rows, clv, worth));
        Some((calibrated.purchases(rows, &columns.purchases), value))
    }

    /// The ends of the intervals of purchases and of value, as wide as earlier days teach.
    fn widened(&self, i: usize, forecast: &Forecast, answers: &HorizonAnswers, margin: &PerCustomer) -> [Vec<Ends>; 2] {
        let Some(calibrated) = self.calibrated.get(i).and_then(Option::as_ref) else { return Default::default() };
        let (widths, purchases) = (&calibrated.learned.widths, &forecast.horizons[i].purchases);
        let counts = answers.count_intervals.iter().map(|ends| {
            let ends = ends.0.iter().zip(&ends.1).zip(purchases);
            ends.map(|((low, high), expected)| widened_count((*low, *high), *expected, widths.purchases)).unzip()
        });
        let values = match (&answers.values, &forecast.expected_spend, widths.value) {
            (Some(values), Some(spend), Some(width)) => {
                let expected = |row: usize| margin.of(row) * spend[row] * purchases[row];
                let ends = |(low, high): &Ends| {
                    let ends = low.iter().zip(high).enumerate();
                    ends.map(|(row, (low, high))| widened_value((*low, *high), expected(row), width)).unzip()
                };
                values.intervals.iter().map(ends).collect()
            }
            _ => Vec::new(),
        };
        [counts.collect(), values]
    }

    fn forecast(&self, customers: &Customers<'_, Modelled<'_>>) -> Result<Forecast> {
        customers.forecast(&self.ahead, &self.valuation)
    }

    /// Horizons with totals.
    pub fn totals(&self) -> impl Iterator<Item = (&Horizon, &Totals)> {
        self.horizons.iter().zip(&self.totals).filter_map(|(horizon, totals)| Some((horizon, totals.as_ref()?)))
    }
}

impl Part {
    /// One row per customer with everything that is known of the future.
    pub fn table<'t>(&'t self, question: &'t Predicted<'_>) -> Table<'t> {
        let mut table = history_columns(&self.summary);
        if let Some(attribute) = question.by.as_deref().and_then(|by| self.summary.attribute(by)) {
            table.push(&*attribute.name, TableColumn::Attribute(attribute));
        }
        let errors = self.standard_errors.as_ref();
        table.push_column(&P_ALIVE, &[], TableColumn::Real(&self.forecast.p_alive));
        table.push_known(&STANDARD_ERROR, &[P_ALIVE.name], errors.map(|errors| &errors.p_alive));
        table.push_known(&EXPECTED_SPEND, &[], self.forecast.expected_spend.as_ref());
        let of_spend = errors.and_then(|errors| errors.expected_spend.as_ref());
        table.push_known(&STANDARD_ERROR, &[EXPECTED_SPEND.name], of_spend);
        table.push_known(&HISTORICAL_VALUE, &[], self.forecast.historical_value.as_ref());
        if let Some(next) = &self.next {
            table.push_column(&P_NEXT, &[], TableColumn::Real(&next.p_ever));
            for (percent, days) in question.next_percents.iter().zip(&next.by) {
                table.push_column(&NEXT, &[&percent.to_string()], TableColumn::MaybeDay(days));
            }
        }
        for (i, (columns, answers)) in self.forecast.horizons.iter().zip(&self.answers).enumerate() {
            push_horizon(&mut table, &question.questions, columns, answers, errors.map(|errors| &errors.horizons[i]));
        }
        table
    }
}

fn push_horizon<'t>(
    table: &mut Table<'t>,
    questions: &ValueQuestions,
    columns: &'t HorizonColumns,
    answers: &'t HorizonAnswers,
    errors: Option<&'t HorizonErrors>,
) {
    let label = &*columns.horizon.label();
    let purchases = match columns.horizon.is_forever() {
        true if columns.horizon.is_all_of_the_future() => DERT,
        true => LATER_DERT,
        false => PURCHASES,
    };
    let mut push = |column: &Column, numbers, error| {
        table.push_known(column, &[label], numbers);
        table.push_known(&STANDARD_ERROR, &[&column.of(&[label])], error);
    };
    push(&purchases, Some(&columns.purchases), errors.map(|errors| &errors.purchases));
    push(&DET, columns.discounted.as_ref(), errors.and_then(|errors| errors.discounted.as_ref()));
    push(&P_PURCHASE, answers.chances.p_purchase.as_ref(), None);
    push(&P_ALIVE_AT, answers.chances.p_alive.as_ref(), None);
    push(&CLV, columns.clv.as_ref(), errors.and_then(|errors| errors.clv.as_ref()));
    push(&LIFETIME_VALUE, columns.lifetime_value.as_ref(), None);
    let [purchases, value] = &answers.medians;
    push(&PURCHASES_MEDIAN, purchases.as_ref(), None);
    push(&VALUE_MEDIAN, value.as_ref(), None);
    let calibrated = answers.calibrated.as_ref();
    push(&PURCHASES_CALIBRATED, calibrated.map(|(purchases, _)| purchases), None);
    push(&CLV_CALIBRATED, calibrated.and_then(|(_, value)| value.as_ref()), None);
    for (n, probability) in answers.counts.iter().enumerate() {
        table.push_column(&P_COUNT, &[&n.to_string(), label], TableColumn::Real(probability));
    }
    for (share, (low, high)) in questions.intervals.iter().zip(&answers.count_intervals) {
        let percent = &*per_cent(*share).to_string();
        table.push_column(&PURCHASES_LOW, &[label, percent], TableColumn::Real(low));
        table.push_column(&PURCHASES_HIGH, &[label, percent], TableColumn::Real(high));
    }
    for (of, widened) in ["purchases", "value"].into_iter().zip(&answers.widened) {
        for (share, (low, high)) in questions.intervals.iter().zip(widened) {
            let percent = &*per_cent(*share).to_string();
            table.push_column(&LOW_CALIBRATED, &[of, label, percent], TableColumn::Real(low));
            table.push_column(&HIGH_CALIBRATED, &[of, label, percent], TableColumn::Real(high));
        }
    }
    let Some(values) = &answers.values else { return };
    for (share, (low, high)) in questions.intervals.iter().zip(&values.intervals) {
        let percent = &*per_cent(*share).to_string();
        table.push_column(&VALUE_LOW, &[label, percent], TableColumn::Real(low));
        table.push_column(&VALUE_HIGH, &[label, percent], TableColumn::Real(high));
    }
    for (amount, probability) in questions.over.iter().zip(&values.over) {
        table.push_column(&P_VALUE_OVER, &[label, &amount.to_string()], TableColumn::Real(probability));
    }
}
