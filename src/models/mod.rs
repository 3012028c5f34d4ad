//! The models: one file each, formulas and nothing but formulas.
//!
//! A model of purchase timing describes a *new* customer by a few parameters. What has been seen of an existing customer
//! only updates them: given that the customer is still alive, the future is that of a new customer with the parameters of
//! [`Timing::posterior`]. So a model states its likelihood, its posterior, its P(alive) and what a new customer does;
//! [`crate::predict`] answers everything conditional from those, for all models alike.
//!
//! To add a model of timing: write its file here (copy the order of `bg_nbd.rs`), add a variant to [`TimingModel`],
//! put its published figures into `tests/`, and its published parameters into the folder `models/`.

mod bg_nbd;
mod derivatives;
mod gamma_gamma;

pub use bg_nbd::BgNbd;
pub use derivatives::Derivatives;
pub use gamma_gamma::GammaGamma;

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::fit::Verdict;
use crate::summary::History;

/// What maximum likelihood needs of a model with `N` positive parameters.
pub trait Likelihood<const N: usize>: Copy + std::fmt::Debug {
    /// The counted observations it is fitted to.
    type Data;

    /// Name in files and on the command line, for instance `bg-nbd`.
    const NAME: &'static str;

    /// Parameter names in the notation of the model's paper.
    const PARAMETERS: [&'static str; N];

    /// The model with these parameters.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless every parameter is positive and finite.
    fn from_parameters(parameters: [f64; N]) -> Result<Self>;

    /// Its parameters, in the order of [`Self::PARAMETERS`].
    fn parameters(&self) -> [f64; N];

    /// Sum of the log-likelihood over all observations, with derivatives in `θ = ln(parameters)`.
    fn log_likelihood(&self, data: &Self::Data) -> Derivatives<N>;

    /// Calls `each` with the gradient of the log-likelihood of one customer, in `θ = ln(parameters)`, and the number of
    /// customers who have it, for all distinct observations.
    fn for_each_score(&self, data: &Self::Data, each: impl FnMut([f64; N], f64));

    /// What to tell the user about these estimates that the optimiser cannot know, with advice.
    fn cautions(&self, data: &Self::Data, verdict: &Verdict) -> Vec<String>;

    /// A part of the data, weighted to stand for all, if they are so many that a start is worth improving on it.
    fn thinned(data: &Self::Data) -> Option<Self::Data>;

    /// Where a fit begins: moments of the data first, then fixed fallbacks.
    fn starts(data: &Self::Data) -> Vec<Self>;

    /// The size of each parameter in data of this unit of time and money, to within a few orders of magnitude.
    fn scales(data: &Self::Data) -> [f64; N];

    /// Number of customers in the likelihood.
    fn customers(data: &Self::Data) -> f64;

    /// Number of distinct observations in the likelihood.
    fn distinct(data: &Self::Data) -> usize;

    /// Says in words why these data cannot identify the parameters at all.
    ///
    /// # Errors
    /// [`Error::TooFew`] with what is missing and what to do.
    fn check(data: &Self::Data) -> Result<()>;
}

/// What the predictor needs of a model of purchase timing. Times are in the model's time unit.
pub trait Timing: Copy {
    /// The parameters of a new customer who behaves like one with this history, *given alive* at its end. They depend on
    /// `x` and `T` alone: while alive, a customer's past purchases could have come at any time.
    fn posterior(&self, history: &History) -> Self;

    /// P(the customer is still alive at the end of the observation | history), in `[0, 1]`.
    fn p_alive(&self, history: &History) -> f64;

    /// `E[X(t)]`: repeat purchases of a new customer in `(0, t]`. Never negative, at most `t · E[λ]`, rising in `t`.
    fn expected_purchases(&self, t: f64) -> f64;

    /// Draws a new customer and the times of its repeat purchases in `(0, t]`, ascending, into `times`.
    fn draw_purchases(&self, t: f64, rng: &mut impl Rng, times: &mut Vec<f64>);

    /// The time on which a new customer's purchases begin to slow, for quadrature: the scale of [`Self::expected_purchases`].
    fn time_scale(&self) -> f64;

    /// `P(X(t) = n)` for a new customer.
    fn pmf(&self, n: u32, t: f64) -> f64;

    /// `P(X(t) ≥ n)` for a new customer.
    fn at_least(&self, n: u32, t: f64) -> f64;
}

/// The closed list of timing models, for the places where the model is known only at run time: command, files, Python.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "model", content = "parameters", rename_all = "kebab-case")]
pub enum TimingModel {
    /// Beta-geometric / negative binomial.
    BgNbd(BgNbd),
}

impl TimingModel {
    /// The model's name in files and on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::BgNbd(_) => BgNbd::NAME,
        }
    }

    /// Its parameters, by name.
    pub fn parameters(&self) -> Vec<(&'static str, f64)> {
        match self {
            Self::BgNbd(model) => named(model),
        }
    }
}

/// The parameters of a model with their names.
pub fn named<M: Likelihood<N>, const N: usize>(model: &M) -> Vec<(&'static str, f64)> {
    M::PARAMETERS.into_iter().zip(model.parameters()).collect()
}

impl Timing for TimingModel {
    fn posterior(&self, history: &History) -> Self {
        match self {
            Self::BgNbd(model) => Self::BgNbd(model.posterior(history)),
        }
    }

    fn p_alive(&self, history: &History) -> f64 {
        match self {
            Self::BgNbd(model) => model.p_alive(history),
        }
    }

    fn expected_purchases(&self, t: f64) -> f64 {
        match self {
            Self::BgNbd(model) => model.expected_purchases(t),
        }
    }

    fn draw_purchases(&self, t: f64, rng: &mut impl Rng, times: &mut Vec<f64>) {
        match self {
            Self::BgNbd(model) => model.draw_purchases(t, rng, times),
        }
    }

    fn time_scale(&self) -> f64 {
        match self {
            Self::BgNbd(model) => model.time_scale(),
        }
    }

    fn pmf(&self, n: u32, t: f64) -> f64 {
        match self {
            Self::BgNbd(model) => model.pmf(n, t),
        }
    }

    fn at_least(&self, n: u32, t: f64) -> f64 {
        match self {
            Self::BgNbd(model) => model.at_least(n, t),
        }
    }
}

/// Distinct rows from which a start is improved on a part of them first, and the part.
const MANY_ROWS: usize = 20_000;
const THINNED: usize = 16;

/// Checks that all parameters are positive and finite.
fn positive<const N: usize>(model: &'static str, names: [&'static str; N], values: [f64; N]) -> Result<[f64; N]> {
    for (name, value) in names.into_iter().zip(values) {
        if !(value > 0.0 && value.is_finite()) {
            return Err(Error::Parameter { model, name, value });
        }
    }
    Ok(values)
}

/// A gamma variate of this shape and scale 1. A shape that no distribution accepts, beyond the range of parameters, gives
/// its mean.
fn draw_gamma(shape: f64, rng: &mut impl Rng) -> f64 {
    rand_distr::Gamma::new(shape, 1.0).map_or(shape, |gamma| rng.sample(gamma))
}
