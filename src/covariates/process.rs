//! Which part of a model a covariate moves.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The part of a model that a coefficient is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Process {
    /// How often customers purchase.
    Purchases,
    /// How soon they leave.
    Dropout,
    /// Both of these, by one coefficient.
    Both,
    /// What a purchase is worth.
    Spend,
}

/// A parameter whose logarithm is moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moved {
    /// Its place among the parameters.
    pub parameter: usize,
    /// Whether it rises (1) or falls (-1) where a coefficient says more.
    pub sign: f64,
}

impl Process {
    /// The parameters that it moves of a model with these; none if the model has no such process.
    ///
    /// The mean rate of purchases is `r/alpha`, the odds of leaving after a purchase are `a/b` in the mean, the mean rate of leaving is
    /// `s/beta`, and the mean spend is in proportion to `gamma`.
    pub fn moved(self, parameters: &[&str]) -> Vec<Moved> {
        let at = |name: &str, sign: f64| {
            parameters.iter().position(|known| *known == name).map(|parameter| Moved { parameter, sign })
        };
        let purchases = || at("alpha", -1.0);
        let dropout = || at("a", 1.0).or_else(|| at("beta", -1.0));
        match self {
            Self::Purchases => purchases().into_iter().collect(),
            Self::Dropout => dropout().into_iter().collect(),
            Self::Both => purchases().zip(dropout()).map_or_else(Vec::new, |(one, other)| vec![one, other]),
            Self::Spend => at("gamma", 1.0).into_iter().collect(),
        }
    }

    /// What customers with a larger coefficient do, in words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Purchases => "purchases",
            Self::Dropout => "dropout",
            Self::Both => "both",
            Self::Spend => "spend",
        }
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::TimingKind;

    /// Parameters are told by their names, which papers use in more than one sense: a new model says here what it means.
    #[test]
    fn a_covariate_moves_the_scale_of_rates_and_the_odds_of_leaving() {
        for &kind in TimingKind::ALL {
            let (purchases, dropout) = match kind {
                TimingKind::BgNbd | TimingKind::MbgNbd | TimingKind::BgCnbd(_) | TimingKind::MbgCnbd(_) => {
                    (Some("alpha"), Some("a"))
                }
                TimingKind::ParetoNbd | TimingKind::ParetoCnbd(_) => (Some("alpha"), Some("beta")),
                TimingKind::Nbd => (Some("alpha"), None),
                // Refused by name, before it comes to that.
                TimingKind::BgBb => continue,
            };
            let names = kind.parameters();
            let moved = |process: Process| process.moved(names).first().map(|moved| names[moved.parameter]);
            assert_eq!((moved(Process::Purchases), moved(Process::Dropout)), (purchases, dropout), "{kind}");
        }
    }
}
