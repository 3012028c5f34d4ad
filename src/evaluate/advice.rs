//! What to make of an evaluation, in a few sentences.

use super::evaluation::{Evaluation, Forecaster};
use super::quantity::Quantity;
use super::scores::Scores;
use crate::covariates::each_once;
use crate::message::{Message, say};
use crate::number_format::grouped;

/// A difference of errors that is no difference, as a share.
pub const ALIKE: f64 = 0.01;

/// Totals that were off by up to this share are good, up to the second they are to be read with care.
pub const TOTALS: [f64; 2] = [0.10, 0.25];

/// Intervals that hold as many customers as they promise, up to this share of all, are honest.
pub const HONEST: f64 = 0.03;

impl Evaluation {
    /// What is doubtful about the test; who came nearest, model or simple rule; how far off the total is; whether the intervals are honest.
    pub fn advice(&self) -> Vec<Message> {
        let mut sentences: Vec<Message> = self.cautions.iter().cloned().map(Message::into_sentence).collect();
        for what in Quantity::ALL {
            let of_each = [
                self.total(what),
                self.range(what),
                self.nearest(what),
                self.by_covariates(what),
                self.calibrated(what),
            ];
            sentences.extend(of_each.into_iter().flatten().map(Message::from));
        }
        sentences.extend(self.not_calibrated());
        sentences.extend([self.ranking(), self.intervals()].into_iter().flatten().map(Message::from));
        sentences
    }

    /// The first model's total.
    fn total(&self, what: Quantity) -> Option<String> {
        let model = self.scored.iter().find(|scored| scored.forecaster.is_model())?;
        let title = model.forecaster.title();
        let scores = model.of(what)?;
        let Some(off) = scores.total_error() else {
            let (name, expected, actual) = (what.name(), scores.expected, scores.actual);
            return Some(format!(
                "{title} expected {expected:.0} {name} in total; there were {actual:.0}. Check that the later \
                 orders are complete."
            ));
        };
        let percent = 100.0 * off.abs();
        let how = if off < 0.0 { "fewer" } else { "more" };
        let how = if what == Quantity::Value && off < 0.0 { "less" } else { how };
        let judgement = match percent {
            p if p <= 100.0 * TOTALS[0] => "",
            p if p <= 100.0 * TOTALS[1] => "; take totals with care",
            _ => "; do not rely on its totals until you know why",
        };
        Some(format!("{title} expected {percent:.1}% {how} {} in total than there were{judgement}.", what.name()))
    }

    /// Whether the range of the first model's total held, with the errors of its earlier forecasts if there are any.
    fn range(&self, what: Quantity) -> Option<String> {
        let range = self.models.iter().flat_map(|model| &model.total_ranges).find(|range| range.what == what)?;
        let held = if range.held() { "held" } else { "did not hold" };
        let whole = |number: f64| grouped(number, 0);
        let ends = |(low, high): (f64, f64)| format!("{} to {}", whole(low), whole(high));
        let with = match range.range.past_forecasts {
            0 => " by the model alone, which had no earlier forecast to learn its errors from,".to_owned(),
            n => {
                let forecasts =
                    if n == 1 { "one earlier forecast".to_owned() } else { format!("{n} earlier forecasts") };
                format!(" with the errors of {forecasts} ({} by the model alone)", ends(range.range.by_model))
            }
        };
        Some(format!(
            "The 80% range of {} in total, {}{with}, {held}: {} came.",
            what.name(),
            ends(range.range.planned()),
            whole(range.actual)
        ))
    }

    /// Who is nearest to single customers, by both errors.
    fn nearest(&self, what: Quantity) -> Option<String> {
        let scores: Vec<(Forecaster, Scores)> =
            self.scored.iter().filter_map(|scored| Some((scored.forecaster, scored.of(what)?))).collect();
        let best = |by: fn(&Scores) -> f64, models: bool| {
            let is_one = |who: Forecaster| if models { who.is_model() } else { who.is_rule() && who.is_foresight() };
            let those = scores.iter().filter(|(who, _)| is_one(*who));
            let (who, scores) = those.min_by(|a, b| by(&a.1).total_cmp(&by(&b.1)))?;
            Some((*who, by(scores)))
        };
        let sentence = |name: &str, by: fn(&Scores) -> f64| {
            let ((model, ours), (rule, theirs)) = (best(by, true)?, best(by, false)?);
            let (model, rule) = (model.title(), rule.title());
            if ours == theirs || theirs == 0.0 {
                let how = if ours == theirs { "are alike" } else { "cannot be compared: nothing came" };
                return Some(format!("by {name}, {model} and “{rule}” {how}"));
            }
            Some(match ours / theirs - 1.0 {
                gap if gap.abs() < ALIKE => {
                    format!("by {name}, {model} and “{rule}” are alike ({ours:.4}, {theirs:.4})")
                }
                gap if gap < 0.0 => {
                    format!("by {name}, {model} ({ours:.4}) beats every simple rule (“{rule}”: {theirs:.4})")
                }
                _ => format!("by {name}, the simple rule “{rule}” ({theirs:.4}) beats {model} ({ours:.4})"),
            })
        };
        let square = sentence("root mean square error", |scores| scores.root_mean_square_error)?;
        let absolute = sentence("mean absolute error, with medians for models", |scores| scores.mean_absolute_error)?;
        Some(format!("For each customer's {}: {square}; {absolute}.", what.name()))
    }

    /// What covariates bring: the first model with them beside the same without.
    fn by_covariates(&self, what: Quantity) -> Option<String> {
        let with = self.models.iter().find(|model| model.effects.is_some())?;
        let effects = with.effects.as_deref()?;
        let moving = match what {
            Quantity::Purchases => [effects.timing.as_ref(), None],
            Quantity::Value => [effects.timing.as_ref(), effects.spend.as_ref()],
        };
        let moving = || moving.into_iter().flatten();
        let names = each_once(moving().flat_map(|effects| &effects.covariates).map(|covariate| &covariate.name));
        let without = with.forecaster.without_covariates();
        let scores = |who: Forecaster| self.scored.iter().find(|scored| scored.forecaster == who)?.of(what);
        // A chosen model may be one that is named.
        let plain = scores(without).or_else(|| scores(Forecaster::Model(with.model.kind())))?;
        let with = scores(with.forecaster)?;
        moving().next()?;
        let errors = [
            ("mean absolute error", with.mean_absolute_error_of_mean, plain.mean_absolute_error_of_mean),
            ("root mean square error", with.root_mean_square_error, plain.root_mean_square_error),
        ];
        let [absolute, square] = errors.map(|(name, with, plain)| {
            format!("{name} of {with:.4} instead of {plain:.4} ({:+.1}%)", 100.0 * (with / plain - 1.0))
        });
        let gaps = errors.map(|(_, with, plain)| with / plain - 1.0);
        let (best, worst) = (gaps[0].min(gaps[1]), gaps[0].max(gaps[1]));
        let judgement = match (best < -ALIKE, worst > ALIKE) {
            (true, false) => "they foresee these customers better",
            (false, true) => "they foresee these customers worse",
            (true, true) => "one error is smaller, the other larger",
            _ => "for customers with a history that is no difference",
        };
        Some(format!(
            "With {}, {}'s expectations of each customer's {} have a {absolute}, and a {square}: {judgement}.",
            names.join(", "),
            without.title(),
            what.name()
        ))
    }

    /// What the first model's expectations and the last period, mixed as an earlier day teaches, would have come to.
    fn calibrated(&self, what: Quantity) -> Option<String> {
        let model = self.models.iter().find(|model| model.calibration.is_some())?;
        let calibration = model.calibration.as_ref()?.as_ref().ok()?;
        let weights = calibration.weights(what)?;
        let scores =
            |is_it: &dyn Fn(Forecaster) -> bool| self.scored.iter().find(|one| is_it(one.forecaster))?.of(what);
        // The first of the calibrated ones is of the first model.
        let ours = scores(&|who| who == model.forecaster)?;
        let mixed = scores(&|who| matches!(who, Forecaster::Calibrated { .. }))?;
        let (title, what) = (model.model.kind().title(), what.name());
        let error = |scores: Scores| scores.root_mean_square_error;
        let gap = error(mixed) / error(ours) - 1.0;
        let how = match gap {
            gap if !gap.is_finite() => return None,
            gap if gap.abs() < 0.001 => "as near to single customers as the model alone".to_owned(),
            gap if gap < 0.0 => format!("{:.1}% nearer to single customers than the model alone", -100.0 * gap),
            gap => format!("{:.1}% farther from single customers than the model alone", 100.0 * gap),
        };
        let total = |scores: Scores| Some(format!("{:+.1}%", 100.0 * scores.total_error()?));
        let totals = match (total(mixed), total(ours)) {
            (Some(mixed), Some(ours)) => format!(", and the total off by {mixed} rather than {ours}"),
            _ => String::new(),
        };
        Some(format!(
            "Calibrated {what} - {}, learned {} from what then came - would have been {how}{totals}.",
            weights.in_words(title),
            calibration.days_in_words()
        ))
    }

    /// Why earlier days teach nothing about the first model.
    fn not_calibrated(&self) -> Option<Message> {
        let why = self.models.iter().find_map(|model| model.calibration.as_ref())?.as_ref().err()?;
        Some(say!["There is no calibrated forecast, and the model's own stands: ", why, "."])
    }

    /// What the best tenth by expectation brought.
    fn ranking(&self) -> Option<String> {
        let model = self.scored.iter().find(|scored| scored.forecaster.is_model())?;
        let what = model.most();
        let ([tenth, fifth], (rule, theirs)) = (model.of(what)?.top, self.best_order(what)?);
        Some(format!(
            "The tenth of the customers of whom it expected most accounted for {:.0}% of the {}, the top fifth for {:.0}% (by \
             chance: 10% and 20%; by “{}”: \
             {:.0}% and {:.0}%).",
            100.0 * tenth?,
            what.name(),
            100.0 * fifth?,
            rule.title(),
            100.0 * theirs[0],
            100.0 * theirs[1],
        ))
    }

    /// Whether intervals held what they promise.
    fn intervals(&self) -> Option<String> {
        let predictive = &self.models.first()?.predictive;
        let counts = predictive.purchases.iter().map(|coverage| ("purchases", coverage));
        let values =
            predictive.value.iter().flat_map(|(_, coverage)| coverage.iter().map(|coverage| ("value", coverage)));
        let gap = |coverage: &super::Coverage| coverage.covered - coverage.expected;
        let (what, worst) = counts.chain(values).max_by(|a, b| gap(a.1).abs().total_cmp(&gap(b.1).abs()))?;
        let (percent, covered, expected) = (100.0 * worst.share, 100.0 * worst.covered, 100.0 * worst.expected);
        Some(if gap(worst).abs() <= HONEST {
            "Its intervals for single customers cover what they promise, within 3 points.".to_owned()
        } else {
            format!(
                "Its {percent:.0}% intervals for a customer's {what} covered {covered:.0}% of the cases instead of the promised \
                 {expected:.0}%: they are too {}.",
                if gap(worst) < 0.0 { "narrow" } else { "wide" }
            )
        })
    }
}
