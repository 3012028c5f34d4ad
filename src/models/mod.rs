//! The models: one file each, formulas and nothing but formulas.
//!
//! A model of purchase timing describes a *new* customer by a few parameters. What has been seen of an existing customer
//! only updates them: given that the customer is still alive, the future is that of a new customer of
//! [`Timing::posterior`]. So a model states its likelihood, its posterior, its P(alive) and what a new customer does;
//! [`crate::predict`] answers everything conditional from those, for all models alike.
//!
//! To add a model of timing: write its file here (copy the order of `mbg_nbd.rs`), name it in the list of
//! `timing_model.rs`, put its figures into `tests/` and its published parameters into the folder `models/`.

/// States the names of a model's parameters once: for the list, for building the model, and for reading it.
macro_rules! parameters {
    ($n:literal: $($name:ident),+) => {
        const PARAMETERS: [&'static str; $n] = [$(stringify!($name)),+];

        fn from_parameters(parameters: [f64; $n]) -> Result<Self> {
            let [$($name),+] = super::positive(Self::NAME, Self::PARAMETERS, parameters)?;
            Ok(Self { $($name),+ })
        }

        fn parameters(&self) -> [f64; $n] {
            [$(self.$name),+]
        }
    };
}

mod beta_geometric;
mod bg_bb;
mod bg_nbd;
mod counts;
mod decay;
mod derivatives;
mod dropout;
mod gamma_gamma;
mod heterogeneity;
mod mbg_nbd;
mod nbd;
mod pareto_nbd;
mod pareto_silence;
mod sbg;
mod timing_model;

pub use bg_bb::BgBb;
pub(crate) use bg_bb::MOST_OPPORTUNITIES;
pub use bg_nbd::BgNbd;
pub use counts::{CountRun, Counts};
pub use derivatives::Derivatives;
pub use gamma_gamma::{GammaGamma, GammaGammaEdge};
pub use heterogeneity::{Heterogeneity, Mixing};
pub use mbg_nbd::MbgNbd;
pub use nbd::Nbd;
pub use pareto_nbd::ParetoNbd;
pub use sbg::Sbg;
pub use timing_model::{TimingKind, TimingModel};

use rand::{Rng, RngExt};
use rand_distr::{Exp1, Poisson, StandardNormal};

use crate::error::{Error, Result};
use crate::fit::{Resample, Verdict};
use crate::special::{discounted_increase, sigmoid};
use crate::summary::{Counted, CountedHistories, History, MOST_PURCHASES, PARAMETERS};

/// What maximum likelihood needs of a model with `N` positive parameters.
pub trait Likelihood<const N: usize>: Copy + std::fmt::Debug {
    /// The counted observations it is fitted to.
    type Data: Counted;

    /// Name in files and on the command line, for instance `bg-nbd`.
    const NAME: &'static str;

    /// Name in the literature, for instance `BG/NBD`.
    const TITLE: &'static str;

    /// Whether it counts opportunities, each used or not, rather than measures time. Its likelihood is then a probability
    /// and not a density, and does not compare with that of the others.
    const DISCRETE: bool = false;

    /// Parameter names in the notation of the model's paper.
    const PARAMETERS: [&'static str; N];

    /// The model with these parameters.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless every parameter is within [`PARAMETERS`].
    fn from_parameters(parameters: [f64; N]) -> Result<Self>;

    /// Its parameters, in the order of [`Self::PARAMETERS`].
    fn parameters(&self) -> [f64; N];

    /// Sum of the log-likelihood over all observations, with derivatives in `θ = ln(parameters)`.
    fn log_likelihood(&self, data: &Self::Data) -> Derivatives<N>;

    /// What to tell the user about these estimates that the optimiser cannot know, with advice.
    fn cautions(&self, data: &Self::Data, verdict: &Verdict) -> Vec<String>;

    /// Where a fit begins: moments of the data first, then fixed fallbacks.
    fn starts(data: &Self::Data) -> Vec<Self>;

    /// The size of each parameter in data of this unit of time and money, to within a few orders of magnitude.
    fn scales(data: &Self::Data) -> [f64; N];

    /// Says in words why these data cannot identify the parameters at all.
    ///
    /// # Errors
    /// [`Error::TooFew`] and others, with what is missing and what to do.
    fn check(data: &Self::Data) -> Result<()>;
}

/// What the predictor needs of a model of purchase timing. Times are in the model's time unit.
pub trait Timing: Copy {
    /// What a customer who is alive looks like; of most models, the model itself.
    type Future: Timing;

    /// The new customer who behaves like one with this history, *given alive* at its end. It depends on `x` and `T` alone:
    /// while alive, a customer's past purchases could have come at any time.
    fn posterior(&self, history: &History) -> Self::Future;

    /// P(the customer is still alive at the end of the observation | history), in `[0, 1]`.
    fn p_alive(&self, history: &History) -> f64;

    /// `E[X(t)]`: repeat purchases of a new customer in `(0, t]`. Never negative, at most `t · E[λ]`, rising in `t`.
    fn expected_purchases(&self, t: f64) -> f64;

    /// `DET = ∫₀ᵗ e^(-δ s) dE[X(s)]`: the same, each purchase discounted at a continuous rate `δ ≥ 0` per time unit.
    fn det(&self, t: f64, delta: f64) -> f64 {
        discounted_increase(|s| self.expected_purchases(s), t, delta, self.time_scale())
    }

    /// `DERT = ∫₀^∞ e^(-δ s) dE[X(s)]`: over the infinite future, at a rate `δ > 0`.
    fn dert(&self, delta: f64) -> f64;

    /// Draws a new customer and the times of its repeat purchases in `(0, t]`, ascending, into `times`: the first million of them,
    /// which are more than any customer makes.
    fn draw_purchases(&self, t: f64, rng: &mut impl Rng, times: &mut Vec<f64>);

    /// The time on which a new customer's purchases begin to slow, for quadrature: the scale of [`Self::expected_purchases`].
    fn time_scale(&self) -> f64;

    /// `P(X(t) = n)` for a new customer; in continuous time also between whole `n`, from 128 on, as a smooth function through
    /// those of whole ones.
    fn mass(&self, n: f64, t: f64) -> f64;

    /// `P(X(t) ≥ n)` for a new customer, likewise.
    fn tail(&self, n: f64, t: f64) -> f64;

    /// `P(X(t) = n)` for a new customer.
    fn pmf(&self, n: u32, t: f64) -> f64 {
        self.mass(n.into(), t)
    }

    /// `P(X(t) ≥ n)` for a new customer.
    fn at_least(&self, n: u32, t: f64) -> f64 {
        self.tail(n.into(), t)
    }

    /// `P(alive at t)` of a new customer.
    fn survival(&self, t: f64) -> f64;

    /// `P(X(∞) ≥ 1)`: a new customer ever makes a repeat purchase.
    fn ever_repeats(&self) -> f64;

    /// The distribution of `X(t)`, but for less than 1e-12 of the customers; exact to that, not to the last digit of each chance.
    fn counts(&self, t: f64) -> Counts {
        Counts::new(|n| self.mass(n, t), |n| self.tail(n, t))
    }

    /// Draws a new customer and the number of repeat purchases in `(0, t]`, however many: without their times.
    fn draw_count(&self, t: f64, rng: &mut impl Rng) -> f64;

    /// The last moment up to `t` at which something can happen: `t` itself, except in models of discrete time.
    fn moment(&self, t: f64) -> f64 {
        t
    }

    /// Whether so long a time can be looked ahead.
    ///
    /// # Errors
    /// [`Error::Usage`] if not, for models of discrete time.
    fn check_ahead(&self, _t: f64) -> Result<()> {
        Ok(())
    }

    /// Whether a customer can have such a history at all.
    ///
    /// # Errors
    /// [`Error::Data`] if not, for models of discrete time.
    fn check_history(&self, _history: &History) -> Result<()> {
        Ok(())
    }
}

impl<M, const N: usize> Resample<N> for M
where
    M: Timing + Likelihood<N, Data = CountedHistories>,
{
    fn reweighted(data: &CountedHistories, weight: impl FnMut(f64) -> f64) -> CountedHistories {
        data.reweighted(weight)
    }

    fn simulated(&self, data: &CountedHistories, rng: &mut impl Rng) -> CountedHistories {
        let mut times = Vec::new();
        let mut histories = Vec::new();
        for row in data.rows() {
            let T = row.history.T;
            for _ in 0..whole_number(row.customers, rng) {
                self.draw_purchases(T, rng, &mut times);
                histories.push(History::of_purchases(&times, T));
            }
        }
        CountedHistories::new(histories)
    }
}

/// The parameters of a model with their names.
pub fn named<M: Likelihood<N>, const N: usize>(model: &M) -> Vec<(&'static str, f64)> {
    M::PARAMETERS.into_iter().zip(model.parameters()).collect()
}

/// Checks that all parameters are within their range.
fn positive<const N: usize>(model: &'static str, names: [&'static str; N], values: [f64; N]) -> Result<[f64; N]> {
    for (name, value) in names.into_iter().zip(values) {
        if !PARAMETERS.contains(&value) {
            return Err(Error::Parameter { model, name, value });
        }
    }
    Ok(values)
}

/// `Σ_{i<x} ln(r + i) = ln Γ(r + x) - ln Γ(r)` over all customers, with derivatives in ln r, from the numbers of customers
/// with more than `i` repeat purchases.
fn ln_rates(r: f64, data: &CountedHistories) -> Derivatives<1> {
    Derivatives::sum(data.repeats_above(), &|&(i, customers)| {
        let ri = r + i;
        Derivatives { value: ri.ln(), gradient: [r / ri], hessian: [[r * i / (ri * ri)]] }.times(customers)
    })
}

/// What to say of two parameters of a distribution over customers that run off together because it has no spread.
fn alike_caution(verdict: &Verdict, [one, other]: [&str; 2], customers: String) -> Option<String> {
    (verdict.runs_off(one, true) && verdict.runs_off(other, true)).then(|| {
        format!("all customers {customers}: {one} and {other} run off together and only their ratio means something")
    })
}

/// The same of purchase rates `Gamma(r, alpha)`.
fn rate_caution(r: f64, alpha: f64, verdict: &Verdict) -> Option<String> {
    let customers = format!("purchase at the same rate, {:.4} per unit of time", r / alpha);
    alike_caution(verdict, ["r", "alpha"], customers)
}

/// What to say of parameters that are not determined separately.
fn ridge_caution(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Ridge { parameters } => Some(format!(
            "{} are not determined separately: predictions over times like those observed can be used, these parameters \
             should not be compared with others. More customers or a longer observation would settle them; so would \
             --prior-sd 2",
            parameters.join(" and ")
        )),
        Verdict::Boundary { undetermined, .. } if !undetermined.is_empty() => Some(format!(
            "these data do not determine {}: where predictions depend on them, they are no better than the ordinary values \
             with which the fit began. A longer observation or more customers would help",
            undetermined.join(" and ")
        )),
        _ => None,
    }
}

/// What to say of customers of whom none is seen to leave.
fn no_dropout_caution(what_is_zero: &str) -> String {
    format!(
        "these data show no dropout ({what_is_zero} is 0): customers who came back keep coming. Predictions are those of \
         customers who never leave; do not extend them far beyond the observed time, which was too short to see anybody \
         leave"
    )
}

/// A chance to leave that, over all that was seen of the mean customer, comes to less than this is none, if it is not
/// known well.
const NO_DROPOUT: f64 = 0.01;

/// A whole number that is this one in the mean.
fn whole_number(number: f64, rng: &mut impl Rng) -> u64 {
    (number + rng.random::<f64>()).floor() as u64
}

/// A gamma variate of this shape and scale 1. A shape that no distribution accepts, beyond the range of parameters, gives
/// its mean.
pub(crate) fn draw_gamma(shape: f64, rng: &mut impl Rng) -> f64 {
    rand_distr::Gamma::new(shape, 1.0).map_or(shape, |gamma| rng.sample(gamma))
}

/// The logarithm of a gamma variate, also where the variate is too small for a number: one of shape `z + 1` times a uniform one
/// to the power of `1/z`.
fn draw_ln_gamma(shape: f64, rng: &mut impl Rng) -> f64 {
    let exponential: f64 = rng.sample(Exp1);
    draw_gamma(shape + 1.0, rng).ln() - exponential / shape
}

/// A beta variate, as the share of one gamma variate in two.
fn draw_beta(a: f64, b: f64, rng: &mut impl Rng) -> f64 {
    // Of smaller shapes a variate may be no number, and both of them none.
    const SMALL: f64 = 0.02;
    if a < SMALL || b < SMALL {
        return sigmoid(draw_ln_gamma(a, rng) - draw_ln_gamma(b, rng));
    }
    let (one, other) = (draw_gamma(a, rng), draw_gamma(b, rng));
    if one + other > 0.0 { one / (one + other) } else { a / (a + b) }
}

/// The number of purchases at a rate and over a time whose product this is.
fn draw_poisson_count(mean: f64, rng: &mut impl Rng) -> f64 {
    match Poisson::new(mean) {
        Ok(poisson) => rng.sample(poisson),
        // Nothing; or more than the distribution accepts, nearly normal.
        Err(_) if mean > 1.0 => (mean + mean.sqrt() * rng.sample::<f64, _>(StandardNormal)).max(0.0),
        Err(_) => 0.0,
    }
}

/// The number of chances to leave, each taken with probability `p`, up to the one that is taken, at least 1; infinite if none is.
fn draw_chances(p: f64, rng: &mut impl Rng) -> f64 {
    let chances = (rng.sample::<f64, _>(Exp1) / -(-p).ln_1p()).floor() + 1.0;
    if chances.is_nan() { f64::INFINITY } else { chances }
}

/// Draws the purchases of a customer with rate `lambda` up to `t`; after each, `leaves` says whether it was the last.
fn draw_poisson<R: Rng>(
    lambda: f64,
    t: f64,
    rng: &mut R,
    times: &mut Vec<f64>,
    mut leaves: impl FnMut(&mut R) -> bool,
) {
    let mut time = 0.0;
    loop {
        time += rng.sample::<f64, _>(Exp1) / lambda;
        // A rate that underflowed to zero waits for ever, or for no number at all.
        if time.is_nan() || time > t {
            return;
        }
        times.push(time);
        if times.len() >= MOST_PURCHASES as usize || leaves(rng) {
            return;
        }
    }
}
