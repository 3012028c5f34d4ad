//! Several models of purchase timing on the same data, side by side.

use std::time::{Duration, Instant};

use super::{ChiSquare, FrequencyBin, FrequencyGroup, Holdout, chi_square, frequency_histogram};
use crate::error::Result;
use crate::fit::{FitOptions, FitRecord};
use crate::models::{TimingKind, TimingModel};
use crate::predict::{Horizon, Predictor, Valuation};
use crate::summary::{CountedHistories, Day, Grain, Summary};

/// What customers did after the end of a summary.
#[derive(Clone, Debug)]
pub struct Later {
    /// Last day of it.
    pub until: Day,
    /// Purchases of each customer of the summary, in its order.
    pub purchases: Vec<u32>,
}

/// One model and how it did.
#[derive(Clone, Debug)]
pub struct Contender {
    /// The model at its estimate.
    pub model: TimingModel,
    /// The evidence of its fit.
    pub fit: FitRecord,
    /// Customers by number of repeat purchases, actual and expected.
    pub histogram: Vec<FrequencyBin>,
    /// Pearson's test of them; none if the bins are too few.
    pub chi_square: Option<ChiSquare>,
    /// How it foresaw what came later, if that is known.
    pub holdout: Option<HoldoutErrors>,
    /// Time that the fit took.
    pub time: Duration,
}

/// Errors of expected purchases over the holdout.
#[derive(Clone, Debug)]
pub struct HoldoutErrors {
    /// Purchases expected in all.
    pub expected: f64,
    /// Purchases made.
    pub actual: f64,
    /// Mean absolute error over customers.
    pub mean_absolute: f64,
    /// Root of the mean squared error over customers.
    pub root_mean_square: f64,
    /// Correlation over customers.
    pub correlation: f64,
    /// Means by number of repeat purchases in the observation.
    pub by_frequency: Vec<FrequencyGroup>,
}

/// Several models on the same data.
#[derive(Debug)]
pub struct Comparison {
    /// Those that could be fitted, the smallest BIC first; after them models of discrete opportunities, whose likelihood is of
    /// another kind.
    pub contenders: Vec<Contender>,
    /// Those that could not, and why.
    pub failures: Vec<(TimingKind, crate::Error)>,
}

impl Contender {
    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        self.fit.parameters.len()
    }

    /// Akaike's criterion, `2 k - 2 ln L`.
    pub fn aic(&self) -> f64 {
        2.0 * self.parameters() as f64 - 2.0 * self.fit.log_likelihood
    }

    /// Schwarz' criterion, `k ln(customers) - 2 ln L`.
    pub fn bic(&self) -> f64 {
        self.parameters() as f64 * (self.fit.customers as f64).ln() - 2.0 * self.fit.log_likelihood
    }
}

/// The models that are worth comparing on data merged by this grain: all of them in continuous time, and where purchases are
/// merged by longer periods than days, also those of discrete opportunities.
pub fn eligible(grain: Grain) -> Vec<TimingKind> {
    TimingKind::ALL.iter().copied().filter(|kind| !kind.is_discrete() || grain != Grain::Day).collect()
}

/// Largest number of bins of the histogram: 0 to 6 repeat purchases, and 7 or more, as in FHL05.
const LAST_BIN: u32 = 7;

/// Fewest customers in the last bin, the usual condition of the chi-square test.
const FEWEST_IN_BIN: f64 = 5.0;

/// Fits each of the models and looks how well it does.
///
/// # Errors
/// Those of the first fit, if none succeeds; of the forecast, if the later purchases are not of later days.
pub fn compare(
    kinds: &[TimingKind],
    summary: &Summary,
    later: Option<&Later>,
    options: &FitOptions,
) -> Result<Comparison> {
    let data = summary.counted_histories();
    let last_bin = last_bin(&data);
    let mut comparison = Comparison { contenders: Vec::new(), failures: Vec::new() };
    for &kind in kinds {
        let start = Instant::now();
        match kind.fit(&data, options) {
            Ok((model, fit)) => {
                let time = start.elapsed();
                let histogram = frequency_histogram(&model, &data, last_bin);
                let chi_square = chi_square(&histogram, kind.parameters().len());
                let holdout = later.map(|later| holdout(model, summary, later)).transpose()?;
                comparison.contenders.push(Contender { model, fit, histogram, chi_square, holdout, time });
            }
            Err(error) => comparison.failures.push((kind, error)),
        }
    }
    if comparison.contenders.is_empty() && !comparison.failures.is_empty() {
        return Err(comparison.failures.swap_remove(0).1);
    }
    comparison.contenders.sort_by(|a, b| {
        let discrete = |contender: &Contender| contender.model.kind().is_discrete();
        discrete(a).cmp(&discrete(b)).then(a.bic().total_cmp(&b.bic()))
    });
    Ok(comparison)
}

/// The last bin of the histogram, such that enough customers fall into it.
fn last_bin(data: &CountedHistories) -> u32 {
    let at_least = |x: u32| match x {
        0 => data.customers(),
        x => data.repeats_above().get(x as usize - 1).map_or(0.0, |&(_, customers)| customers),
    };
    (0..=LAST_BIN).rev().find(|&x| at_least(x) >= FEWEST_IN_BIN).unwrap_or(0)
}

fn holdout(timing: TimingModel, summary: &Summary, later: &Later) -> Result<HoldoutErrors> {
    let observation = &summary.observation;
    let predictor = Predictor { timing, spend: None, unit: observation.unit, grain: observation.grain };
    let forecast = predictor.forecast(summary, &[Horizon::until(later.until)], &Valuation::default())?;
    let expected = &forecast.horizons[0].purchases;
    let holdout = Holdout { expected, actual: &later.purchases };
    Ok(HoldoutErrors {
        expected: expected.iter().sum(),
        actual: later.purchases.iter().map(|&n| f64::from(n)).sum(),
        mean_absolute: holdout.mean_absolute_error(),
        root_mean_square: holdout.root_mean_square_error(),
        correlation: holdout.correlation(),
        by_frequency: holdout.by_frequency(&summary.frequency, LAST_BIN),
    })
}

impl Comparison {
    /// What to make of it, in a few sentences.
    pub fn advice(&self) -> String {
        let continuous: Vec<&Contender> =
            self.contenders.iter().filter(|contender| !contender.model.kind().is_discrete()).collect();
        let Some((best, others)) = continuous.split_first() else {
            return format!(
                "{} counts opportunities; there is no other model here to compare it with.",
                self.contenders[0].model.kind().title()
            );
        };
        let title = best.model.kind().title();
        let mut sentences = vec![match others.first() {
            None => format!("{title} is the only model in the ranking."),
            Some(next) => {
                let gap = next.bic() - best.bic();
                let alike: Vec<&str> = others
                    .iter()
                    .filter(|other| other.bic() - best.bic() < 2.0)
                    .map(|other| other.model.kind().title())
                    .collect();
                if alike.is_empty() {
                    let how = if gap < 6.0 {
                        "somewhat better"
                    } else if gap < 10.0 {
                        "better"
                    } else {
                        "clearly better"
                    };
                    format!(
                        "{title} describes these data {how} than {} (BIC {gap:.1} lower).",
                        next.model.kind().title()
                    )
                } else {
                    format!("{title} and {} describe these data equally well (BIC within 2).", alike.join(" and "))
                }
            }
        }];
        if let Some(ChiSquare { p_value, .. }) = best.chi_square
            && p_value < 0.05
        {
            let p = if p_value < 0.001 { "< .001".to_owned() } else { format!("{p_value:.3}") };
            sentences.push(format!(
                "Its histogram of repeat purchases differs from the actual one by more than chance (p {p})."
            ));
        }
        let error = |contender: &Contender| contender.holdout.as_ref().map(|holdout| holdout.mean_absolute);
        let nearest = continuous
            .iter()
            .min_by(|a, b| error(a).unwrap_or(f64::INFINITY).total_cmp(&error(b).unwrap_or(f64::INFINITY)));
        if let (Some(nearest), Some(least), Some(ours)) =
            (nearest, nearest.and_then(|nearest| error(nearest)), error(best))
        {
            sentences.push(if least > 0.98 * ours {
                format!("In the holdout no model has errors more than 2% smaller than those of {title}.")
            } else {
                let other = nearest.model.kind().title();
                format!(
                    "In the holdout {other} is nearer to each customer (mean absolute error {least:.3}, not {ours:.3})."
                )
            });
        }
        for contender in &continuous {
            if contender.model.kind() == TimingKind::Nbd && contender.bic() > best.bic() + 10.0 {
                sentences.push("NBD, in which nobody leaves, is far behind: customers do leave.".to_owned());
            } else if contender.model.kind() == TimingKind::Nbd && contender.bic() < best.bic() + 2.0 {
                sentences
                    .push("NBD, in which nobody leaves, is as good: these data show hardly any dropout.".to_owned());
            }
        }
        sentences.join(" ")
    }
}
