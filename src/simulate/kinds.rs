//! What simulated customers are like, and by how much their models differ for it.

use rand::{Rng, RngExt};

use crate::covariates::{Coding, Covariate, Effects, FIRST_FACTS, LOG_FREQUENCY, UnknownLevels, Values};
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::models::{GammaGamma, Likelihood, TimingKind, TimingModel};
use crate::predict::{CustomerEffects, Predictor};
use crate::summary::{Attribute, Day, Observation, PurchaseColumns, Summary};

/// Where the kinds of simulated customers come from.
#[derive(Clone, Copy, Debug, Default)]
pub struct CustomerKinds<'a> {
    /// Columns of customers of whom one is drawn for each that is simulated; covariates without a column are drawn each by itself, their
    /// levels as often as in the fit.
    pub columns: &'a [Attribute],
    /// What becomes of levels that the fit did not know.
    pub unknown_levels: UnknownLevels,
}

/// What customers are like, one choice independent of the others.
pub(super) struct Kinds {
    parts: Vec<Part>,
    /// What follows from the day of the first purchase: of each of these days the factors.
    by_day: Vec<(Day, Factors)>,
    /// The coefficient of the logarithm of the frequency in spend, and from where it counts.
    by_frequency: Option<(f64, f64)>,
    parameters: usize,
}

/// Something that is drawn.
struct Part {
    names: Vec<String>,
    /// Customers up to each choice.
    up_to: Vec<f64>,
    choices: Vec<(Vec<Option<String>>, Factors)>,
}

/// By what the parameters of the timing model, and `gamma`, are multiplied.
#[derive(Clone, Debug)]
pub(super) struct Factors {
    timing: Vec<f64>,
    gamma: f64,
}

impl Factors {
    fn none(parameters: usize) -> Self {
        Self { timing: vec![1.0; parameters], gamma: 1.0 }
    }

    /// A timing model with the parameters of a customer.
    pub(super) fn timing_model(&self, base: &TimingModel) -> Result<TimingModel> {
        let values: Vec<f64> = base.values().iter().zip(&self.timing).map(|(value, factor)| value * factor).collect();
        base.kind().with_parameters(&values)
    }

    fn times(&mut self, other: &Self) {
        self.timing.iter_mut().zip(&other.timing).for_each(|(factor, other)| *factor *= other);
        self.gamma *= other.gamma;
    }
}

impl Kinds {
    /// Of a model with covariates, of customers who join on these days.
    pub(super) fn new(
        predictor: &Predictor,
        from: CustomerKinds<'_>,
        start: &Observation,
        last_joining: Day,
    ) -> Result<Self> {
        let unknown = from.unknown_levels;
        let nobody = CustomerEffects::default();
        let effects = predictor.effects.as_deref().unwrap_or(&nobody);
        let kind = predictor.timing.kind();
        let parameters = kind.parameters().len();
        let mut kinds = Self { parts: Vec::new(), by_day: Vec::new(), by_frequency: None, parameters };
        let names = predictor.covariates();
        let in_table = |name: &String| from.columns.iter().any(|column| column.name == *name);
        let of_table: Vec<String> = names.iter().filter(|name| in_table(name)).cloned().collect();
        if let Some(first) = from.columns.first().filter(|_| !of_table.is_empty()) {
            let rows = with_columns(from.columns, first.of.len(), start);
            let factors = factors(effects, predictor.spend.is_some(), &of_table, &rows, unknown, kind)?;
            let said = |row: usize| {
                let said = |name: &String| rows.attribute(name).and_then(|column| column.text(row)).map(str::to_owned);
                of_table.iter().map(said).collect()
            };
            let choices = factors.into_iter().enumerate().map(|(row, factors)| (said(row), factors)).collect();
            let up_to = (1..=rows.len()).map(|row| row as f64).collect();
            kinds.parts.push(Part { names: of_table.clone(), up_to, choices });
        }
        let mut facts: Vec<String> = Vec::new();
        for name in names.iter().filter(|name| !of_table.contains(name)) {
            let covariate = covariate(effects, name);
            match name.as_str() {
                LOG_FREQUENCY => kinds.by_frequency = Some(of_frequency(effects, &covariate)?),
                "first_month" | "first_quarter" => facts.push(name.clone()),
                name if FIRST_FACTS.contains(&name) => {
                    return Err(Error::usage(format!(
                        "covariate {name}: a simulation draws amounts after purchases, so these cannot follow from it. Fit without it"
                    )));
                }
                _ => kinds.parts.push(of_fit(&covariate, effects, predictor.spend.is_some(), start, kind)?),
            }
        }
        if !facts.is_empty() {
            let days: Vec<Day> = (start.end.0..=last_joining.0.max(start.end.0)).map(Day).collect();
            let mut rows = Summary::of_new_customers(days.len(), 0.0, *start);
            if let Some(PurchaseColumns { first_purchase, .. }) = &mut rows.purchases {
                first_purchase.clone_from(&days);
            }
            let factors = factors(effects, predictor.spend.is_some(), &facts, &rows, unknown, kind)?;
            kinds.by_day = days.into_iter().zip(factors).collect();
        }
        kinds.check(predictor)?;
        Ok(kinds)
    }

    /// Names of what is drawn.
    pub(super) fn columns(&self) -> Vec<String> {
        self.parts.iter().flat_map(|part| part.names.clone()).collect()
    }

    /// A customer: what is said of it, and its factors as far as these follow from that.
    pub(super) fn draw(&self, rng: &mut impl Rng) -> (Vec<Option<String>>, Factors) {
        let (mut said, mut factors) = (Vec::new(), Factors::none(self.parameters));
        for part in &self.parts {
            let all = part.up_to.last().copied().unwrap_or_default();
            let at = all * rng.random::<f64>();
            let choice = part.up_to.partition_point(|up_to| *up_to <= at).min(part.choices.len() - 1);
            let (texts, more) = &part.choices[choice];
            said.extend(texts.iter().cloned());
            factors.times(more);
        }
        (said, factors)
    }

    /// The factors of a customer who joined on a day besides.
    pub(super) fn joined(&self, day: Day, factors: &mut Factors) {
        if let (Some((first, _)), false) = (self.by_day.first(), self.by_day.is_empty()) {
            let place = (day.0 - first.0).clamp(0, self.by_day.len() as i32 - 1) as usize;
            factors.times(&self.by_day[place].1);
        }
    }

    /// The spend model of a customer with so many repeat purchases.
    pub(super) fn spend(&self, base: GammaGamma, factors: &Factors, repeats: usize) -> GammaGamma {
        let log = self
            .by_frequency
            .map_or(0.0, |(coefficient, center)| coefficient * ((repeats.max(1) as f64).ln() - center));
        GammaGamma { gamma: base.gamma * factors.gamma * log.exp(), ..base }
    }

    /// The least and the largest factor that a customer may have of each parameter.
    pub(super) fn range(&self) -> (Factors, Factors) {
        let (mut least, mut most) = (Factors::none(self.parameters), Factors::none(self.parameters));
        let of_days = || self.by_day.iter().map(|(_, factors)| factors).collect::<Vec<_>>();
        let parts = self.parts.iter().map(|part| part.choices.iter().map(|(_, factors)| factors).collect());
        for part in parts.chain([of_days()]).filter(|part: &Vec<&Factors>| !part.is_empty()) {
            let of = |of: &dyn Fn(&Factors) -> f64, pick: fn(f64, f64) -> f64| {
                part.iter().map(|factors| of(factors)).reduce(pick).unwrap_or(1.0)
            };
            for (into, pick) in [(&mut least, f64::min as fn(f64, f64) -> f64), (&mut most, f64::max)] {
                let timing = (0..self.parameters).map(|i| of(&|factors: &Factors| factors.timing[i], pick)).collect();
                into.times(&Factors { timing, gamma: of(&|factors: &Factors| factors.gamma, pick) });
            }
        }
        (least, most)
    }

    /// A model of customers who purchase at least as often, and stay at least as long, as any of these.
    pub(super) fn most_active(&self, base: &TimingModel) -> Result<TimingModel> {
        let ((least, most), names) = (self.range(), base.kind().parameters());
        let mut factors = least.clone();
        // Of a late `beta` customers stay, of an early one they leave.
        let late = names.iter().position(|name| *name == "beta");
        late.into_iter().for_each(|place| factors.timing[place] = most.timing[place]);
        factors.timing_model(base)
    }

    /// Every model that may be drawn is possible.
    fn check(&self, predictor: &Predictor) -> Result<()> {
        let (least, most) = self.range();
        for factors in [&least, &most] {
            factors.timing_model(&predictor.timing)?;
            if let Some(spend) = predictor.spend {
                GammaGamma::from_parameters([spend.p, spend.q, spend.gamma * factors.gamma])?;
            }
        }
        Ok(())
    }
}

/// A covariate by name, of either model.
fn covariate(effects: &CustomerEffects, name: &str) -> Covariate {
    let all = effects.timing.iter().chain(&effects.spend).flat_map(|effects| &effects.covariates);
    all.into_iter().find(|covariate| covariate.name == name).expect("it is a name of one of them").clone()
}

/// Levels as often as in the fit.
fn of_fit(
    covariate: &Covariate,
    effects: &CustomerEffects,
    with_spend: bool,
    start: &Observation,
    kind: TimingKind,
) -> Result<Part> {
    let Coding::Levels { reference, others } = &covariate.coding else {
        return Err(Error::usage(say![
            format!(
                "covariate {}: the model does not say how often the customers of its fit had which number. Give a table of customers that has it with ",
                covariate.name
            ),
            opt("customer_table")
        ])
        .of_option(opt("customer_table")));
    };
    let levels = std::iter::once(reference).chain(others);
    let mut counts: Vec<(Option<String>, u64)> =
        levels.map(|level| (Some(level.name.clone()), level.customers)).collect();
    if covariate.missing > 0 {
        counts.push((None, covariate.missing));
    }
    let said: Vec<Option<String>> = counts.iter().map(|(said, _)| said.clone()).collect();
    let rows = with_columns(&[Attribute::new(covariate.name.clone(), &said)], said.len(), start);
    let names = vec![covariate.name.clone()];
    let factors = factors(effects, with_spend, &names, &rows, UnknownLevels::Refuse, kind)?;
    let up_to = counts.iter().scan(0.0, |sum, (_, customers)| {
        *sum += *customers as f64;
        Some(*sum)
    });
    let up_to = up_to.collect();
    Ok(Part { names, up_to, choices: said.into_iter().map(|said| vec![said]).zip(factors).collect() })
}

/// What the logarithm of the frequency does to that of `gamma`, and from where it counts.
fn of_frequency(effects: &CustomerEffects, covariate: &Covariate) -> Result<(f64, f64)> {
    let of_spend = effects.spend.iter().flat_map(|effects| &effects.coefficients);
    let coefficient = of_spend.into_iter().find(|coefficient| coefficient.column == LOG_FREQUENCY);
    match (coefficient, &covariate.coding) {
        (Some(coefficient), Coding::Number { center, .. }) => Ok((coefficient.estimate, *center)),
        _ => Err(Error::data(format!("damaged covariate `{LOG_FREQUENCY}`"))),
    }
}

/// New customers of whom these columns are known.
fn with_columns(columns: &[Attribute], count: usize, start: &Observation) -> Summary {
    let mut rows = Summary::of_new_customers(count, 0.0, *start);
    rows.attributes = columns.to_vec();
    rows
}

/// The factors of every row, as far as these covariates make them.
fn factors(
    effects: &CustomerEffects,
    with_spend: bool,
    names: &[String],
    rows: &Summary,
    unknown: UnknownLevels,
    kind: TimingKind,
) -> Result<Vec<Factors>> {
    for name in names {
        Values::of(rows, name)?;
    }
    let mut all = vec![Factors::none(kind.parameters().len()); rows.len()];
    if let Some(part) = effects.timing.as_ref().and_then(|effects| effects.of_covariates(names)) {
        let shifts = part.shifts(rows, unknown, kind.parameters())?;
        all.iter_mut().enumerate().for_each(|(row, factors)| shifts.apply(shifts.pattern(row), &mut factors.timing));
    }
    let of_spend = effects.spend.as_ref().filter(|_| with_spend);
    if let Some(part) = of_spend.and_then(|effects: &Effects| effects.of_covariates(names)) {
        let shifts = part.shifts(rows, unknown, &GammaGamma::PARAMETERS)?;
        for (row, factors) in all.iter_mut().enumerate() {
            let mut parameters = [1.0; GammaGamma::PARAMETERS.len()];
            shifts.apply(shifts.pattern(row), &mut parameters);
            factors.gamma = parameters[2];
        }
    }
    Ok(all)
}
