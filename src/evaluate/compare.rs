//! Several models of purchase timing on the same data, side by side.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::{
    ChiSquare, ConditionalGroup, Division, FrequencyBin, LAST_BIN, Scores, WITH_COVARIATES, by_frequency, chi_square,
    frequency_histogram, frequency_histogram_of,
};
use crate::covariates::{CovariateOptions, Effects, each_once};
use crate::error::{Error, Result};
use crate::fit::{FitOptions, FitRecord, SummaryRegression, degree, is_clear};
use crate::message::{Message, say};
use crate::models::{Stages, TimingKind, TimingModel};
use crate::predict::{CustomerEffects, Horizon, Modelled, PerCustomer, Predictor};
use crate::summary::{CountedHistories, Day, Grain, PurchaseLog, Summary};

/// What customers did after the end of a summary.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Later {
    /// Last day of it.
    pub until: Day,
    /// Purchases of each customer of the summary, in its order.
    pub purchases: Vec<u32>,
    /// What is doubtful about how the orders were divided, in words with advice.
    pub cautions: Vec<Message>,
}

impl Later {
    /// What the customers of a summary up to the split did afterwards.
    ///
    /// # Errors
    /// Those of [`PurchaseLog::windows`]; [`Error::usage`] if rows stand for several customers.
    pub fn new(log: &mut PurchaseLog, summary: &Summary, division: Division) -> Result<Self> {
        summary.check_unweighted("what came later")?;
        let Division { split, until, cautions } = division;
        let purchases = log.windows(summary, &[(split, until)])?.remove(0).purchases;
        Ok(Self { until, purchases, cautions })
    }
}

/// One model and how it did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Compared {
    /// The model at its estimate.
    pub model: TimingModel,
    /// The evidence of its fit.
    pub fit: FitRecord,
    /// What moves its parameters, if it has covariates; then they are those of a customer with zeros in all columns.
    pub effects: Option<Effects>,
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
#[non_exhaustive]
pub struct HoldoutErrors {
    /// Over customers and in all.
    pub scores: Scores,
    /// Means by number of repeat purchases in the observation.
    pub by_frequency: Vec<ConditionalGroup>,
}

/// Several models on the same data.
#[derive(Debug)]
#[non_exhaustive]
pub struct Comparison {
    /// Those that could be fitted, the smallest BIC first; after them those that [do not compare](Compared::is_comparable).
    pub contenders: Vec<Compared>,
    /// Those that could not, and why.
    pub failures: Vec<(TimingKind, Error)>,
    /// What is doubtful about the holdout, in words with advice.
    pub cautions: Vec<Message>,
}

/// The likelihood-ratio test of a model with covariates beside the same without: `2 (ln L - ln L without)` beside a chi-square
/// distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct LikelihoodRatio {
    /// The statistic.
    pub statistic: f64,
    /// Number of coefficients.
    pub degrees: u32,
    /// The chance of as much where they have no effect.
    pub p: f64,
}

impl Compared {
    /// The model's name in files.
    pub fn name(&self) -> Cow<'static, str> {
        let name = self.model.kind().name();
        if self.effects.is_none() { name.into() } else { format!("{name}{WITH_COVARIATES}").into() }
    }

    /// The model's name in the literature.
    pub fn title(&self) -> Cow<'static, str> {
        let title = self.model.kind().title();
        if self.effects.is_none() { title.into() } else { format!("{title} with covariates").into() }
    }

    /// Number of parameters, with the number of stages where it was chosen.
    pub fn parameters(&self) -> usize {
        self.fit.freedom()
    }

    /// Whether its criteria compare with those of others: not those of models of discrete opportunities, whose likelihood is of another
    /// kind, nor where a prior holds coefficients.
    pub fn is_comparable(&self) -> bool {
        !self.model.kind().is_discrete() && self.fit.covariate_sd.is_none()
    }

    /// What the covariates add to the likelihood; none without covariates, or where a prior holds them.
    pub fn likelihood_ratio(&self) -> Option<LikelihoodRatio> {
        let effects = self.effects.as_ref()?;
        let statistic = 2.0 * (self.fit.log_likelihood - effects.log_likelihood_without?);
        let degrees = effects.coefficients.len() as u32;
        let p = ChiSquared::new(f64::from(degrees)).ok()?.sf(statistic.max(0.0));
        Some(LikelihoodRatio { statistic, degrees, p })
    }
}

/// The models that are worth comparing on such data: all of them in continuous time, where interpurchase times are known also those
/// of regular ones, and where whole periods longer than days are counted, also those of discrete opportunities.
pub fn eligible(summary: &Summary) -> Vec<TimingKind> {
    let observation = &summary.observation;
    let discrete = observation.counts_periods() && observation.grain != Grain::Day;
    let regular = summary.knows_interpurchase_times();
    let fits = |kind: &TimingKind| (discrete || !kind.is_discrete()) && (regular || !kind.is_open());
    TimingKind::ALL.iter().copied().filter(fits).collect()
}

/// Fits each of the models to the counted histories of a summary's customers and looks how well it does. A model of regular purchases
/// whose number of stages is open, and for which the data choose one, is left out beside others: it is the model without stages.
///
/// # Errors
/// [`Error::data`] with the first failure, if no fit succeeds; those of the forecast, if the later purchases are not of later days.
pub fn compare(
    kinds: &[TimingKind],
    summary: &Summary,
    data: &CountedHistories,
    later: Option<&Later>,
    options: &FitOptions,
) -> Result<Comparison> {
    compare_with(kinds, summary, data, later, options, &CovariateOptions::default())
}

/// [`compare`], each model also with these covariates of purchases and dropout.
///
/// # Errors
/// Likewise, and the first failure with covariates, if no fit with them succeeds.
pub fn compare_with(
    kinds: &[TimingKind],
    summary: &Summary,
    data: &CountedHistories,
    later: Option<&Later>,
    options: &FitOptions,
    covariates: &CovariateOptions,
) -> Result<Comparison> {
    let cautions = later.map_or(Vec::new(), |later| later.cautions.clone());
    let mut comparison = Comparison { contenders: Vec::new(), failures: Vec::new(), cautions };
    let mut without: Vec<(TimingKind, Error)> = Vec::new();
    let regression = SummaryRegression { covariates, fit: *options, tests: false, bootstrap: None };
    for &kind in kinds {
        let start = Instant::now();
        match kind.check_observation(&summary.observation).and_then(|()| kind.fit(data, options)) {
            // With one stage it is the model without, which is there, or was not asked for.
            Ok((model, _)) if kind.is_open() && kinds.len() > 1 && model.kind() == kind.with_stages(Stages::ONE) => {}
            Ok((model, fit)) => {
                let time = start.elapsed();
                if !covariates.is_empty_of_timing() {
                    match regression.of_timing((&model, &fit), summary) {
                        Ok((model, fit, effects)) => {
                            let time = start.elapsed();
                            let effects = Some(effects);
                            comparison.contenders.push(compared(model, fit, effects, (summary, data), later, time)?);
                        }
                        Err(error) => without.push((kind, error.reworded(|why| say!["with covariates: ", why]))),
                    }
                }
                comparison.contenders.push(compared(model, fit, None, (summary, data), later, time)?);
            }
            Err(error) => comparison.failures.push((kind, error)),
        }
    }
    if comparison.contenders.is_empty() && !comparison.failures.is_empty() {
        let (kind, error) = comparison.failures.swap_remove(0);
        let title = kind.title();
        return Err(error.reworded(|why| say!["none of the models could be fitted. {title}: ", why]));
    }
    if !without.is_empty() && comparison.contenders.iter().all(|one| one.effects.is_none()) {
        let (kind, error) = without.swap_remove(0);
        let title = kind.title();
        return Err(error.reworded(|why| say!["{title} ", why]));
    }
    comparison.failures.extend(without);
    comparison.contenders.sort_by(|a, b| {
        let apart = |contender: &Compared| !contender.is_comparable();
        apart(a).cmp(&apart(b)).then(a.fit.bic().total_cmp(&b.fit.bic()))
    });
    Ok(comparison)
}

fn compared(
    model: TimingModel,
    fit: FitRecord,
    effects: Option<Effects>,
    (summary, data): (&Summary, &CountedHistories),
    later: Option<&Later>,
    time: Duration,
) -> Result<Compared> {
    let predictor = predictor(model, effects.clone(), summary);
    let histogram = match effects {
        None => frequency_histogram(&model, data, LAST_BIN),
        Some(_) => frequency_histogram_of(&Modelled::new(&predictor, summary)?, summary, LAST_BIN),
    };
    let chi_square = chi_square(&histogram, fit.freedom());
    let holdout = later.map(|later| holdout(&predictor, summary, later)).transpose()?;
    Ok(Compared { model, fit, effects, histogram, chi_square, holdout, time })
}

fn predictor(timing: TimingModel, effects: Option<Effects>, summary: &Summary) -> Predictor {
    let observation = &summary.observation;
    let (unit, grain) = (observation.unit, observation.grain);
    let of = |timing| Arc::new(CustomerEffects { timing: Some(timing), ..CustomerEffects::default() });
    Predictor { timing, spend: None, unit, grain, currency: None, effects: effects.map(of) }
}

fn holdout(predictor: &Predictor, summary: &Summary, later: &Later) -> Result<HoldoutErrors> {
    let horizon = Horizon::until(later.until);
    let outlook = predictor.outlook(summary)?;
    let customers = outlook.everybody();
    let expected = &outlook.undiscounted(&customers, &horizon, &PerCustomer::All(1.0))?.purchases;
    let medians = customers.count_medians(&horizon, &[])?;
    let actual: Vec<f64> = later.purchases.iter().map(|&n| f64::from(n)).collect();
    Ok(HoldoutErrors {
        scores: Scores::with_medians(expected, &medians, &actual),
        by_frequency: by_frequency(&summary.frequency, LAST_BIN, expected, &actual),
    })
}

impl Comparison {
    /// What to make of it, in a few sentences.
    pub fn advice(&self) -> String {
        let ranked: Vec<&Compared> = self.contenders.iter().filter(|contender| contender.is_comparable()).collect();
        let Some((best, others)) = ranked.split_first() else {
            let title = self.contenders[0].title();
            return format!("{title} counts opportunities; there is no other model here to compare it with.");
        };
        // Like with like: what dropout brings, and not covariates.
        let plain = || ranked.iter().filter(|contender| contender.effects.is_none());
        let dropout = plain().next().and_then(|best| {
            let nbd = plain().find(|contender| contender.model.kind() == TimingKind::Nbd && plain().count() > 1)?;
            Some(without_dropout(nbd, nbd.fit.bic() - best.fit.bic()))
        });
        let sentences =
            [Some(ranking(best, others)), misfit(best), self.by_covariates(), self.nearest_in_the_holdout(), dropout];
        sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// What covariates bring to the best model with them, beside the same without.
    fn by_covariates(&self) -> Option<String> {
        let with = self.contenders.iter().find(|one| one.effects.is_some())?;
        let (effects, kind) = (with.effects.as_ref()?, with.model.kind());
        let without = self.contenders.iter().find(|one| one.effects.is_none() && one.model.kind() == kind)?;
        let names = each_once(effects.covariates.iter().map(|covariate| &covariate.name)).join(", ");
        let test = with.likelihood_ratio().map(|LikelihoodRatio { statistic, degrees, p }| {
            let p = if p < 0.001 { "< .001".to_owned() } else { format!("{p:.3}") };
            let of = if degrees == 1 { "degree" } else { "degrees" };
            format!("likelihood ratio {statistic:.1} on {degrees} {of} of freedom, p {p}")
        });
        let gap = without.fit.bic() - with.fit.bic();
        let bic = effects.sd.is_none().then(|| match gap {
            gap if gap < 0.0 => format!("BIC {:.1} higher, which counts against them", -gap),
            gap => format!("BIC {gap:.1} lower"),
        });
        let error = |one: &Compared| one.holdout.as_ref().map(|holdout| holdout.scores.root_mean_square_error);
        let holdout = error(with).zip(error(without)).map(|(with, without)| {
            format!("in the holdout a root mean square error of {with:.3} instead of {without:.3}")
        });
        let all: Vec<String> = [test, bic, holdout].into_iter().flatten().collect();
        (!all.is_empty()).then(|| format!("{} with {names}, beside it without: {}.", without.title(), all.join("; ")))
    }

    /// Who came nearest to each customer's later purchases, and who to their total.
    fn nearest_in_the_holdout(&self) -> Option<String> {
        let holdouts = || {
            self.contenders
                .iter()
                .filter_map(|contender| Some((contender.title(), &contender.holdout.as_ref()?.scores)))
        };
        let (nearest, each) =
            holdouts().min_by(|a, b| a.1.root_mean_square_error.total_cmp(&b.1.root_mean_square_error))?;
        let off = |scores: &Scores| scores.total_error().map_or(f64::INFINITY, f64::abs);
        let (best, total) = holdouts().min_by(|a, b| off(a.1).total_cmp(&off(b.1)))?;
        let (error, off) = (each.root_mean_square_error, 100.0 * total.total_error()?);
        Some(if nearest == best {
            format!(
                "In the holdout, {nearest} is closest to single customers (root mean square error {error:.3}) and to their total \
                 ({off:+.1}%)."
            )
        } else {
            format!(
                "In the holdout, {nearest} is closest to single customers (root mean square error {error:.3}), {best} to their \
                 total ({off:+.1}%)."
            )
        })
    }
}

fn ranking(best: &Compared, others: &[&Compared]) -> String {
    let Some(next) = others.first() else { return format!("{} is the only model in the ranking.", best.title()) };
    let behind = |other: &Compared| other.fit.bic() - best.fit.bic();
    let alike: Vec<Cow<'static, str>> =
        others.iter().filter(|other| degree(behind(other)).is_none()).map(|other| other.title()).collect();
    if !alike.is_empty() {
        return format!(
            "{} and {} describe these data equally well (BIC within 2).",
            best.title(),
            alike.join(" and ")
        );
    }
    let gap = behind(next);
    let how = degree(gap).expect("the next is behind");
    format!("{} describes these data {how} than {} (BIC {gap:.1} lower).", best.title(), next.title())
}

fn misfit(best: &Compared) -> Option<String> {
    let ChiSquare { p_value, .. } = best.chi_square.filter(|test| test.p_value < 0.05)?;
    let p = if p_value < 0.001 { "< .001".to_owned() } else { format!("{p_value:.3}") };
    Some(format!(
        "The histogram of repeat purchases differs from that of {} by more than chance (p {p}).",
        best.title()
    ))
}

/// What the benchmark without dropout says, beside others.
fn without_dropout(nbd: &Compared, behind: f64) -> String {
    let overshoots = nbd.holdout.as_ref().and_then(|errors| errors.scores.total_error()).filter(|off| *off > 0.2);
    match overshoots {
        Some(off) => format!(
            "NBD, in which nobody leaves, expects {:.0}% more purchases than there were: customers do leave.",
            100.0 * off
        ),
        None if is_clear(behind) => {
            "NBD, in which nobody leaves, is far behind: histories look as if customers left.".to_owned()
        }
        None if degree(behind).is_none() => {
            "NBD, in which nobody leaves, describes them as well as any: they show hardly any dropout.".to_owned()
        }
        None => "NBD, in which nobody leaves, is behind: some customers leave.".to_owned(),
    }
}
