//! The words on top of the report: what to believe, what not, and why.

use super::number::grouped;
use super::{Level, Verdict};
use crate::describe::Description;
use crate::evaluate::{ChiSquare, Evaluation, Forecaster, Quantity, Scored};
use crate::fit::Verdict as FitVerdict;
use crate::model_file::ModelFile;
use crate::models::TimingKind;
use crate::orders::ReadReport;
use crate::summary::{Excluded, Summary};

fn verdict(level: Level, headline: impl Into<String>, text: impl Into<String>) -> Verdict {
    Verdict { level, headline: headline.into(), text: text.into() }
}

fn percent(share: f64) -> String {
    format!("{:.0}%", 100.0 * share)
}

/// Totals that were off by up to this share are good, up to the second they are to be read with care.
const TOTALS: [f64; 2] = [0.10, 0.25];

/// What the test on the holdout says: of totals, of the order of customers, of intervals.
pub(super) fn of_holdout(evaluation: Result<&Evaluation, &String>) -> Vec<Verdict> {
    let evaluation = match evaluation {
        Ok(evaluation) => evaluation,
        Err(why) => {
            let text = format!("No forecast of these orders could be held against what came after: {why}.");
            return vec![verdict(Level::Caution, "This forecast is not tested", text)];
        }
    };
    let Some(model) = evaluation.scored.iter().find(|scored| matches!(scored.forecaster, Forecaster::Model(_))) else {
        return Vec::new();
    };
    let verdicts = [totals(evaluation, model), ranking(model), beaten(evaluation, model), intervals(evaluation)];
    verdicts.into_iter().flatten().collect()
}

/// Value where it is foreseen, else purchases.
fn quantity(model: &Scored) -> Quantity {
    if model.value.is_some() { Quantity::Value } else { Quantity::Purchases }
}

fn totals(evaluation: &Evaluation, model: &Scored) -> Option<Verdict> {
    let off = |what: Quantity| model.of(what)?.total_error();
    let purchases = off(Quantity::Purchases)?;
    let value = off(Quantity::Value);
    let worst = value.map_or(purchases.abs(), |value| value.abs().max(purchases.abs()));
    let (level, headline) = match worst {
        off if off <= TOTALS[0] => (Level::Good, "Totals can be planned with"),
        off if off <= TOTALS[1] => (Level::Caution, "Read totals with care"),
        _ => (Level::Bad, "Do not plan on the totals"),
    };
    let side = |off: f64| format!("{} {}", percent(off.abs()), if off < 0.0 { "below" } else { "above" });
    let value = value.map_or(String::new(), |value| format!(", and their value {}", side(value)));
    let (split, until) = (evaluation.split, evaluation.until);
    let text = format!(
        "A forecast made on {split} from the orders up to then put the purchases until {until} at {} what came{value}. Expect \
         errors of this size in the totals here: more than the intervals show, which take the model to be true.",
        side(purchases)
    );
    Some(verdict(level, headline, text))
}

/// A rank order that catches this share of what a perfect one would is good; the second is better than nothing.
const ORDERS: [f64; 2] = [0.5, 0.25];

fn ranking(model: &Scored) -> Option<Verdict> {
    let what = quantity(model);
    let scores = model.of(what)?;
    let (gini, fifth) = (scores.gini?, scores.top[1]?);
    let (level, headline) = match gini {
        gini if gini >= ORDERS[0] => (Level::Good, "The ranking of customers can be relied on"),
        gini if gini >= ORDERS[1] => (Level::Caution, "The ranking of customers is a rough one"),
        _ => (Level::Bad, "The ranking of customers says little"),
    };
    let text = format!(
        "In the same test, the fifth of the customers that was ranked highest brought {} of the {}; chance would give 20%. A \
         single customer's number is a mean over many such customers, not a promise.",
        percent(fifth),
        what.name()
    );
    Some(verdict(level, headline, text))
}

/// The nearest of the simple rules by an error, and the model's own.
fn nearest<'a>(
    evaluation: &'a Evaluation,
    model: &Scored,
    error: impl Fn(&Scored) -> Option<f64>,
) -> Option<(&'a str, f64, f64)> {
    let rules = evaluation
        .scored
        .iter()
        .filter(|scored| matches!(scored.forecaster, Forecaster::Baseline(_)) && scored.forecaster.is_foresight());
    let errors = rules.filter_map(|scored| Some((scored.forecaster.title(), error(scored)?)));
    let (rule, theirs) = errors.min_by(|a, b| a.1.total_cmp(&b.1))?;
    Some((rule, theirs, error(model)?))
}

/// Whether a simple rule would have done as well: by the error that counts large misses more, and by that which does not.
fn beaten(evaluation: &Evaluation, model: &Scored) -> Option<Verdict> {
    let what = quantity(model);
    let (rule, theirs, ours) = nearest(evaluation, model, |scored| Some(scored.of(what)?.root_mean_square_error))?;
    let (other, plain, own) = nearest(evaluation, model, |scored| Some(scored.of(what)?.mean_absolute_error))?;
    let (title, what) = (model.forecaster.title(), what.name());
    if ours >= theirs {
        let text = format!(
            "Of each customer's {what}, the rule “{rule}” was nearer in the test than {title}, by {} (root mean square error). Until \
             it is known why, use the rule.",
            percent(1.0 - theirs / ours)
        );
        return Some(verdict(Level::Bad, "A simple rule did better", text));
    }
    let ahead = format!(
        "Of each customer's {what}, {title} was nearer than rules of thumb from the same data; the best of them, “{rule}”, was off by \
         {} more (root mean square error).",
        percent(theirs / ours - 1.0)
    );
    Some(if own < plain {
        verdict(Level::Good, "It beats every simple rule", ahead)
    } else {
        let but = format!(
            "{ahead} By the mean absolute error “{other}” was nearer, by {}: that measure asks what the typical customer does, and \
             where most never return, it is nothing.",
            percent(1.0 - plain / own)
        );
        verdict(Level::Caution, "It beats simple rules on one measure, not on the other", but)
    })
}

/// Intervals that hold less than they promise, if they do.
fn intervals(evaluation: &Evaluation) -> Option<Verdict> {
    let predictive = &evaluation.models.first()?.predictive;
    let (_, values) = predictive.value.as_ref().map_or((0, &predictive.purchases), |(n, values)| (*n, values));
    let worst = values.iter().min_by(|a, b| (a.covered - a.expected).total_cmp(&(b.covered - b.expected)))?;
    (worst.covered < worst.expected - 0.05).then(|| {
        let text = format!(
            "Intervals that should hold {} of the customers held {} in the test: think of them as wider.",
            percent(worst.expected),
            percent(worst.covered)
        );
        verdict(Level::Caution, "The intervals of customers are too narrow", text)
    })
}

/// What the fit says.
pub(super) fn of_fit(model: &ModelFile, chi_square: Option<ChiSquare>) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let timing = model.timing.iter().filter_map(|record| Some((record.model.kind().title(), record.fit.as_ref()?)));
    let spend = model.spend.iter().filter_map(|record| Some(("Gamma-Gamma", record.fit.as_ref()?)));
    for (title, fit) in timing.chain(spend) {
        let (headline, text) = match &fit.verdict {
            FitVerdict::Converged => continue,
            FitVerdict::Ridge { parameters } => (
                "parameters that the orders do not tell apart",
                format!(
                    "Other values of {} describe these orders as well; what is expected hardly depends on which.",
                    parameters.join(", ")
                ),
            ),
            FitVerdict::Boundary { .. } => (
                "a parameter runs off",
                format!(
                    "The fit is {}: the orders set it no bound. What is expected is what the limit says; the section on the model \
                     tells what that means.",
                    fit.verdict
                ),
            ),
        };
        verdicts.push(verdict(Level::Caution, format!("{title}: {headline}"), text));
    }
    if let Some(test) = chi_square.filter(|test| test.p_value < 0.001) {
        let text = format!(
            "The number of customers with 0, 1, 2, ... repeat purchases differs from the model's by more than chance (chi-square \
             {:.1} on {} degrees of freedom). With many customers small misfits show; look at the chart to see whether it matters.",
            test.statistic, test.degrees_of_freedom
        );
        verdicts.push(verdict(Level::Caution, "The model is only nearly true", text));
    }
    verdicts
}

/// A correlation of frequency and spend above this is too much for Gamma-Gamma.
const CORRELATED: f64 = 0.3;

/// What the data say.
pub(super) fn of_data(
    summary: &Summary,
    model: &ModelFile,
    orders: Option<(&ReadReport, &Excluded)>,
    description: Option<&Description>,
) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    if let Some((report, _)) = orders {
        let share = report.left_out.total() as f64 / report.rows.max(1) as f64;
        if share > 0.02 {
            let text = format!(
                "{} of {} rows could not be used; the section on the data says why.",
                grouped(report.left_out.total() as f64, 0),
                grouped(report.rows as f64, 0)
            );
            verdicts.push(verdict(Level::Caution, "Rows were left out", text));
        }
    }
    let correlation = model.spend.as_ref().and_then(|spend| spend.frequency_correlation);
    if let Some(correlation) = correlation.filter(|correlation| correlation.abs() > CORRELATED) {
        let text = format!(
            "Customers who purchase more often spend {} on a purchase (correlation {correlation:.2}); the model of spend takes the two \
             to be independent, so the values of the best customers may be off.",
            if correlation > 0.0 { "more" } else { "less" }
        );
        verdicts.push(verdict(Level::Caution, "Frequency and spend go together", text));
    }
    let once = summary.frequency.iter().filter(|&&x| x == 0).count() as f64 / summary.len() as f64;
    let kind = model.timing.as_ref().map(|timing| timing.model.kind());
    if kind == Some(TimingKind::BgNbd) && once > 0.3 {
        let text = format!(
            "{} of the customers purchased once. BG/NBD cannot tell whether they have gone: their P(alive) is 1 by definition, and \
             their low expectation comes from their silence. MBG/NBD and Pareto/NBD (--model) tell them apart.",
            percent(once)
        );
        verdicts.push(verdict(Level::Caution, "Of one-time customers P(alive) says nothing", text));
    }
    let negative = description.and_then(|description| description.concentration.as_ref()).map_or(0, |all| all.negative);
    if negative > 0 {
        let text = format!("{} customers gave back more than they bought.", grouped(negative as f64, 0));
        verdicts.push(verdict(Level::Caution, "Some customers are worth less than nothing", text));
    }
    verdicts
}
