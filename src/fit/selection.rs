//! The model that describes the data best, chosen by Schwarz' criterion.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::regular::Open;
use super::{FitOptions, FitRecord};
use crate::error::{Error, Result};
use crate::message::{Message, say};
use crate::models::{Stages, TimingKind, TimingModel};
use crate::options::as_text;
use crate::parallel::in_parallel;
use crate::summary::{CountedHistories, Observation};

/// Which timing model is fitted: one that is named, or the one that describes the data best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimingChoice {
    /// This one.
    Kind(TimingKind),
    /// Of [`CONTENDERS`] the one with the smallest BIC.
    Auto,
}

as_text!(TimingChoice);

/// The models among which [`TimingChoice::Auto`] chooses, those of regular purchases with at least two stages. BG/BB is not among
/// them: its likelihood is the density of other observations.
pub const CONTENDERS: [TimingKind; 7] = [
    TimingKind::BgNbd,
    TimingKind::MbgNbd,
    TimingKind::ParetoNbd,
    TimingKind::Nbd,
    TimingKind::BgCnbd(None),
    TimingKind::MbgCnbd(None),
    TimingKind::ParetoCnbd(None),
];

/// Models whose likelihoods are closed forms, those of regular purchases with two stages: they cost little beside anything else that is
/// done with orders.
pub fn quick_to_fit() -> [TimingKind; 4] {
    let two = Stages::ONE.next();
    [TimingKind::BgNbd, TimingKind::MbgNbd, TimingKind::BgCnbd(two), TimingKind::MbgCnbd(two)]
}

/// What [`TimingChoice::Auto`] is called.
pub const AUTO: &str = "auto";

/// How far a BIC has to be below another until the one model describes the data better (positive evidence), and clearly better
/// (very strong evidence): Kass & Raftery (1995), Journal of the American Statistical Association 90(430).
const DEGREES: [f64; 3] = [2.0, 6.0, 10.0];

/// How a model describes the data beside another whose BIC is larger by `gap`; none if they do equally well.
pub fn degree(gap: f64) -> Option<&'static str> {
    let [positive, strong, very_strong] = DEGREES;
    match gap {
        gap if gap < positive => None,
        gap if gap < strong => Some("somewhat better"),
        gap if gap < very_strong => Some("better"),
        _ => Some("clearly better"),
    }
}

/// Whether a model whose BIC is smaller by `gap` describes the data clearly better.
pub fn is_clear(gap: f64) -> bool {
    gap >= DEGREES[2]
}

/// A model among which was chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Contender {
    /// Which, with its number of stages.
    pub model: TimingKind,
    /// Number of parameters that were estimated, the number of stages among them.
    pub parameters: usize,
    /// Log-likelihood at the estimate.
    pub log_likelihood: f64,
    /// `parameters ln(customers) - 2 log_likelihood`: Schwarz (1978), The Annals of Statistics 6(2).
    pub bic: f64,
}

/// A model that could not be chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LeftOut {
    /// Which.
    pub model: TimingKind,
    /// Why.
    pub why: Message,
}

/// A choice among models, kept with the model that was chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Selection {
    /// The models that were fitted, the best first.
    pub contenders: Vec<Contender>,
    /// Those that could not be fitted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

impl Contender {
    /// The contender with the evidence of this fit.
    pub fn new(model: TimingKind, fit: &FitRecord) -> Self {
        Self { model, parameters: fit.freedom(), log_likelihood: fit.log_likelihood, bic: fit.bic() }
    }

    /// With the number of stages counted as chosen.
    fn with_stages_chosen(self, customers: u64) -> Self {
        let (parameters, bic) = (self.parameters + 1, self.bic + (customers as f64).ln());
        Self { parameters, bic, ..self }
    }

    /// The one of these models that describes the data best, if it does so clearly better than the model with this evidence. A number of
    /// stages that is given counts as chosen.
    pub fn better_than(
        fit: &FitRecord,
        kinds: &[TimingKind],
        data: &CountedHistories,
        options: &FitOptions,
    ) -> Option<Self> {
        let fits = in_parallel(kinds.len(), |i| kinds[i].fit(data, options));
        // What cannot be fitted is no better.
        let contenders = fits.into_iter().flatten().map(|(model, fit)| {
            let contender = Self::new(model.kind(), &fit);
            if model.kind().is_regular() { contender.with_stages_chosen(fit.customers) } else { contender }
        });
        Self::clearly_better(contenders, fit)
    }

    /// The best of these, if it describes the data clearly better than the model with this evidence.
    pub fn clearly_better(contenders: impl Iterator<Item = Self>, fit: &FitRecord) -> Option<Self> {
        contenders.filter(|one| is_clear(fit.bic() - one.bic)).min_by(|a, b| a.bic.total_cmp(&b.bic))
    }
}

/// Why models of regular purchases cannot be chosen.
const UNKNOWN_TIMES: &str = "these data do not have the times between purchases; orders have them, and so do summaries in Parquet \
                             files and those with a column sum_log_interpurchase";

impl Selection {
    /// Fits these models side by side, those of regular purchases with two stages or more, and takes the one with the smallest BIC, of
    /// equals the one with fewer parameters, then the one that is named first.
    ///
    /// # Errors
    /// The first failure, if no model can be fitted.
    pub fn of(
        kinds: &[TimingKind],
        data: &CountedHistories,
        options: &FitOptions,
    ) -> Result<(TimingModel, FitRecord, Self)> {
        let knows_times = data.log_interpurchase_times().is_some();
        let mut fitted: Vec<(TimingModel, FitRecord)> = Vec::new();
        let mut failed: Vec<(TimingKind, Error)> = Vec::new();
        // One after the other: the slow ones are on all cores, and at the end of several side by side would have but one.
        for &kind in kinds {
            let one_stage = fitted.iter().find(|(model, _)| kind.is_regular() && model.kind() == kind.with_one_stage());
            let one = one_stage.map(|(_, fit)| fit.log_likelihood);
            let fit = match kind.is_open() && !knows_times {
                true => Err(Error::data(UNKNOWN_TIMES)),
                false => kind.fit_open(Open::FromTwo { one }, data, options),
            };
            match fit {
                Ok(fit) => fitted.push(fit),
                Err(error) => failed.push((kind, error)),
            }
        }
        // Stable: of equals the first stays first.
        fitted.sort_by(|(_, a), (_, b)| a.bic().total_cmp(&b.bic()).then(a.freedom().cmp(&b.freedom())));
        let contenders = fitted.iter().map(|(model, fit)| Contender::new(model.kind(), fit)).collect();
        let Some((model, fit)) = fitted.into_iter().next() else {
            return Err(failed.swap_remove(0).1);
        };
        let left_out = failed.iter().map(|(model, error)| LeftOut { model: *model, why: error.message() }).collect();
        Ok((model, fit, Self { contenders, left_out }))
    }

    /// Which was chosen, and by how much, in a sentence.
    pub fn sentence(&self) -> String {
        let Some((best, others)) = self.contenders.split_first() else { return "no model could be fitted".to_owned() };
        let title = best.model.title();
        let behind = |other: &Contender| other.bic - best.bic;
        let Some(next) = others.first() else { return format!("{title}: no other model could be fitted") };
        let alike: Vec<&str> =
            others.iter().filter(|&other| degree(behind(other)).is_none()).map(|other| other.model.title()).collect();
        let usual = others.iter().find(|other| other.model == TimingKind::BgNbd && **other != *next);
        let usual = usual.map(|usual| format!(", and {:.1} below {}", behind(usual), usual.model.title()));
        let usual = usual.unwrap_or_default();
        if alike.is_empty() {
            format!("{title}, with the smallest BIC: {:.1} below {}, the next{usual}", behind(next), next.model.title())
        } else {
            let describe = if alike.len() == 1 { "describes" } else { "describe" };
            let others = alike.join(" and ");
            format!("{title}, with the smallest BIC{usual}; {others} {describe} these data equally well (BIC within 2)")
        }
    }

    /// Which models could not be chosen, and why, in sentences: one for all that failed for the same reason.
    pub fn not_chosen(&self) -> Vec<Message> {
        let mut reasons: Vec<(&Message, Vec<&str>)> = Vec::new();
        for LeftOut { model, why } in &self.left_out {
            match reasons.iter_mut().find(|(reason, _)| *reason == why) {
                Some((_, titles)) => titles.push(model.title()),
                None => reasons.push((why, vec![model.title()])),
            }
        }
        let sentence = |(why, titles): (&Message, Vec<&str>)| {
            say![format!("could not be chosen: {} (", titles.join(", ")), why, ")"]
        };
        reasons.into_iter().map(sentence).collect()
    }

    /// Checks that it can have led to this model.
    ///
    /// # Errors
    /// [`Error::data`] if another was best, or numbers are impossible.
    pub fn check(&self, chosen: TimingKind) -> Result<()> {
        let ordered = self.contenders.is_sorted_by(|a, b| a.bic <= b.bic);
        let best = self.contenders.first().is_some_and(|best| best.model == chosen);
        if ordered && best { Ok(()) } else { Err(Error::data("damaged choice of the timing model")) }
    }
}

impl TimingChoice {
    /// Fits the model, or all among which is chosen.
    ///
    /// # Errors
    /// Those of [`TimingKind::fit`] and [`Selection::of`].
    pub fn fit(
        self,
        data: &CountedHistories,
        options: &FitOptions,
    ) -> Result<(TimingModel, FitRecord, Option<Selection>)> {
        match self {
            Self::Kind(kind) => kind.fit(data, options).map(|(model, fit)| (model, fit, None)),
            Self::Auto => {
                Selection::of(&CONTENDERS, data, options).map(|(model, fit, selection)| (model, fit, Some(selection)))
            }
        }
    }

    /// Name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.name(),
            Self::Auto => AUTO,
        }
    }

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.title(),
            Self::Auto => AUTO,
        }
    }

    /// Whether it takes data that count opportunities.
    pub fn is_discrete(self) -> bool {
        matches!(self, Self::Kind(kind) if kind.is_discrete())
    }

    /// [`TimingKind::check_observation`], which all that are chosen from pass.
    ///
    /// # Errors
    /// [`Error::data`] if the model counts opportunities and the observation does not.
    pub fn check_observation(self, observation: &Observation) -> Result<()> {
        match self {
            Self::Kind(kind) => kind.check_observation(observation),
            Self::Auto => Ok(()),
        }
    }
}

impl From<TimingKind> for TimingChoice {
    fn from(kind: TimingKind) -> Self {
        Self::Kind(kind)
    }
}

impl fmt::Display for TimingChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TimingChoice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text == AUTO { Ok(Self::Auto) } else { text.parse().map(Self::Kind) }
    }
}
