//! Populations with known parameters: histories for studies of the fits, and orders for tests of the whole path.
//!
//! Everything is drawn from one seeded generator (PCG-64, whose stream is the same on every machine), customer by customer,
//! so that a population is a stream of any length and no memory.

mod kinds;

use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};

pub use kinds::CustomerKinds;
use kinds::Kinds;

use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::model_file::{ModelFile, SpendModel};
use crate::models::{FuturePurchases, GammaGamma, Timing, TimingModel};
use crate::predict::Horizon;
use crate::summary::{Day, Grain, History, MOST_PURCHASES, Observation, TimeUnit};
use crate::task::checkpoint;

/// Customers who join at random over a while and are observed to a common end.
#[derive(Clone, Copy, Debug)]
pub struct Population<M> {
    /// When they purchase.
    pub timing: M,
    /// What their purchases are worth.
    pub spend: Option<GammaGamma>,
    /// First purchases are uniform over this time from the start, in the unit of the timing model.
    pub joining: f64,
    /// From the start to the end of the observation.
    pub length: f64,
}

/// One customer of a population.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SimulatedCustomer {
    /// Time of the first purchase after the start.
    pub joined: f64,
    /// `T`: from the first purchase to the end.
    pub age: f64,
    /// Times of the repeat purchases after the first, ascending.
    pub repeats: Vec<f64>,
    /// Values of all purchases, the first included; empty without a spend model.
    pub spend: Vec<f64>,
}

impl SimulatedCustomer {
    /// What a timing model is told of the customer.
    pub fn history(&self) -> History {
        History::of_purchases(&self.repeats, self.age)
    }

    /// Mean value of the repeat purchases; 0 if there are none.
    pub fn monetary_value(&self) -> f64 {
        match self.spend.get(1..) {
            Some(repeats) if !repeats.is_empty() => repeats.iter().sum::<f64>() / repeats.len() as f64,
            _ => 0.0,
        }
    }
}

impl<M: Timing> Population<M> {
    /// An endless stream of customers.
    pub fn customers(self, seed: u64) -> impl Iterator<Item = SimulatedCustomer> {
        let mut rng = Pcg64::seed_from_u64(seed);
        std::iter::repeat_with(move || {
            let joined = self.timing.moment(self.joining * rng.random::<f64>());
            let age = self.timing.moment(self.length - joined);
            let mut repeats = Vec::new();
            self.timing.draw_purchases(age, &mut rng, &mut repeats);
            let spend = self.spend.map_or_else(Vec::new, |model| {
                let nu = model.draw_customer(&mut rng);
                (0..=repeats.len()).map(|_| model.draw_spend(nu, &mut rng)).collect()
            });
            SimulatedCustomer { joined, age, repeats, spend }
        })
    }
}

/// A customer who is like some, with what is said of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KnownCustomer {
    /// Its purchases.
    pub customer: SimulatedCustomer,
    /// What is said of it, one a column.
    pub said: Vec<Option<String>>,
}

impl Population<TimingModel> {
    /// An endless stream of customers of these kinds, each with the models of its own.
    fn known_customers(self, kinds: Kinds, start: Observation, seed: u64) -> impl Iterator<Item = KnownCustomer> {
        const POSSIBLE: &str = "the least and the largest parameters are possible";
        let mut rng = Pcg64::seed_from_u64(seed);
        std::iter::repeat_with(move || {
            let (said, mut factors) = kinds.draw(&mut rng);
            // Of any model of the kind the same.
            let joined = self.timing.moment(self.joining * rng.random::<f64>());
            let age = self.timing.moment(self.length - joined);
            kinds.joined(day_of(joined, &start), &mut factors);
            let timing = factors.timing_model(&self.timing).expect(POSSIBLE);
            let mut repeats = Vec::new();
            timing.draw_purchases(age, &mut rng, &mut repeats);
            let spend = self.spend.map_or_else(Vec::new, |base| {
                let model = kinds.spend(base, &factors, repeats.len());
                let nu = model.draw_customer(&mut rng);
                (0..=repeats.len()).map(|_| model.draw_spend(nu, &mut rng)).collect()
            });
            KnownCustomer { customer: SimulatedCustomer { joined, age, repeats, spend }, said }
        })
    }
}

/// The days and amounts of a customer's orders in a calendar that starts at midnight of the observation's end, which here is
/// its beginning. Where the unit is the grain, times count whole periods.
pub fn orders<'a>(customer: &'a SimulatedCustomer, start: &Observation) -> impl Iterator<Item = (Day, f64)> + 'a {
    let start = *start;
    let times = std::iter::once(0.0).chain(customer.repeats.iter().copied());
    times
        .enumerate()
        .map(move |(i, time)| (day_of(customer.joined + time, &start), customer.spend.get(i).copied().unwrap_or(0.0)))
}

/// The day of a time after the start.
fn day_of(time: f64, start: &Observation) -> Day {
    let Observation { unit, grain, end: start } = *start;
    // Not if the model is one of continuous time, whatever the grain.
    let counts_periods = unit.counts(grain) && unit != TimeUnit::Day;
    let day = if counts_periods && time.fract() == 0.0 {
        unit.after_period(grain, grain.start(start), time)
    } else {
        f64::from(start.0) + time * unit.days()
    };
    Day(day.floor() as i32)
}

/// An order of a customer of whom something is said.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KnownOrder {
    /// The customer's number.
    pub customer: u64,
    /// Its day.
    pub day: Day,
    /// Its amount.
    pub amount: f64,
    /// What is said of the customer, one a column.
    pub said: Arc<[Option<String>]>,
}

/// An order history in the calendar, drawn from models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Simulation {
    /// Number of customers.
    pub customers: u64,
    /// Seed of the generator.
    pub seed: u64,
    /// First day.
    pub start: Day,
    /// Time over which customers join.
    pub joining: Horizon,
    /// Time from the first day to the end of the observation.
    pub length: Horizon,
}

impl Default for Simulation {
    /// 10,000 customers who join over twelve weeks and are observed for a year and a half.
    fn default() -> Self {
        let weeks = |weeks: f64| Horizon::time(weeks, Some(TimeUnit::Week), Grain::Day).expect("weeks are times");
        let start = Day::from(jiff::civil::date(2024, 1, 1));
        Self { customers: 10_000, seed: 1, start, joining: weeks(12.0), length: weeks(78.0) }
    }
}

/// More purchases than are to be expected of a customer.
const MOST_EXPECTED: f64 = 1e5;

/// So many customers are nobody.
const UNLIKELY: f64 = 1e-6;

/// The published estimates of CDNOW: BG/NBD of Fader, Hardie & Lee (2005), Gamma-Gamma of Fader & Hardie (2013).
///
/// # Errors
/// None; the files are read like any other.
pub fn published_cdnow() -> Result<ModelFile> {
    const TIMING: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/fader-hardie-lee-2005-bg-nbd.json"));
    const SPEND: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/fader-hardie-2013-gamma-gamma.json"));
    ModelFile::from_json(TIMING, "published model")?.join(ModelFile::from_json(SPEND, "published model")?)
}

impl Simulation {
    /// Customer number, day and amount of every order, customer by customer, so that any number of them takes no memory.
    ///
    /// # Errors
    /// [`Error::usage`] if the times do not suit the model or the calendar, or the model expects more purchases than anybody makes.
    pub fn orders(&self, model: &ModelFile) -> Result<impl Iterator<Item = (u64, Day, f64)> + use<>> {
        model.predictor()?.check_alike("a simulation of customers of whom nothing is said")?;
        let (population, start) = self.population(model)?;
        let customers = (1..=self.customers).zip(population.customers(self.seed));
        Ok(customers.flat_map(move |(id, customer)| {
            checkpoint();
            orders(&customer, &start).map(|(day, amount)| (id, day, amount)).collect::<Vec<_>>()
        }))
    }

    /// [`Simulation::orders`] of a model with covariates, with what is said of each customer, column by column; and the columns' names.
    /// First months and quarters follow from the days, and what the logarithm of the frequency does to spend from the purchases.
    ///
    /// # Errors
    /// Likewise; [`Error::usage`] if it is not known how often customers are of which kind.
    pub fn known_orders(
        &self,
        model: &ModelFile,
        from: CustomerKinds<'_>,
    ) -> Result<(Vec<String>, impl Iterator<Item = KnownOrder> + use<>)> {
        let (population, start) = self.population(model)?;
        let kinds = Kinds::new(&model.predictor()?, from, &start, day_of(population.joining, &start))?;
        self.check_purchases(&kinds.most_active(&population.timing)?, population.length, start.unit)?;
        let columns = kinds.columns();
        let customers = (1..=self.customers).zip(population.known_customers(kinds, start, self.seed));
        let orders = customers.flat_map(move |(id, KnownCustomer { customer, said })| {
            checkpoint();
            let said: Arc<[Option<String>]> = said.into();
            let order = |(day, amount)| KnownOrder { customer: id, day, amount, said: Arc::clone(&said) };
            orders(&customer, &start).map(order).collect::<Vec<_>>()
        });
        Ok((columns, orders))
    }

    /// The population, and the calendar of its times.
    fn population(&self, model: &ModelFile) -> Result<(Population<TimingModel>, Observation)> {
        let Self { start, joining, length, .. } = self;
        let predictor = model.predictor()?;
        let unit = predictor.unit;
        let observation = Observation { unit, grain: predictor.grain, end: *start };
        let discrete = predictor.timing.kind().is_discrete();
        if discrete && observation.grain.start(*start) != *start {
            let next = Day(observation.grain.last_day(*start).0 + 1);
            return Err(Error::usage(say![
                opt("start").with(start.to_string()),
                format!(
                    " is not the first day of a {unit}, which the model counts; give {} or {next}",
                    observation.grain.start(*start)
                )
            ]));
        }
        if !(joining.is_span() && length.is_span()) {
            return Err(Error::usage(say![
                opt("joining"),
                " and ",
                opt("length"),
                " take a span that begins now and ends"
            ]));
        }
        let time = length.length(&observation)?;
        // Within the first period, where periods are counted, all join at once.
        let at_once = observation.counts_periods() && joining.end(*start) <= observation.grain.last_day(*start);
        let join_time = if at_once { 0.0 } else { joining.length(&observation)? };
        if length.end(*start) >= Day::LAST {
            return Err(Error::usage(format!(
                "{length} from {start} leave the calendar, which ends with the year 9999"
            )));
        }
        if join_time > time {
            return Err(Error::usage(format!("customers join over {joining}, longer than {length} in all")));
        }
        self.check_purchases(&predictor.timing, time, unit)?;
        let spend = model.spend.as_ref().map(|record| match record.model {
            SpendModel::GammaGamma(model) => model,
        });
        Ok((Population { timing: predictor.timing, spend, joining: join_time, length: time }, observation))
    }

    /// Refuses models that expect more than anybody does.
    fn check_purchases(&self, timing: &TimingModel, time: f64, unit: TimeUnit) -> Result<()> {
        let length = &self.length;
        let most = timing.expected_purchases(time);
        if most > MOST_EXPECTED {
            return Err(Error::usage(format!(
                "the model expects {most:.1e} purchases of each customer over {length}; at most {MOST_EXPECTED:e} are simulated. \
                 Check its time unit, the {unit}"
            )));
        }
        let too_many = timing.at_least(MOST_PURCHASES, time) * self.customers as f64;
        if too_many > UNLIKELY {
            return Err(Error::usage(format!(
                "the model lets {too_many:.1e} of {} customers make more than {MOST_PURCHASES} purchases over {length}, which \
                 nobody does. Check its parameters and its time unit, the {unit}",
                self.customers
            )));
        }
        Ok(())
    }
}
