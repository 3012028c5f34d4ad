//! Where orders are divided into what is known and what came after.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use super::Experiment;
use super::experiment::last_day_before;
use crate::error::{Cause, Error, Result};
use crate::message::{Message, opt, say};
use crate::options::{NumberOrText, through_serde};
use crate::predict::Horizon;
use crate::summary::{Cohort, Day, Grain, PurchaseLog, TimeUnit, long_silence};

/// A day that divides, however it is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(into = "SplitOptions", try_from = "SplitOptions")]
pub enum Split {
    /// The last day that is known.
    On(Day),
    /// This share of all days is known.
    Fraction(f64),
    /// The last days, weeks, months or years are not.
    Holdout(Horizon),
    /// The last half is not, or the last year if that is shorter.
    #[default]
    Usual,
}

impl Split {
    /// Where it is asked for: at a day or a share, before a length of time, or as usual.
    ///
    /// # Errors
    /// [`Error::usage`] for two of them, and for what is no day or share.
    pub fn given(split: Option<&str>, holdout: Option<Horizon>) -> Result<Self> {
        match (split, holdout) {
            (Some(_), Some(_)) => Err(Error::usage(say!["give ", opt("split"), " or ", opt("holdout"), ", not both"])),
            (Some(split), None) => split.parse(),
            (None, Some(holdout)) => Ok(Self::Holdout(holdout)),
            (None, None) => Ok(Self::Usual),
        }
    }

    fn fraction(fraction: f64) -> Result<Self> {
        if fraction > 0.0 && fraction < 1.0 { Ok(Self::Fraction(fraction)) } else { Err(wrong(&fraction.to_string())) }
    }
}

impl FromStr for Split {
    type Err = Error;

    /// Reads a date, or a fraction between 0 and 1.
    fn from_str(text: &str) -> Result<Self> {
        if let Ok(day) = text.parse() {
            return Ok(Self::On(day));
        }
        text.parse().map_err(|_| wrong(text)).and_then(Self::fraction)
    }
}

fn wrong(text: &str) -> Error {
    Error::usage(format!(
        "`{text}` does not divide the orders: give the last day that is known, like 1997-09-30, or the share of \
         the days that is, like 0.5"
    ))
}

/// A split as it is asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SplitOptions {
    /// The last day that is known, or the share of the days that is.
    split: Option<DayOrFraction>,
    /// The length of what is not.
    holdout: Option<Horizon>,
}

/// As it was written.
#[derive(Clone, Debug, Serialize)]
struct DayOrFraction(String);

impl<'de> Deserialize<'de> for DayOrFraction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrText {
            what: "the last day that is known, like '1997-09-30', or the share of the days that is, like 0.5",
            number: |share: f64| Ok(Self(share.to_string())),
            text: |text: &str| Ok(Self(text.to_owned())),
        })
    }
}

impl From<Split> for SplitOptions {
    fn from(split: Split) -> Self {
        match split {
            Split::On(day) => Self { split: Some(DayOrFraction(day.to_string())), holdout: None },
            Split::Fraction(fraction) => Self { split: Some(DayOrFraction(fraction.to_string())), holdout: None },
            Split::Holdout(holdout) => Self { split: None, holdout: Some(holdout) },
            Split::Usual => Self::default(),
        }
    }
}

impl TryFrom<SplitOptions> for Split {
    type Error = String;

    fn try_from(SplitOptions { split, holdout }: SplitOptions) -> std::result::Result<Self, String> {
        Self::given(split.as_ref().map(|DayOrFraction(text)| &**text), holdout).map_err(|error| through_serde(&error))
    }
}

/// Orders divided into what is known and what came after.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Division {
    /// The last day that is known.
    pub split: Day,
    /// The last day of what came after.
    pub until: Day,
    /// What is doubtful about it, in words with advice.
    pub cautions: Vec<Message>,
}

/// The longest holdout nobody asked for.
const USUAL_DAYS: i32 = 364;

impl Split {
    /// Divides the orders of a log up to `until`, if it is given, or up to the last of them; in either case up to the end of a
    /// period of the grain.
    ///
    /// # Errors
    /// Those of [`Split::day`].
    ///
    /// # Panics
    /// If there is no order.
    pub fn divide(&self, log: &PurchaseLog, until: Option<Day>) -> Result<Division> {
        let (_, last) = log.days().expect("there are orders");
        let (grain, (begin, whole)) = (log.grain(), log.whole_periods(until));
        let split = self.day(begin, whole, grain)?;
        let nothing = (last <= split).then(|| {
            say!["no order is on record after the split on {split}: if orders are missing, the test says nothing"]
        });
        let cut = (whole < until.unwrap_or(last).min(last)).then(|| {
            say!["orders after {whole} are left out of the test, because the {grain} they fall in is not over"]
        });
        let cautions = cut.into_iter().chain(nothing).chain(long_silence(last, whole)).collect();
        Ok(Division { split, until: whole, cautions })
    }

    /// The last day that is known, the last of a period of the grain, of orders from `begin` to `until`.
    ///
    /// # Errors
    /// [`Error::usage`] if nothing is left on either side, or the day given does not end a period.
    pub fn day(&self, begin: Day, until: Day, grain: Grain) -> Result<Day> {
        let days = until.days_since(begin) + 1;
        let day = match self {
            Self::On(day) => {
                let last = grain.last_day(*day);
                if last != *day {
                    let before = Day(grain.start(*day).0 - 1);
                    return Err(Error::usage(say![
                        opt("split").with(day.to_string()),
                        " cuts a {grain} in two, whose orders are one purchase; split on {before} or {last}"
                    ]));
                }
                *day
            }
            Self::Fraction(fraction) => Day(begin.0 - 1 + (fraction * f64::from(days)).round() as i32),
            Self::Holdout(holdout) => holdout.before(until)?,
            Self::Usual => Day(until.0 - (days / 2).min(USUAL_DAYS)),
        };
        let day = last_day_before(grain, day);
        if day >= until {
            return Err(Error::usage(format!(
                "a split on {day} leaves nothing to foresee: the last whole {grain} of orders ends on {until}. \
                 Give an earlier day"
            )));
        }
        if day < begin {
            return Err(Error::usage(format!(
                "a split on {day} leaves nothing to know: the first order is on {begin}. Give a later day, or a \
                 shorter holdout"
            )));
        }
        Ok(day)
    }
}

/// Several splits, each with a holdout as long as the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Origins {
    /// The latest of them.
    pub split: Split,
    /// How many.
    #[serde(rename = "origins")]
    pub count: u32,
    /// From one to the one before; the length of the holdout, if it is not given.
    pub step: Option<Horizon>,
}

impl Default for Origins {
    /// One, as usual.
    fn default() -> Self {
        Self { split: Split::Usual, count: 1, step: None }
    }
}

/// Most splits of one evaluation.
const MOST_ORIGINS: u32 = 100;

impl Origins {
    /// Checks what can be checked before the orders are read.
    ///
    /// # Errors
    /// [`Error::usage`].
    pub fn check(&self) -> Result<()> {
        if !(1..=MOST_ORIGINS).contains(&self.count) {
            return Err(Error::usage(say![opt("origins"), format!(" is {}; give 1 to {MOST_ORIGINS}", self.count)]));
        }
        if self.step.is_some() && self.count == 1 {
            return Err(Error::usage(say![opt("step"), " goes with ", opt("origins"), ", the number of splits"]));
        }
        Ok(())
    }

    /// The experiments, the latest first, of the customers of a cohort and their orders up to `until`, if it is given.
    ///
    /// # Errors
    /// Those of [`Split::day`], and [`Error::usage`] if the orders do not go back so far; each experiment, those of
    /// [`Experiment::new`].
    pub fn experiments<'a>(
        &self,
        log: &'a mut PurchaseLog,
        unit: TimeUnit,
        cohort: Cohort,
        until: Option<Day>,
    ) -> Result<impl Iterator<Item = Result<Experiment>> + use<'a>> {
        let latest = self.split.divide(log, until)?;
        let (begin, _) = log.whole_periods(until);
        let days = self.days(begin, &latest, log.grain())?;
        let mut cautions = Some(latest.cautions);
        Ok(days.into_iter().enumerate().map(move |(i, (split, until))| {
            let experiment =
                Experiment::new(log, unit, &cohort, split, until).map_err(|error| match error.cause() {
                    Cause::NoCustomers { .. } if i > 0 => Error::usage(say![
                        error.message(),
                        ": give fewer ",
                        opt("origins"),
                        ", or a shorter ",
                        opt("step")
                    ])
                    .of_option(opt("origins")),
                    _ => error,
                })?;
            Ok(Experiment { cautions: cautions.take().unwrap_or_default(), ..experiment })
        }))
    }

    /// Splits and ends of their holdouts, the latest first, of orders from `begin` on.
    ///
    /// # Errors
    /// [`Error::usage`] if the orders do not go back so far.
    fn days(&self, begin: Day, latest: &Division, grain: Grain) -> Result<Vec<(Day, Day)>> {
        let (mut split, mut until) = (latest.split, latest.until);
        let length = until.days_since(split);
        let mut origins = vec![(split, until)];
        while origins.len() < self.count as usize {
            let back = |day: Day| match &self.step {
                Some(step) => step.before(day),
                None => Ok(Day(day.0 - length)),
            };
            let (earlier, end) = (back(split)?, back(until)?);
            // At the latest, a whole period of the grain before.
            (split, until) = (grain.start(split.min(Day(earlier.0 + 1))), grain.start(until.min(Day(end.0 + 1))));
            (split, until) = (Day(split.0 - 1), Day(until.0 - 1));
            if split < begin {
                return Err(Error::usage(say![
                    opt("origins").with(self.count.to_string()),
                    format!(
                        ": split {} would be {split}, and the first order is on {begin}. Give fewer, or a shorter ",
                        origins.len() + 1
                    ),
                    opt("step")
                ]));
            }
            origins.push((split, until));
        }
        Ok(origins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(split: &Split, grain: Grain) -> String {
        let day = |text: &str| text.parse::<Day>().unwrap();
        split.day(day("1997-01-01"), day("1998-06-30"), grain).map_or_else(|e| e.to_string(), |day| day.to_string())
    }

    #[test]
    fn cdnow_is_divided_as_in_the_papers() {
        let holdout = |text: &str| Split::Holdout(text.parse().unwrap());
        for same in ["0.5".parse().unwrap(), "1997-09-30".parse().unwrap(), Split::Usual, holdout("39w"), holdout("9m")]
        {
            assert_eq!(split(&same, Grain::Day), "1997-09-30", "{same:?}");
        }
        assert_eq!(split(&holdout("1m"), Grain::Month), "1998-05-31");
        assert_eq!(split(&holdout("39w"), Grain::Month), "1997-09-30");
        assert_eq!(split(&"0.9".parse().unwrap(), Grain::Month), "1998-04-30");
    }

    #[test]
    fn what_leaves_nothing_is_refused() {
        for (text, grain, why) in [
            ("1998-06-30", Grain::Day, "nothing to foresee"),
            ("1996-12-31", Grain::Day, "nothing to know"),
            ("1997-09-15", Grain::Month, "split on 1997-08-31 or 1997-09-30"),
        ] {
            let error = split(&text.parse().unwrap(), grain);
            assert!(error.contains(why), "{error}");
        }
        let long = Split::Holdout("2y".parse().unwrap());
        assert!(split(&long, Grain::Day).contains("nothing to know"));
        for wrong in ["0", "1", "1.5", "-0.5", "half", "", "NaN"] {
            assert!(wrong.parse::<Split>().is_err(), "{wrong}");
        }
    }
}
