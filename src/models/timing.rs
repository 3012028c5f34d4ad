//! What a model of purchase timing states besides its likelihood: what it says of a history, and of a customer's future.

use rand::Rng;

use super::{Counts, Heterogeneity};
use crate::error::Result;
use crate::special::discounted_increase;
use crate::summary::History;

/// What a customer who is alive will do from now on. A new customer is one, too. Times are in the model's time unit.
pub trait FuturePurchases: Copy {
    /// `E[X(t)]`: purchases in `(0, t]`. Never negative, at most `t · E[λ]`, rising in `t`.
    fn expected_purchases(&self, t: f64) -> f64;

    /// `DET = ∫₀ᵗ e^(-δ s) dE[X(s)]`: expected purchases in `(0, t]`, each discounted at a continuous rate `δ ≥ 0` per time unit.
    fn det(&self, t: f64, delta: f64) -> f64 {
        discounted_increase(|s| self.expected_purchases(s), t, delta, self.time_scale())
    }

    /// `DERT = ∫₀^∞ e^(-δ s) dE[X(s)]`: discounted expected purchases over the infinite future, at a rate `δ > 0`.
    fn dert(&self, delta: f64) -> f64;

    /// The time on which purchases begin to slow, for quadrature: the scale of [`Self::expected_purchases`].
    fn time_scale(&self) -> f64;

    /// `P(X(t) = n)`; in continuous time also between whole `n`, from 128 on, as a smooth function through those of whole ones.
    fn mass(&self, n: f64, t: f64) -> f64;

    /// `P(X(t) ≥ n)`; between whole `n` as [`Self::mass`].
    fn tail(&self, n: f64, t: f64) -> f64;

    /// `P(X(t) = n)` of a whole `n`.
    fn pmf(&self, n: u32, t: f64) -> f64 {
        self.mass(n.into(), t)
    }

    /// `P(X(t) ≥ n)` of a whole `n`.
    fn at_least(&self, n: u32, t: f64) -> f64 {
        self.tail(n.into(), t)
    }

    /// `P(alive at t)`.
    fn survival(&self, t: f64) -> f64;

    /// `P(X(∞) ≥ 1)`: there is ever another purchase.
    fn ever_repeats(&self) -> f64;

    /// The distribution of `X(t)`, but for less than 1e-12 of the customers; exact to that, not to the last digit of each chance.
    fn counts(&self, t: f64) -> Counts {
        Counts::new(|n| self.mass(n, t), |n| self.tail(n, t))
    }

    /// Draws the number of purchases in `(0, t]`, however many: without their times.
    fn draw_count(&self, t: f64, rng: &mut impl Rng) -> f64;
}

/// What the predictor needs of a model of purchase timing. The model itself is what a new customer has ahead.
pub trait Timing: FuturePurchases {
    /// What a customer who is alive has ahead; of most models, a new customer of the model with other parameters.
    type Future: FuturePurchases + Send + Sync;

    /// On what the future of a customer who is alive depends: histories with the same key have the same future.
    ///
    /// By default on `x` and `T` alone, as where waiting times have no memory: while alive, a customer's past purchases could
    /// have come at any time.
    fn future_key(&self, history: &History) -> FutureKey {
        FutureKey::of_age(history)
    }

    /// What a customer with this history has ahead, *given alive* at its end. Depends on [`Self::future_key`] alone.
    fn future(&self, history: &History) -> Self::Future;

    /// P(the customer is still alive at the end of the observation | history), in `[0, 1]`.
    fn p_alive(&self, history: &History) -> f64;

    /// Draws a new customer and the times of its repeat purchases in `(0, t]`, ascending, into `times`: the first million of them,
    /// which are more than any customer makes.
    fn draw_purchases(&self, t: f64, rng: &mut impl Rng, times: &mut Vec<f64>);

    /// How customers differ: the distributions that the parameters stand for.
    fn heterogeneity(&self) -> Vec<Heterogeneity>;

    /// The last moment up to `t` at which something can happen: `t` itself, except in models of discrete time.
    fn moment(&self, t: f64) -> f64 {
        t
    }

    /// Whether it counts opportunities, each used or not, rather than measures time.
    fn is_discrete(&self) -> bool {
        false
    }

    /// Whether so long a time can be looked ahead.
    ///
    /// # Errors
    /// [`Error::usage`](crate::Error::usage) if not, for models of discrete time.
    fn check_ahead(&self, _t: f64) -> Result<()> {
        Ok(())
    }

    /// Whether a customer can have such a history at all.
    ///
    /// # Errors
    /// [`Error::data`](crate::Error::data) if not, for models of discrete time.
    fn check_history(&self, _history: &History) -> Result<()> {
        Ok(())
    }
}

/// The part of a history that a future depends on, as a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FutureKey {
    frequency: u32,
    t_x: u64,
    T: u64,
}

impl FutureKey {
    /// `x` and `T`.
    pub fn of_age(history: &History) -> Self {
        Self { frequency: history.frequency, t_x: 0, T: history.T.to_bits() }
    }

    /// `x`, `t_x` and `T`: also when the last purchase was.
    pub fn of_all(history: &History) -> Self {
        Self { t_x: history.t_x.to_bits(), ..Self::of_age(history) }
    }
}
