//! The closed list of timing models, for the places where the model is known only at run time: command, files, Python.
//!
//! [`for_timing_models`] is the list; whatever must exist for every model is written by a macro that is handed it.

use std::fmt;
use std::str::FromStr;

use ndarray::{Array1, Array2};
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::{
    BgBb, BgCnbd, BgNbd, Counts, FutureKey, FuturePurchases, Heterogeneity, Likelihood, MbgCnbd, MbgNbd, Nbd,
    ParetoCnbd, ParetoNbd, Stages, Timing, named,
};
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::summary::{CountedHistories, History, Observation};

/// Hands the list of timing models, each with what it is, to a macro.
macro_rules! for_timing_models {
    ($then:ident) => {
        $then! {
            /// Beta-geometric / negative binomial.
            BgNbd,
            /// Pareto / negative binomial.
            ParetoNbd,
            /// Modified BG/NBD: dropout after the first purchase too.
            MbgNbd,
            /// Negative binomial, without dropout.
            Nbd,
            /// Beta-geometric / beta-Bernoulli, for discrete opportunities.
            BgBb,
            /// BG/NBD with regular purchases: Erlang waiting times of `k` stages.
            BgCnbd(Stages),
            /// MBG/NBD with regular purchases.
            MbgCnbd(Stages),
            /// Pareto/NBD with regular purchases.
            ParetoCnbd(Stages),
        }
    };
}
pub(crate) use for_timing_models;

/// The name of a model, or of one with so many stages.
macro_rules! numbered {
    (, $name:expr, $names:expr) => {
        $name
    };
    ($setting:ident => $stages:ident, $name:expr, $names:expr) => {
        $stages.map_or($name, |stages| $names[stages.number() as usize - 1])
    };
}

macro_rules! is_open {
    () => {
        false
    };
    ($setting:ident => $stages:ident) => {
        $stages.is_none()
    };
}

/// What is fixed of a model of a kind.
macro_rules! setting {
    ($kind:ident,) => {
        ()
    };
    ($kind:ident, $setting:ident => $stages:ident) => {
        $stages.ok_or_else(|| {
            Error::usage(format!("{} takes the number of its stages, for instance {0}-2", $kind.name()))
        })?
    };
}

/// Writes the types that stand for any model, which hand every question on to the model asked.
macro_rules! timing_models {
    ($($(#[$doc:meta])* $model:ident $(($setting:ident))?),* $(,)?) => {
        /// A timing model with its parameters.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "model", content = "parameters", rename_all = "kebab-case")]
        pub enum TimingModel {
            $($(#[$doc])* $model($model),)*
        }

        /// What a customer who is alive has ahead, in any of the models.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum TimingFuture {
            $($(#[$doc])* $model(<$model as Timing>::Future),)*
        }

        /// Which timing model. The number of stages of regular ones may be left open, to be chosen by a fit. In files it is a name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(into = "&'static str", try_from = "String")]
        pub enum TimingKind {
            $($(#[$doc])* $model $((Option<$setting>))?,)*
        }

        $(impl From<$model> for TimingModel {
            fn from(model: $model) -> Self {
                Self::$model(model)
            }
        })*

        impl TimingKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$model $((None::<$setting>))?),*];

            /// Name on the command line, with the number of stages if that is fixed.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$model $((stages @ (None::<$setting> | Some(_))))? => {
                        numbered!($($setting => stages)?, $model::NAME, $model::NAMES)
                    })*
                }
            }

            /// Name in the literature, likewise.
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$model $((stages @ (None::<$setting> | Some(_))))? => {
                        numbered!($($setting => stages)?, $model::TITLE, $model::TITLES)
                    })*
                }
            }

            /// Whether it counts opportunities, each used or not, rather than measures time.
            pub fn is_discrete(self) -> bool {
                match self {
                    $(Self::$model { .. } => $model::DISCRETE,)*
                }
            }

            /// Names of its parameters.
            pub fn parameters(self) -> &'static [&'static str] {
                match self {
                    $(Self::$model { .. } => &$model::PARAMETERS,)*
                }
            }

            /// The kind with so many stages where their number was left open; others as they are.
            #[must_use]
            pub fn with_stages(self, stages: Stages) -> Self {
                match self {
                    $(Self::$model $((number @ (None::<$setting> | Some(_))))? => {
                        Self::$model $((Some(number.unwrap_or($setting::from(stages)))))?
                    })*
                }
            }

            /// The kind with the number of its stages left open, if it has any.
            #[must_use]
            pub fn without_stages(self) -> Self {
                match self {
                    $(Self::$model { .. } => Self::$model $((None::<$setting>))?,)*
                }
            }

            /// Whether it is a model of regular purchases, with any number of stages.
            pub fn is_regular(self) -> bool {
                self.without_stages().is_open()
            }

            /// Whether a number of stages is left open.
            pub fn is_open(self) -> bool {
                match self {
                    $(Self::$model $((stages @ (None::<$setting> | Some(_))))? => is_open!($($setting => stages)?),)*
                }
            }

            /// The model with these parameters, in that order.
            ///
            /// # Errors
            /// [`Cause::Parameter`](crate::error::Cause::Parameter) unless every one is within its range, [`Error::usage`] if there are too many or too few, or the
            /// number of stages is left open.
            pub fn with_parameters(self, parameters: &[f64]) -> Result<TimingModel> {
                let wrong = |_| {
                    Error::usage(format!("{self} has {} parameters, not {}", self.parameters().len(), parameters.len()))
                };
                match self {
                    $(Self::$model $((stages @ (None::<$setting> | Some(_))))? => {
                        let setting = setting!(self, $($setting => stages)?);
                        Ok($model::with_setting(setting, parameters.try_into().map_err(wrong)?)?.into())
                    })*
                }
            }
        }

        impl TimingModel {
            /// Which model it is.
            pub fn kind(&self) -> TimingKind {
                match self {
                    $(Self::$model(_model) => TimingKind::$model $((Some::<$setting>(_model.setting())))?,)*
                }
            }

            /// The parameters, by name.
            pub fn parameters(&self) -> Vec<(&'static str, f64)> {
                match self {
                    $(Self::$model(model) => named(model),)*
                }
            }

            /// The values of the parameters alone.
            pub fn values(&self) -> Vec<f64> {
                match self {
                    $(Self::$model(model) => model.parameters().to_vec(),)*
                }
            }

            /// Log-likelihood, its gradient and its Hessian in the logarithms of the parameters.
            pub fn log_likelihood(&self, data: &CountedHistories) -> (f64, Array1<f64>, Array2<f64>) {
                match self {
                    $(Self::$model(model) => {
                        let d = model.log_likelihood(data);
                        (d.value, Array1::from(d.gradient.to_vec()), Array2::from(d.hessian.to_vec()))
                    })*
                }
            }
        }

        delegate_future_purchases!(TimingModel: $($model),*);
        delegate_future_purchases!(TimingFuture: $($model),*);

        impl Timing for TimingModel {
            type Future = TimingFuture;

            fn future_key(&self, history: &History) -> FutureKey {
                match self {
                    $(Self::$model(model) => model.future_key(history),)*
                }
            }

            fn future(&self, history: &History) -> TimingFuture {
                match self {
                    $(Self::$model(model) => TimingFuture::$model(model.future(history)),)*
                }
            }

            fn p_alive(&self, history: &History) -> f64 {
                match self {
                    $(Self::$model(model) => model.p_alive(history),)*
                }
            }

            fn draw_purchases(&self, t: f64, rng: &mut impl Rng, times: &mut Vec<f64>) {
                match self {
                    $(Self::$model(model) => model.draw_purchases(t, rng, times),)*
                }
            }

            fn moment(&self, t: f64) -> f64 {
                match self {
                    $(Self::$model(model) => model.moment(t),)*
                }
            }

            fn is_discrete(&self) -> bool {
                match self {
                    $(Self::$model(model) => model.is_discrete(),)*
                }
            }

            fn check_ahead(&self, t: f64) -> Result<()> {
                match self {
                    $(Self::$model(model) => model.check_ahead(t),)*
                }
            }

            fn check_history(&self, history: &History) -> Result<()> {
                match self {
                    $(Self::$model(model) => model.check_history(history),)*
                }
            }

            fn heterogeneity(&self) -> Vec<Heterogeneity> {
                match self {
                    $(Self::$model(model) => model.heterogeneity(),)*
                }
            }
        }
    };
}

for_timing_models!(timing_models);

impl TimingKind {
    /// The models whose number of stages may be left open, with each number.
    pub fn numbered() -> impl Iterator<Item = Self> {
        Self::ALL.iter().filter(|kind| kind.is_open()).flat_map(|kind| kind.fitted())
    }

    /// What a fit of the kind may end with: where the number of stages is open, with any.
    pub fn fitted(self) -> impl Iterator<Item = Self> {
        Stages::all().map(move |stages| self.with_stages(stages)).take(if self.is_open() { usize::MAX } else { 1 })
    }

    /// Whether times between purchases are exponential, so that customers come at random.
    pub fn has_exponential_times(self) -> bool {
        match self {
            Self::BgNbd | Self::ParetoNbd | Self::MbgNbd | Self::Nbd => true,
            Self::BgCnbd(stages) | Self::MbgCnbd(stages) | Self::ParetoCnbd(stages) => stages == Some(Stages::ONE),
            // It counts opportunities.
            Self::BgBb => false,
        }
    }

    /// Whether customers can leave only after a repeat purchase, so that those who purchased once all count as active.
    pub fn keeps_one_time_customers(self) -> bool {
        match self {
            Self::BgNbd | Self::BgCnbd(_) => true,
            Self::ParetoNbd | Self::ParetoCnbd(_) | Self::MbgNbd | Self::MbgCnbd(_) | Self::BgBb => false,
            // In it nobody leaves.
            Self::Nbd => false,
        }
    }

    /// The model of exponential waiting times that a model of regular purchases is with one stage.
    pub fn with_one_stage(self) -> Self {
        match self {
            Self::BgCnbd(_) => Self::BgNbd,
            Self::MbgCnbd(_) => Self::MbgNbd,
            Self::ParetoCnbd(_) => Self::ParetoNbd,
            Self::BgNbd | Self::ParetoNbd | Self::MbgNbd | Self::Nbd | Self::BgBb => self,
        }
    }

    /// Refuses data that are not counted in the way the model counts.
    ///
    /// # Errors
    /// [`Error::data`] if it counts opportunities and the observation does not.
    pub fn check_observation(self, observation: &Observation) -> Result<()> {
        if !self.is_discrete() || observation.counts_periods() {
            return Ok(());
        }
        Err(Error::data(say![
            format!(
                "{self} counts opportunities, but these data merge orders by {} and measure time in {}s. Let both \
                 be the same, for instance ",
                observation.grain, observation.unit
            ),
            opt("grain").with("week"),
            " ",
            opt("unit").with("week"),
            ", ",
            opt("grain").with("month"),
            " ",
            opt("unit").with("month"),
            " or ",
            opt("grain").with("year"),
            " ",
            opt("unit").with("year")
        ]))
    }
}

/// Refuses a model that appears twice after an option.
///
/// # Errors
/// [`Error::usage`] with the model.
pub fn check_distinct<M: PartialEq + fmt::Display>(models: &[M], option: &'static str) -> Result<()> {
    match (1..models.len()).find(|&i| models[..i].contains(&models[i])) {
        Some(twice) => Err(Error::usage(say![format!("{} appears twice in ", models[twice]), opt(option)])),
        None => Ok(()),
    }
}

impl From<TimingKind> for &'static str {
    fn from(kind: TimingKind) -> Self {
        kind.name()
    }
}

impl TryFrom<String> for TimingKind {
    type Error = Error;

    fn try_from(name: String) -> Result<Self> {
        name.parse()
    }
}

impl fmt::Display for TimingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TimingKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let numbered = || Self::numbered().find(|kind| kind.name() == text);
        Self::ALL.iter().copied().find(|kind| kind.name() == text).or_else(numbered).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|kind| kind.name()).collect();
            Error::usage(format!("`{text}` is not a timing model: there are {}", names.join(", ")))
        })
    }
}
