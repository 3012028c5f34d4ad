//! Model against data: how often customers purchased, what they did afterwards, how the whole cohort went.

mod advice;
mod baselines;
mod by_model;
mod calibrated_horizons;
mod calibration;
mod compare;
mod conditional;
mod evaluation;
mod experiment;
mod histogram;
mod past_forecasts;
mod predictive;
mod published;
mod quantity;
mod ranking;
mod regression;
mod rolling;
mod scores;
mod spend_histogram;
mod split;
mod tiers;
mod total_ranges;
mod tracking;
mod widths;
mod with_covariates;

pub use advice::{ALIKE, HONEST, TOTALS};
pub use baselines::{Baseline, Expectations};
pub use calibrated_horizons::{CalibratedHorizon, CalibratedHorizons, Calibrating, LearnedWeights};
pub use calibration::{Calibration, Weight, Weights};
pub use compare::{Compared, Comparison, HoldoutErrors, Later, LikelihoodRatio, compare, compare_with, eligible};
pub use conditional::{ConditionalGroup, by_frequency, conditional_means};
pub use evaluation::{
    ActivityScores, Evaluation, EvaluationOptions, Forecaster, ModelEvaluation, Scored, WITH_COVARIATES, evaluate,
};
pub use experiment::{Earlier, Experiment, Recent};
pub use histogram::{ChiSquare, FrequencyBin, LAST_BIN, chi_square, frequency_histogram, frequency_histogram_of};
pub use past_forecasts::{PastForecast, PastTotal, errors_of_totals};
pub use predictive::{Coverage, Predictive};
pub use published::{Figure, Status, reproduce};
pub use quantity::Quantity;
pub use rolling::Spread;
pub use scores::{Scores, TOP_SHARES};
pub use spend_histogram::{SpendBin, spend_histogram};
pub use split::{Division, Origins, Split};
pub use tiers::{Decile, Tier, TierCuts, Tiers, deciles};
pub use total_ranges::TestedRange;
pub use tracking::{Tracking, TrackingPoint, expected_repeat_purchases, expected_repeat_purchases_of};
pub use widths::{Widths, widened_count, widened_value};
