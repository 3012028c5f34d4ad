//! The words on top of the report: what to believe, what not, and why.

use super::forecasts::Forecasts;
use super::regularity;
use crate::describe::{Description, Regularity};
use crate::evaluate::{
    ALIKE, Baseline, Evaluation, Forecaster, FrequencyBin, HONEST, Quantity, Scored, Scores, TOTALS,
};
use crate::fit::{Contender, FitRecord, Verdict as FitVerdict};
use crate::message::{Message, opt, say};
use crate::model_file::ModelFile;
use crate::models::TimingKind;
use crate::number_format::{self, grouped};
use crate::orders::ReadReport;
use crate::predict::{Total, TotalRange};
use crate::report::page::amounts::Amounts;
use crate::report::{Level, Verdict};
use crate::summary::{Day, Excluded, Summary};

fn verdict(level: Level, headline: impl Into<String>, text: impl Into<Message>) -> Verdict {
    Verdict { level, headline: headline.into(), text: text.into() }
}

fn percent(share: f64) -> String {
    number_format::percent(share, 0)
}

/// What is doubtful about the end of the observation, how far the forecast reaches, and the discount.
pub(crate) fn doubts(of_observation: Vec<Message>, reach: Option<Message>, discount: Option<Message>) -> Vec<Verdict> {
    let caution = |headline: &'static str| move |text: Message| verdict(Level::Caution, headline, text.into_sentence());
    let of_observation = of_observation.into_iter().map(caution("The end of the observation is in doubt"));
    let reach = reach.into_iter().map(caution("The forecast reaches further than the observation"));
    of_observation.chain(reach).chain(discount.into_iter().map(caution("The discount rate is above 100%"))).collect()
}

/// What the test on later orders says: of totals, of the order of customers, of simple rules, of intervals.
pub(crate) fn of_holdout(
    evaluation: Result<&Evaluation, &Message>,
    forecasts: &Forecasts,
    amounts: Amounts,
) -> Vec<Verdict> {
    let evaluation = match evaluation {
        Ok(evaluation) => evaluation,
        Err(why) => {
            let text = say!["It has not been compared with later orders: ", why.clone(), "."];
            return vec![verdict(Level::Caution, "This forecast is not tested", text)];
        }
    };
    let Some(model) = evaluation.scored.iter().find(|scored| scored.forecaster.is_model()) else {
        return Vec::new();
    };
    let what = model.most();
    if model.purchases.actual == 0.0 {
        return vec![nothing_came(evaluation, &model.purchases)];
    }
    if evaluation.customers < FEWEST_CUSTOMERS || model.purchases.actual < FEWEST_PURCHASES {
        return [Some(too_few(evaluation, &model.purchases)), totals(evaluation, model, forecasts, amounts)]
            .into_iter()
            .flatten()
            .collect();
    }
    let verdicts = [
        totals(evaluation, model, forecasts, amounts),
        ranking(evaluation, model, what),
        beaten(evaluation, model, what),
        intervals(evaluation),
    ];
    verdicts.into_iter().flatten().collect()
}

/// Fewer customers, and fewer purchases in the test, tell nothing of single customers.
const FEWEST_CUSTOMERS: u64 = 100;
const FEWEST_PURCHASES: f64 = 30.0;

fn nothing_came(evaluation: &Evaluation, purchases: &Scores) -> Verdict {
    let text = format!(
        "{} purchases were expected from {} to {}, and there were none. Check that the orders after {} are complete.",
        grouped(purchases.expected, 0),
        Day(evaluation.split.0 + 1),
        evaluation.until,
        evaluation.split
    );
    verdict(Level::Bad, "No purchases in the test", text)
}

fn too_few(evaluation: &Evaluation, purchases: &Scores) -> Verdict {
    let text = format!(
        "The test has {} customers and {} purchases: too few to judge how well the forecast tells customers apart.",
        grouped(evaluation.customers as f64, 0),
        grouped(purchases.actual, 0)
    );
    verdict(Level::Caution, "Too few customers for a judgement", text)
}

fn totals(evaluation: &Evaluation, model: &Scored, forecasts: &Forecasts, amounts: Amounts) -> Option<Verdict> {
    let (split, until) = (evaluation.split, evaluation.until);
    let side = |off: f64| format!("{} {}", percent(off.abs()), if off < 0.0 { "below" } else { "above" });
    let purchases = model.purchases.total_error()?;
    let made = format!(
        "A forecast made on {split} from the orders up to then was {} the purchases that followed until {until}",
        side(purchases)
    );
    let value = match model.value {
        Some(value) if value.actual <= 0.0 => {
            let (expected, actual) = (amounts.written(value.expected), amounts.written(value.actual));
            let text = format!(
                "{made}. Their value was expected to be {expected} and was {actual}: more was returned than bought."
            );
            return Some(verdict(Level::Bad, "Do not plan on the totals", text));
        }
        value => value.and_then(|value| value.total_error()),
    };
    let worst = value.map_or(purchases.abs(), |value| value.abs().max(purchases.abs()));
    let (level, headline) = match worst {
        off if off <= TOTALS[0] => (Level::Good, "You can plan with the totals"),
        off if off <= TOTALS[1] => (Level::Caution, "Read totals with care"),
        _ => (Level::Bad, "Do not plan on the totals"),
    };
    let value = value.map_or(String::new(), |value| format!(", and {} their value", side(value)));
    let reach = forecasts.horizons.last().map(|last| {
        let (total, range) = match (&last.totals.all.value, &last.value_range) {
            (Some(value), Some(range)) => (value, range),
            _ => (&last.totals.all.purchases, &last.purchases_range),
        };
        reach(total, range)
    });
    let here = match reach {
        Some(reach) if worst <= reach => "The 80% ranges below allow for errors of this size.",
        _ => "Errors of this size are likely here, too. They are larger than the 80% ranges below.",
    };
    Some(verdict(level, headline, format!("{made}{value}. {here}")))
}

/// Half of the width of the range to plan with, as a share of what is expected.
fn reach(total: &Total, range: &TotalRange) -> f64 {
    let (low, high) = range.planned();
    if total.expected > 0.0 { 0.5 * (high - low) / total.expected } else { 0.0 }
}

/// A rank order that catches this share of what a perfect one would is good; the second is better than nothing.
const ORDERS: [f64; 2] = [0.5, 0.25];

fn ranking(evaluation: &Evaluation, model: &Scored, what: Quantity) -> Option<Verdict> {
    let scores = model.of(what)?;
    let (gini, fifth) = (scores.gini?, scores.top[1]?);
    let (level, headline) = match gini {
        gini if gini >= ORDERS[0] => (Level::Good, "The ranking of customers can be relied on"),
        gini if gini >= ORDERS[1] => (Level::Caution, "The ranking of customers is rough"),
        _ => (Level::Bad, "The ranking of customers says little"),
    };
    let (rule, [_, theirs]) = evaluation.best_order(what)?;
    let text = format!(
        "In the same test of {} customers, the fifth ranked highest accounted for {} of the {}. A random fifth would account for \
         20%, and the fifth chosen by the best rule of thumb, “{}”, for {}. A single customer's number is an average over many such \
         customers, not a promise.",
        grouped(evaluation.customers as f64, 0),
        percent(fifth),
        what.name(),
        rule.title(),
        percent(theirs)
    );
    Some(verdict(level, headline, text))
}

/// The nearest of the simple rules by an error, its error, and the model's own.
fn nearest(
    evaluation: &Evaluation,
    model: &Scored,
    error: impl Fn(&Scored) -> Option<f64>,
) -> Option<(Baseline, f64, f64)> {
    let errors = evaluation.rules().filter_map(|(rule, scored)| Some((rule, error(scored)?)));
    let (rule, theirs) = errors.min_by(|a, b| a.1.total_cmp(&b.1))?;
    Some((rule, theirs, error(model)?))
}

/// Whether a simple rule would have done as well: by the error that counts large misses more, and by that which does not.
fn beaten(evaluation: &Evaluation, model: &Scored, what: Quantity) -> Option<Verdict> {
    let (rule, theirs, ours) = nearest(evaluation, model, |scored| Some(scored.of(what)?.root_mean_square_error))?;
    let (other, plain, own) = nearest(evaluation, model, |scored| Some(scored.of(what)?.mean_absolute_error))?;
    let calibrated = evaluation.scored.iter().find(|scored| matches!(scored.forecaster, Forecaster::Calibrated { .. }));
    let calibrated = calibrated.and_then(|scored| Some(scored.of(what)?.root_mean_square_error));
    let (title, what) = (model.forecaster.title(), what.name());
    if ours >= theirs {
        let advice = match (calibrated, rule) {
            (Some(calibrated), _) if calibrated < theirs => say![
                "Use ",
                opt("calibrate"),
                format!(
                    ": in this test it was nearer than the model and every rule, by {} and {}.",
                    percent(1.0 - calibrated / ours),
                    percent(1.0 - calibrated / theirs)
                )
            ],
            (_, Baseline::Zero) => {
                "Few of these customers came back at all, and the model's numbers are too high for them.".into()
            }
            _ => "What customers did last tells more here than how long they have been silent: a season or growth that the model does \
                  not know may be why. Use the rule until you know."
                .into(),
        };
        let text = format!(
            "For each customer's {what}, the rule “{}” was more accurate in the test than {title}, by {} (root mean square error). ",
            rule.title(),
            percent(1.0 - theirs / ours)
        );
        return Some(verdict(Level::Bad, "A rule of thumb did better", say![text, advice]));
    }
    // Only the text: what is nearer still is advice, not a fault.
    let nearer = calibrated.map(|calibrated| 1.0 - calibrated / ours).filter(|gain| *gain > ALIKE);
    let advice = nearer.map_or_else(Message::default, |gain| {
        say![" ", opt("calibrate"), format!(" was nearer still, by {}: plan single customers with it.", percent(gain))]
    });
    let ahead = format!(
        "For each customer's {what}, {title} was more accurate than rules of thumb on the same data; the error of the best of them, \
         “{}”, was {} larger (root mean square error).",
        rule.title(),
        percent(theirs / ours - 1.0)
    );
    let gap = own / plain - 1.0;
    if gap < -ALIKE {
        return Some(verdict(Level::Good, "The model beats every rule of thumb", say![ahead, advice]));
    }
    let how = if gap <= ALIKE {
        "was as accurate".to_owned()
    } else {
        format!("was more accurate, by {}", percent(1.0 - plain / own))
    };
    let why = match other {
        Baseline::Zero => {
            ": where most customers never come back, expecting nothing from anybody does well on that measure"
        }
        _ => "",
    };
    let text =
        format!("{ahead} By the mean absolute error, with medians for the model, “{}” {how}{why}.", other.title());
    let text = say![text, advice];
    Some(if gap <= ALIKE {
        verdict(Level::Good, "The model matches or beats every rule of thumb", text)
    } else {
        verdict(Level::Caution, "The model beats rules of thumb on one measure, not on another", text)
    })
}

/// Intervals that hold less than they promise, if they do.
fn intervals(evaluation: &Evaluation) -> Option<Verdict> {
    let predictive = &evaluation.models.first()?.predictive;
    let values = predictive.value.as_ref().map_or(&predictive.purchases, |(_, values)| values);
    let worst = values.iter().min_by(|a, b| (a.covered - a.expected).total_cmp(&(b.covered - b.expected)))?;
    (worst.covered < worst.expected - HONEST).then(|| {
        let text = format!(
            "Ranges that should contain {} of the customers contained {} in the test: think of them as wider.",
            percent(worst.expected),
            percent(worst.covered)
        );
        verdict(Level::Caution, "The ranges for single customers are too narrow", text)
    })
}

/// The models that were fitted, and the evidence.
pub(crate) fn fits(model: &ModelFile) -> impl Iterator<Item = (&'static str, &FitRecord)> {
    let timing = model.timing.iter().filter_map(|record| Some((record.model.kind().title(), record.fit.as_ref()?)));
    let spend = model.spend.iter().filter_map(|record| Some(("Gamma-Gamma", record.fit.as_ref()?)));
    timing.chain(spend)
}

/// A histogram that is off by more than this share of the customers is no good fit.
const MISFIT: f64 = 0.05;

/// What the fit says.
pub(crate) fn of_fit(model: &ModelFile, histogram: &[FrequencyBin]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (title, fit) in fits(model) {
        let (headline, text) = match &fit.verdict {
            FitVerdict::Converged => continue,
            FitVerdict::Ridge { .. } => (
                "Parameters should not be compared",
                format!(
                    "Other parameters of {title} describe these orders just as well. The forecast hardly depends \
                     on which are used."
                ),
            ),
            FitVerdict::Boundary { .. } => (
                "The orders determine only part of the model",
                format!(
                    "A parameter of {title} runs off to a limit, because nothing in the orders bounds it: customers who never \
                     leave, or who are all alike. The forecast is that of the limit."
                ),
            ),
        };
        verdicts.push(verdict(Level::Caution, headline, format!("{text} See the section on the model.")));
    }
    let off: f64 = histogram.iter().map(|bin| (bin.actual - bin.expected).abs()).sum();
    let misfit = 0.5 * off / histogram.iter().map(|bin| bin.actual).sum::<f64>().max(1.0);
    if misfit > MISFIT {
        let text = format!(
            "According to the model, {} of the customers would have purchased more or less often than they did; the section on the \
             model shows \
             where.",
            percent(misfit)
        );
        verdicts.push(verdict(Level::Caution, "The model fits only roughly", text));
    }
    verdicts
}

/// Another model that describes the data clearly better than the one that was fitted.
pub(crate) fn of_better(model: &ModelFile, better: &Contender, regularity: Option<&Regularity>) -> Option<Verdict> {
    let timing = model.timing.as_ref()?;
    let gap = grouped(timing.fit_without_covariates()?.bic() - better.bic, 0);
    let both = if timing.covariates.is_some() { ", both without covariates" } else { "" };
    let (open, regular) = (better.model.without_stages(), better.model.is_regular());
    let how = if regular { ", in which customers purchase at regular intervals," } else { "" };
    let seen = regularity.filter(|_| regular).and_then(regularity::in_words);
    let (better, than) = (better.model.title(), timing.model.kind().title());
    let seen = seen.map(|seen| seen + " ").unwrap_or_default();
    let text = say![
        "{better}{how} has a BIC {gap} below that of {than}{both}. {seen}",
        opt("model").with(open.to_string()),
        " selects it; an evaluation of both on later orders shows whether it also predicts better."
    ];
    Some(verdict(Level::Caution, "Another model describes these orders clearly better", text))
}

/// A correlation of frequency and spend above this is too much for Gamma-Gamma.
const CORRELATED: f64 = 0.3;

/// Of more left-out rows than this one should know.
const LEFT_OUT: f64 = 0.02;

/// Of more one-time customers, too.
const ONCE: f64 = 0.3;

/// What the data say.
pub(crate) fn of_data(
    summary: &Summary,
    model: &ModelFile,
    orders: Option<(&ReadReport, &Excluded)>,
    description: Option<&Description>,
) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    if let Some((report, _)) =
        orders.filter(|(report, _)| report.left_out.not_by_option() as f64 > LEFT_OUT * report.rows as f64)
    {
        let text = format!(
            "{} of {} rows could not be used; the section on the data says why.",
            grouped(report.left_out.not_by_option() as f64, 0),
            grouped(report.rows as f64, 0)
        );
        verdicts.push(verdict(Level::Caution, "Rows were left out", text));
    }
    let correlation = model.spend.as_ref().and_then(|spend| spend.frequency_correlation);
    if let Some(correlation) = correlation.filter(|correlation| correlation.abs() > CORRELATED) {
        let text = format!(
            "Customers who purchase more often spend {} per purchase (correlation {correlation:.2}); the model of spend assumes \
             that the two are independent, so the values of the best customers may be off.",
            if correlation > 0.0 { "more" } else { "less" }
        );
        verdicts.push(verdict(Level::Caution, "Frequency and spend go together", text));
    }
    let once = summary.frequency.iter().filter(|&&x| x == 0).count() as f64 / summary.len() as f64;
    if let Some(kind) = keeps_one_time_customers(model).filter(|_| once > ONCE) {
        let text = format!(
            "{} of the customers purchased once. {} assumes that all of them are still customers; little is expected of them \
             because they have been silent.",
            percent(once),
            kind.title()
        );
        verdicts.push(verdict(Level::Caution, "It is not known which one-time customers are gone", text));
    }
    let negative = description.and_then(|description| description.concentration.as_ref()).map_or(0, |all| all.negative);
    if negative > 0 && model.spend.is_some() {
        let text = format!("{} of them returned more than they bought.", grouped(negative as f64, 0));
        verdicts.push(verdict(Level::Caution, "Some customers have cost more than they brought", text));
    }
    verdicts
}

/// The timing model, if in it a customer can leave only after a repeat purchase.
pub(crate) fn keeps_one_time_customers(model: &ModelFile) -> Option<TimingKind> {
    model.timing.as_ref().map(|timing| timing.model.kind()).filter(|kind| kind.keeps_one_time_customers())
}
