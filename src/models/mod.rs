//! The models: one file each, the functions that several share, and the list of them all.
//!
//! A model of purchase timing describes a *new* customer by a few parameters. What has been seen of an existing customer only updates
//! them: given that the customer is still alive, the future ([`Timing::future`]) is that of a new customer with other parameters, or
//! a mixture of such. So a model states its likelihood, its P(alive), its future and what a new customer does; [`crate::predict`]
//! answers everything conditional from those, for all models alike.
//!
//! How to add a model of timing: CONTRIBUTING.md.

/// States the names of a model's parameters once: for the list, for building the model, and for reading it.
macro_rules! parameters {
    ($n:literal: $($name:ident),+) => {
        const PARAMETERS: [&'static str; $n] = [$(stringify!($name)),+];

        type Setting = ();

        fn with_setting((): (), parameters: [f64; $n]) -> Result<Self> {
            let [$($name),+] = super::likelihood::positive(Self::NAME, Self::PARAMETERS, parameters)?;
            Ok(Self { $($name),+ })
        }

        fn setting(&self) {}

        fn parameters(&self) -> [f64; $n] {
            [$(self.$name),+]
        }
    };
}

/// A name with each number of stages.
macro_rules! with_stages {
    ($name:literal) => {
        with_stages!($name: "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")
    };
    ($name:literal: $($k:literal),*) => {
        [$(concat!($name, "-", $k)),*]
    };
}

/// Hands every question about the future on: to the variant asked, or to what a new customer has ahead.
macro_rules! delegate_future_purchases {
    (@to [.$ahead:ident] $any:ident, $one:ident => $answer:expr) => {{
        let $one = $any.$ahead();
        $answer
    }};
    (@to [$($model:ident),+] $any:ident, $one:ident => $answer:expr) => {
        match $any {
            $(Self::$model($one) => $answer,)+
        }
    };
    ($any:ident: $($to:tt)+) => {
        impl FuturePurchases for $any {
            fn expected_purchases(&self, t: f64) -> f64 {
                delegate_future_purchases!(@to [$($to)+] self, one => one.expected_purchases(t))
            }

            fn det(&self, t: f64, delta: f64) -> f64 {
                delegate_future_purchases!(@to [$($to)+] self, one => one.det(t, delta))
            }

            fn dert(&self, delta: f64) -> f64 {
                delegate_future_purchases!(@to [$($to)+] self, one => one.dert(delta))
            }

            fn time_scale(&self) -> f64 {
                delegate_future_purchases!(@to [$($to)+] self, one => one.time_scale())
            }

            fn mass(&self, n: f64, t: f64) -> f64 {
                delegate_future_purchases!(@to [$($to)+] self, one => one.mass(n, t))
            }

            fn tail(&self, n: f64, t: f64) -> f64 {
                delegate_future_purchases!(@to [$($to)+] self, one => one.tail(n, t))
            }

            fn survival(&self, t: f64) -> f64 {
                delegate_future_purchases!(@to [$($to)+] self, one => one.survival(t))
            }

            fn ever_repeats(&self) -> f64 {
                delegate_future_purchases!(@to [$($to)+] self, one => one.ever_repeats())
            }

            fn counts(&self, t: f64) -> Counts {
                delegate_future_purchases!(@to [$($to)+] self, one => one.counts(t))
            }

            fn draw_count(&self, t: f64, rng: &mut impl Rng) -> f64 {
                delegate_future_purchases!(@to [$($to)+] self, one => one.draw_count(t, rng))
            }
        }
    };
}

/// [`parameters`] of a model whose waiting times have `k` stages, which is fixed.
macro_rules! regular_parameters {
    ($n:literal: $($name:ident),+) => {
        const PARAMETERS: [&'static str; $n] = [$(stringify!($name)),+];

        type Setting = Stages;

        fn with_setting(k: Stages, parameters: [f64; $n]) -> Result<Self> {
            let [$($name),+] = super::likelihood::positive(Self::NAME, Self::PARAMETERS, parameters)?;
            Ok(Self { k, $($name),+ })
        }

        fn setting(&self) -> Stages {
            self.k
        }

        fn parameters(&self) -> [f64; $n] {
            [$(self.$name),+]
        }
    };
}

mod bdw;
mod beta_geometric;
mod beta_geometric_regular;
mod bg_bb;
mod bg_cnbd;
mod bg_nbd;
mod counts;
mod decay;
mod derivatives;
mod dropout;
mod erlang_counts;
mod gamma_gamma;
mod heterogeneity;
mod likelihood;
mod list;
mod mbg_cnbd;
mod mbg_nbd;
mod nbd;
mod pareto_cnbd;
mod pareto_nbd;
mod pareto_regular;
mod pareto_silence;
mod pareto_two_stage;
mod rates;
mod regular_future;
mod sampling;
mod sbg;
mod stages;
mod timing;

pub use bdw::Bdw;
pub use bg_bb::BgBb;
pub(crate) use bg_bb::MOST_OPPORTUNITIES;
pub use bg_cnbd::BgCnbd;
pub use bg_nbd::BgNbd;
pub use counts::{CountRun, Counts};
pub use derivatives::Derivatives;
pub use gamma_gamma::{GammaGamma, GammaGammaEdge};
pub use heterogeneity::{Heterogeneity, Mixing};
pub use likelihood::{Likelihood, Resample, named};
pub(crate) use list::for_timing_models;
pub use list::{TimingFuture, TimingKind, TimingModel, check_distinct};
pub use mbg_cnbd::MbgCnbd;
pub use mbg_nbd::MbgNbd;
pub use nbd::Nbd;
pub use pareto_cnbd::{ParetoCnbd, ParetoRegularFuture};
pub use pareto_nbd::ParetoNbd;
pub use regular_future::RegularFuture;
pub(crate) use sampling::draw_gamma;
pub use sbg::Sbg;
pub use stages::Stages;
pub use timing::{FutureKey, FuturePurchases, Timing};
