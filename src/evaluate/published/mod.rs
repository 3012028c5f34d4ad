//! The published results, recomputed: from the orders of CDNOW and the few numbers that other papers print as data.

mod calibration;
mod cohort;
mod contracts;
mod donations;
mod spend;

use std::fmt;

use crate::error::Result;
use crate::summary::{Day, PurchaseLog};

/// How a figure is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Printed in the paper or note.
    Published,
    /// Asserted by another package's tests.
    CrossChecked,
    /// Recomputed from the public data by other means; not in print.
    Recomputed,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Published => "published",
            Self::CrossChecked => "cross-checked",
            Self::Recomputed => "recomputed",
        })
    }
}

/// One figure and what this program makes of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Figure {
    /// What it is.
    pub what: String,
    /// As published.
    pub published: f64,
    /// Digits after the point in print.
    pub decimals: usize,
    /// As computed here.
    pub ours: f64,
    /// How the published value is known.
    pub status: Status,
    /// Where it stands.
    pub source: &'static str,
    /// How far ours may be from it: half a unit of its last digit, or what its source itself asserts.
    pub tolerance: f64,
}

impl Figure {
    /// Whether ours is as near to the published value as that is exact.
    pub fn agrees(&self) -> bool {
        (self.ours - self.published).abs() <= self.tolerance * (1.0 + 1e-9)
    }
}

const FHL05: &str = "Fader, Hardie & Lee (2005), Marketing Science 24(2)";
const RFM05: &str = "Fader, Hardie & Lee (2005), Journal of Marketing Research 42(4)";
const CDNOW: &str = "CDNOW, 1/10 sample";
const LIFETIMES: &str = "tests of lifetimes 0.11.3";
const BTYD: &str = "tests of BTYD and CLVTools";

struct Figures(Vec<Figure>);

impl Figures {
    /// A figure as printed: its decimals are those of the text.
    fn add(&mut self, what: impl Into<String>, printed: &str, ours: f64, status: Status, source: &'static str) {
        let decimals = printed.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let published = printed.parse().expect("a number");
        let tolerance = 0.5 * 10f64.powi(-(decimals as i32));
        self.0.push(Figure { what: what.into(), published, decimals, ours, status, source, tolerance });
    }

    /// The last `figures` added are known less exactly than they are printed.
    fn known_within(&mut self, tolerance: f64, figures: usize) {
        let first = self.0.len() - figures;
        self.0[first..].iter_mut().for_each(|figure| figure.tolerance = tolerance);
    }

    /// One figure for each of `ours`, named `what` with a label put in for `{}`.
    fn add_row(
        &mut self,
        what: &str,
        labels: &[&str],
        printed: &str,
        ours: &[f64],
        status: Status,
        source: &'static str,
    ) {
        let count = printed.split_whitespace().count();
        assert_eq!((labels.len(), ours.len()), (count, count), "{what}: one figure a label");
        for ((label, printed), &ours) in labels.iter().zip(printed.split_whitespace()).zip(ours) {
            self.add(what.replace("{}", label), printed, ours, status, source);
        }
    }
}

/// The window of FHL05 and its end.
const CALIBRATION: &str = "1997-09-30";
const UNTIL: &str = "1998-06-30";

/// Recomputes the published figures: from the orders of the CDNOW sample and of the whole cohort, of donors to a charity and of
/// the survivors of two cohorts under contract.
///
/// # Errors
/// Those of the summaries and the fits, if the logs hold other orders.
pub fn reproduce(sample: &mut PurchaseLog, cohort: &mut PurchaseLog) -> Result<Vec<Figure>> {
    let mut figures = Figures(Vec::new());
    figures.calibration(sample)?;
    figures.spend(sample)?;
    figures.value_of_the_cohort(sample, cohort)?;
    figures.donations()?;
    figures.contracts()?;
    Ok(figures.0)
}

fn day(text: &str) -> Result<Day> {
    text.parse()
}
