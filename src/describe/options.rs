//! What a description says of customers, as far as it can be chosen.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{ProfitPeriod, RfmOptions, Span};
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::options::as_text;
use crate::predict::{DiscountRate, Horizon};
use crate::summary::{CohortPeriod, Day, Grain};

/// What is asked of customers besides their margins and costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DescribeOptions {
    /// How recency, frequency and monetary value are scored.
    pub scores: RfmOptions,
    /// The days whose value is told; all that were observed, if it is not given.
    pub window: Option<Window>,
    /// The period in which profit is counted.
    pub period: ProfitPeriod,
    /// The period of the first purchase that makes a cohort; the month, or the year where purchases are merged by it.
    pub cohorts: Option<CohortPeriod>,
    /// Column by which customers are grouped.
    pub by: Option<String>,
    /// Group with which the others are compared; the largest, if it is not given.
    pub control: Option<String>,
    /// Horizons of the future value, of which the last stands beside the value so far.
    pub horizons: Vec<Horizon>,
    /// Discount rate of the future value.
    pub discount: DiscountRate,
}

impl Default for DescribeOptions {
    /// Quintiles, everything observed, profit by the month, no groups, the value of the next twelve months undiscounted.
    fn default() -> Self {
        Self {
            scores: RfmOptions::default(),
            window: None,
            period: ProfitPeriod::default(),
            cohorts: None,
            by: None,
            control: None,
            horizons: vec![Horizon::months(12)],
            discount: DiscountRate::default(),
        }
    }
}

impl DescribeOptions {
    /// Checks what can be checked without customers.
    ///
    /// # Errors
    /// [`Error::usage`], naming the option.
    pub fn check(&self) -> Result<()> {
        if self.control.is_some() && self.by.is_none() {
            return Err(Error::usage(say![
                opt("control"),
                " names a group; give ",
                opt("by"),
                ", the column of the groups"
            ]));
        }
        self.scores.scoring().map(|_| ())
    }

    /// The days whose value is told, out of those observed.
    pub(super) fn span(&self, grain: Grain, observed: Span) -> Result<Span> {
        self.window.map_or(Ok(observed), |window| window.within(grain, observed))
    }

    /// The period that makes a cohort.
    pub(super) fn cohort_period(&self, grain: Grain) -> Result<CohortPeriod> {
        let usual = if grain == Grain::Year { CohortPeriod::Year } else { CohortPeriod::Month };
        let period = self.cohorts.unwrap_or(usual);
        if period.holds(grain) {
            return Ok(period);
        }
        Err(Error::usage(say![
            opt("cohorts").with(period.name()),
            " divides a {grain}, whose orders are one purchase; give a longer period"
        ]))
    }
}

/// A first and a last day, either of which may be that of the observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first day.
    pub from: Option<Day>,
    /// The last day.
    pub to: Option<Day>,
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |day: Option<Day>| day.map_or_else(String::new, |day| day.to_string());
        write!(f, "{}..{}", day(self.from), day(self.to))
    }
}

as_text!(Window);

impl FromStr for Window {
    type Err = Error;

    /// Reads `1997-07-01..1997-12-31`, either end of which may be left out.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = |what: String| Error::usage(what).of_option(opt("window")).of_value(text);
        let unknown =
            || wrong(format!("`{text}` is no window: write a first and a last day, like 1997-07-01..1997-12-31"));
        let (from, to) = text.split_once("..").ok_or_else(unknown)?;
        let end = |text: &str| match text.trim() {
            "" => Ok(None),
            day => day.parse().map(Some).map_err(|_| unknown()),
        };
        match (end(from)?, end(to)?) {
            (Some(from), Some(to)) if from > to => {
                Err(wrong(format!("the window {text} ends before it begins; turn it round")))
            }
            (from, to) => Ok(Self { from, to }),
        }
    }
}

impl Window {
    /// Its days among those observed.
    fn within(self, grain: Grain, observed: Span) -> Result<Span> {
        let Self { from, to } = self;
        let span = Span { from: from.unwrap_or(observed.from), to: to.unwrap_or(observed.to) };
        if span.to > observed.to || span.from > span.to || span.to < observed.from {
            return Err(Error::usage(say![
                opt("window"),
                format!(" lies outside what was observed, {} to {}; give days within", observed.from, observed.to)
            ]));
        }
        let starts = from.is_none_or(|from| grain.start(from) == from);
        let ends = span.to == observed.to || grain.last_day(span.to) == span.to;
        if !(starts && ends) {
            return Err(Error::usage(say![
                opt("window"),
                format!(
                    " cuts a {grain} in two, whose orders are one purchase; begin on {} and end on {}",
                    grain.start(span.from),
                    grain.last_day(span.to).min(observed.to)
                )
            ]));
        }
        Ok(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn windows_are_read_and_lie_within_what_was_observed() {
        let read = |text: &str| text.parse::<Window>();
        let both = read("1997-07-01..1997-12-31").unwrap();
        assert_eq!(both, Window { from: Some(day("1997-07-01")), to: Some(day("1997-12-31")) });
        assert_eq!(both.to_string().parse::<Window>().unwrap(), both);
        assert_eq!(read(" .. 1997-12-31").unwrap(), Window { from: None, to: Some(day("1997-12-31")) });
        for wrong in ["", "1997", "1997-07-01", "1997-07-01..x", "1997-12-31..1997-07-01"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let observed = Span { from: day("1997-01-01"), to: day("1998-06-30") };
        let within = |window: &str, grain| read(window).unwrap().within(grain, observed);
        let half = Span { from: day("1997-07-01"), to: day("1997-12-31") };
        assert_eq!(within("1997-07-01..1997-12-31", Grain::Month).unwrap(), half);
        assert_eq!(within("..", Grain::Day).unwrap(), observed);
        // Wednesday 31 December is in the middle of a week; nothing after 30 June 1998 was seen.
        for (window, grain) in [
            ("1997-06-30..1997-12-31", Grain::Week),
            ("1997-07-02..", Grain::Month),
            ("..1998-07-01", Grain::Day),
            ("1995-01-01..1996-12-31", Grain::Day),
        ] {
            assert!(within(window, grain).is_err(), "{window}");
        }
    }

    #[test]
    fn a_control_takes_groups() {
        let options = DescribeOptions { control: Some("shop".to_owned()), ..DescribeOptions::default() };
        let error = options.check().unwrap_err();
        assert_eq!(error.options(), [opt("control"), opt("by")]);
    }
}
