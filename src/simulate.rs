//! Populations with known parameters: histories for studies of the fits, and orders for tests of the whole path.
//!
//! Everything is drawn from one seeded generator (PCG-64, whose stream is the same on every machine), customer by customer,
//! so that a population is a stream of any length and no memory.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::models::{GammaGamma, Timing};
use crate::summary::{Day, History, Observation, TimeUnit};

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

/// The days and amounts of a customer's orders in a calendar that starts at midnight of the observation's end, which here is
/// its beginning. Where the unit is the grain, times count whole periods.
pub fn orders<'a>(customer: &'a SimulatedCustomer, start: &Observation) -> impl Iterator<Item = (Day, f64)> + 'a {
    let Observation { unit, grain, end: start } = *start;
    // Not if the model is one of continuous time, whatever the grain.
    let counts_periods = unit.counts(grain) && unit != TimeUnit::Day;
    let times = std::iter::once(0.0).chain(customer.repeats.iter().copied());
    times.enumerate().map(move |(i, time)| {
        let time = customer.joined + time;
        let day = if counts_periods && time.fract() == 0.0 {
            unit.after_period(grain, grain.start(start), time)
        } else {
            f64::from(start.0) + time * unit.days()
        };
        (Day(day.floor() as i32), customer.spend.get(i).copied().unwrap_or(0.0))
    })
}
