//! How far ahead: times, spans of the calendar, dates, and periods between two of them, counted from the end of the observation.

use std::fmt;
use std::str::FromStr;

use jiff::{Span, ToSpan};

use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::options::as_text;
use crate::summary::{Day, Grain, Observation, TimeUnit, check_time};

/// A period in the future, which starts at the end of the observation unless a later begin is given.
#[derive(Clone, Debug, PartialEq)]
pub struct Horizon {
    text: String,
    begin: Option<End>,
    end: End,
}

as_text!(Horizon);

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// So many time units, whole or not.
    Time(f64, TimeUnit),
    /// So many months of the calendar.
    Months(i32),
    On(Day),
    Never,
}

impl Horizon {
    /// Up to a day.
    pub fn until(day: Day) -> Self {
        Self { text: day.to_string(), begin: None, end: End::On(day) }
    }

    /// So many months of the calendar.
    pub fn months(months: u16) -> Self {
        Self { text: format!("{months}m"), begin: None, end: End::Months(months.into()) }
    }

    /// So many time units, whole or not, in a unit that may have no name. A month and a year are the units, 30.4375 and 365.25 days,
    /// rather than the calendar's, except where these are counted. The text is `13w` or `1.5d`, and the number alone where a letter
    /// would say something else.
    ///
    /// # Errors
    /// Those of [`check_time`].
    pub fn time(number: f64, unit: Option<TimeUnit>, grain: Grain) -> Result<Self> {
        check_time("a horizon", number, unit)?;
        let number = number.abs();
        let is_counted = |unit: TimeUnit| unit.counts(grain) && number.fract() == 0.0 && number > 0.0;
        let (letter, end) = match unit {
            Some(TimeUnit::Day) => ("d", End::Time(number, TimeUnit::Day)),
            Some(TimeUnit::Week) => ("w", End::Time(number, TimeUnit::Week)),
            Some(TimeUnit::Month) if is_counted(TimeUnit::Month) => ("m", End::Months(number as i32)),
            Some(TimeUnit::Year) if is_counted(TimeUnit::Year) => ("y", End::Months(12 * number as i32)),
            unit => ("", End::Time(number, unit.unwrap_or_default())),
        };
        Ok(Self { text: format!("{number}{letter}"), begin: None, end })
    }

    /// What column names end in: `3m`, `39w`, `1999-01-01`; `3m_to_6m` for `3m..6m`.
    pub fn label(&self) -> String {
        self.text.replace("..", "_to_")
    }

    /// Whether it starts now and ends, as answers about numbers of purchases take it.
    pub fn is_span(&self) -> bool {
        self.begin.is_none() && !self.is_forever()
    }

    /// Whether it starts now and does not end.
    pub fn is_all_of_the_future(&self) -> bool {
        self.begin.is_none() && self.is_forever()
    }

    /// Whether it is as long wherever the observation ends, as days and weeks are, and months where they are counted.
    pub fn is_time(&self, observation: &Observation) -> bool {
        let is_time = |end: End| match end {
            End::Never => true,
            End::Time(number, unit) => {
                is_continuous(observation) || whole_periods(number, unit, observation.grain).is_some()
            }
            End::Months(months) => observation.counts_periods() && whole_months(months, observation.grain).is_some(),
            End::On(_) => false,
        };
        self.begin.is_none_or(is_time) && is_time(self.end)
    }

    /// Its length, if it starts now and ends.
    ///
    /// # Errors
    /// [`Error::usage`] if it does not, or does not end after the observation.
    pub(super) fn check_span(&self) -> Result<()> {
        if self.is_span() {
            return Ok(());
        }
        Err(Error::usage(format!("this answer takes a horizon that begins now and ends, which {self} does not")))
    }

    /// Last day of the horizon for an observation that ends on `from`. Months and years are the calendar's: three months
    /// after 30 November end on the last day of February.
    pub fn end(&self, from: Day) -> Day {
        self.end.after(from)
    }

    /// The day from which it ends on `until`: the last of a month where that is, if months or years are counted.
    ///
    /// # Errors
    /// [`Error::usage`] unless it is a number of days, weeks, months or years.
    pub fn before(&self, until: Day) -> Result<Day> {
        let begin = |next: Day, span: Span| Day(Day::from(next.date().saturating_sub(span)).0 - 1);
        match self.end {
            End::Time(number, unit) if self.is_span() && is_whole_days(number, unit) => {
                Ok(Day(until.0.saturating_sub((number * unit.days()) as i32).max(Day::FIRST.0)))
            }
            // From the first of a month to the first of a month.
            End::Months(months) if self.is_span() => Ok(begin(Day(until.0 + 1), months.months()).max(Day::FIRST)),
            _ => Err(Error::usage(format!(
                "{self} is no length of time in whole days: give days, weeks, months or years, like 39w or 6m"
            ))),
        }
    }

    /// Whether it is the infinite future.
    pub fn is_forever(&self) -> bool {
        self.end == End::Never
    }

    /// Time from the end of the observation to that of the horizon, in the observation's time unit; infinite for ever.
    ///
    /// # Errors
    /// [`Error::usage`] if it does not end after the observation.
    pub fn length(&self, observation: &Observation) -> Result<f64> {
        self.time_to(self.end, observation, false)
    }

    /// Times from the end of the observation to the begin and to the end of the horizon, likewise.
    ///
    /// # Errors
    /// [`Error::usage`] if it does not begin after the observation and before its own end.
    pub fn bounds(&self, observation: &Observation) -> Result<(f64, f64)> {
        let length = self.length(observation)?;
        let Some(begin) = self.begin else { return Ok((0.0, length)) };
        let delay = self.time_to(begin, observation, true)?;
        if delay < length {
            return Ok((delay, length));
        }
        Err(Error::usage(format!("horizon {self} does not end after it begins")))
    }

    fn time_to(&self, end: End, observation: &Observation, is_begin: bool) -> Result<f64> {
        match end {
            End::Never => return Ok(f64::INFINITY),
            End::Time(number, unit) if is_continuous(observation) => {
                return Ok(if unit == observation.unit {
                    number
                } else {
                    number * unit.days() / observation.unit.days()
                });
            }
            End::Time(number, _) if number.fract() != 0.0 || number == 0.0 => {
                return Err(Error::usage(format!(
                    "horizon {self}: the data count whole {}s; give a whole number from 1 on, or a date",
                    observation.grain
                )));
            }
            _ => {}
        }
        let day = end.after(observation.end);
        if day <= observation.end {
            return Err(Error::usage(format!(
                "horizon {self}: {day} is not after the end of the observation, {}",
                observation.end
            )));
        }
        if observation.counts_periods() {
            return self.periods(end, observation, day, is_begin);
        }
        Ok(observation.unit.between(observation.end, day))
    }

    /// The whole weeks, months or years up to a moment, counted from the last one observed; those begun, if a horizon begins there.
    fn periods(&self, until: End, observation: &Observation, end: Day, is_begin: bool) -> Result<f64> {
        let grain = observation.grain;
        let by_calendar = || {
            let begun = observation.time(grain.start(observation.end), grain.start(end));
            if is_begin || grain.last_day(end) == end { begun } else { begun - 1.0 }
        };
        let whole = match until {
            End::Months(months) => whole_months(months, grain).unwrap_or_else(by_calendar),
            End::Time(number, unit) => whole_periods(number, unit, grain).unwrap_or_else(by_calendar),
            End::On(_) | End::Never => by_calendar(),
        };
        if whole > 0.0 {
            return Ok(whole);
        }
        Err(Error::usage(say![
            format!(
                "horizon {} holds no whole {grain}, and the data count {grain}s; give a longer one, for instance ",
                self.text
            ),
            opt("horizons").with("1y,2y")
        ]))
    }
}

/// Longest span: beyond it no model of today's customers means anything.
const LONGEST_YEARS: i32 = 100;

/// Whether a part of a unit is a time, too. Days are the calendar's and the clock's.
fn is_continuous(observation: &Observation) -> bool {
    !observation.counts_periods() || observation.grain == Grain::Day
}

fn is_whole_days(number: f64, unit: TimeUnit) -> bool {
    number > 0.0 && (number * unit.days()).fract() == 0.0
}

/// The periods that a number of time units is on whatever day they begin, if it is.
fn whole_periods(number: f64, unit: TimeUnit, grain: Grain) -> Option<f64> {
    let periods = match (unit, grain) {
        _ if unit.counts(grain) => number,
        (TimeUnit::Day, Grain::Week) => number / 7.0,
        _ => return None,
    };
    Some(periods).filter(|periods| periods.fract() == 0.0 && *periods > 0.0)
}

/// The periods that a number of months of the calendar is; of years those that are over.
fn whole_months(months: i32, grain: Grain) -> Option<f64> {
    match grain {
        Grain::Day | Grain::Week => None,
        Grain::Month => Some(f64::from(months)),
        Grain::Year => Some(f64::from(months / 12)),
    }
}

impl FromStr for Horizon {
    type Err = Error;

    /// Reads an end, or a begin and an end with `..` between them.
    fn from_str(text: &str) -> Result<Self> {
        let Some((begin, end)) = text.split_once("..") else {
            let (text, end) = End::read(text.trim())?;
            return Ok(Self { text, begin: None, end });
        };
        let ((first, begin), (last, end)) = (End::read(begin.trim())?, End::read(end.trim())?);
        Ok(Self { text: format!("{first}..{last}"), begin: Some(begin), end })
    }
}

impl End {
    fn after(self, from: Day) -> Day {
        let after = |span: Span| Day::from(from.date().saturating_add(span));
        match self {
            // The day on which it is over.
            Self::Time(number, unit) => after(((number * unit.days()).ceil() as i64).min(LONGEST_DAYS).days()),
            Self::Months(months) => after(months.months()),
            Self::On(day) => day,
            Self::Never => Day::LAST,
        }
    }

    /// Reads a number followed by `d` or `w`, a whole number followed by `m` or `y`, a date, or `forever`; also as it is written.
    fn read(text: &str) -> Result<(String, Self)> {
        if text == "forever" {
            return Ok((text.to_owned(), Self::Never));
        }
        if let Ok(day) = text.parse() {
            return Ok((text.to_owned(), Self::On(day)));
        }
        let unknown = || {
            Error::usage(format!(
                "`{text}` is not a horizon: write a number of days, weeks, months or years like 90d, 39w, 3m or 2y, \
                 a date like 1999-01-01, or forever; with a later begin like 3m..6m"
            ))
        };
        let letter = text.chars().next_back().ok_or_else(unknown)?;
        let digits = &text[..text.len() - letter.len_utf8()];
        let plain = digits.chars().all(|c| c.is_ascii_digit() || c == '.');
        let number: f64 = digits.parse().ok().filter(|_| plain).ok_or_else(unknown)?;
        let per_year = match letter {
            'd' => 366,
            'w' => 53,
            'm' => 12,
            'y' => 1,
            _ => return Err(unknown()),
        };
        let is_calendar = matches!(letter, 'm' | 'y');
        if is_calendar && number.fract() != 0.0 {
            return Err(Error::usage(format!(
                "horizon `{text}`: months and years are whole, for they are the calendar's; give days or weeks, \
                 which may have parts"
            )));
        }
        if number > f64::from(LONGEST_YEARS * per_year) || (is_calendar && number == 0.0) {
            return Err(Error::usage(format!("horizon `{text}` must be between 1 day and {LONGEST_YEARS} years")));
        }
        let end = match letter {
            'd' => Self::Time(number, TimeUnit::Day),
            'w' => Self::Time(number, TimeUnit::Week),
            'm' => Self::Months(number as i32),
            _ => Self::Months(12 * number as i32),
        };
        Ok((format!("{number}{letter}"), end))
    }
}

/// More days than the calendar has.
const LONGEST_DAYS: i64 = 8_000_000;

impl fmt::Display for Horizon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Reads a list such as `3m,6m,12m`.
///
/// # Errors
/// [`Error::usage`] if one of them is not a horizon or appears twice.
pub fn parse_horizons(list: &str) -> Result<Vec<Horizon>> {
    let horizons: Vec<Horizon> = list.split(',').map(str::parse).collect::<Result<_>>()?;
    check_distinct(&horizons).map(|()| horizons)
}

/// Refuses a horizon that appears twice.
///
/// # Errors
/// [`Error::usage`], with its name.
pub fn check_distinct(horizons: &[Horizon]) -> Result<()> {
    match (1..horizons.len()).find(|&i| horizons[..i].contains(&horizons[i])) {
        Some(twice) => Err(Error::usage(format!("horizon {} appears twice", horizons[twice]))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::TimeUnit;

    fn length(horizon: &str, end: &str) -> f64 {
        let observation = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: end.parse().unwrap() };
        horizon.parse::<Horizon>().unwrap().length(&observation).unwrap()
    }

    #[test]
    fn months_are_the_calendars() {
        // July, August and September 1998 have 92 days.
        assert_eq!(length("3m", "1998-06-30"), 92.0 / 7.0);
        assert_eq!(length("12m", "1998-06-30"), 365.0 / 7.0);
        assert_eq!(length("1y", "1999-06-30"), 366.0 / 7.0);
        assert_eq!(length("3m", "1998-11-30"), 90.0 / 7.0);
        assert_eq!(length("39w", "1997-09-30"), 39.0);
        assert_eq!(length("1998-06-30", "1997-09-30"), 39.0);
    }

    #[test]
    fn where_months_are_counted_a_horizon_is_a_number_of_them() {
        let observation =
            Observation { unit: TimeUnit::Month, grain: Grain::Month, end: "1997-09-30".parse().unwrap() };
        let length = |horizon: &str| horizon.parse::<Horizon>().unwrap().length(&observation);
        assert_eq!(length("12m").unwrap(), 12.0);
        assert_eq!(length("2y").unwrap(), 24.0);
        assert_eq!(length("1998-06-30").unwrap(), 9.0);
        assert_eq!(length("1998-06-29").unwrap(), 8.0);
        assert!(length("5d").is_err() && length("1997-10-30").is_err());
        let weekly = Observation { unit: TimeUnit::Week, grain: Grain::Week, end: "1997-09-28".parse().unwrap() };
        // To 1997-12-28, a Sunday: 91 days.
        assert_eq!("3m".parse::<Horizon>().unwrap().length(&weekly).unwrap(), 13.0);
        assert_eq!("39w".parse::<Horizon>().unwrap().length(&weekly).unwrap(), 39.0);
    }

    #[test]
    fn times_need_no_calendar_and_may_have_parts() {
        let weeks = |end: &str| Observation { unit: TimeUnit::Week, grain: Grain::Day, end: end.parse().unwrap() };
        for (text, time) in [("1.5w", 1.5), ("10.5d", 1.5), ("0.1w", 0.1), ("0d", 0.0), ("90d", 90.0 / 7.0)] {
            assert_eq!(length(text, "1997-09-30"), time, "{text}");
            assert!(text.parse::<Horizon>().unwrap().is_time(&weeks("1997-09-30")), "{text}");
        }
        for text in ["3m", "2y", "1998-06-30", "1w..3m"] {
            assert!(!text.parse::<Horizon>().unwrap().is_time(&weeks("1997-09-30")), "{text}");
        }
        let half: Horizon = "1.50w".parse().unwrap();
        assert_eq!(
            (&*half.label(), half.end("1997-09-30".parse().unwrap()).to_string()),
            ("1.5w", "1997-10-11".to_owned())
        );
        assert!(half.before("1997-09-30".parse().unwrap()).is_err());
        assert!("0w".parse::<Horizon>().unwrap().before("1997-09-30".parse().unwrap()).is_err());
    }

    #[test]
    fn numbers_are_of_the_unit_of_the_data() {
        let time = |number, unit, grain| Horizon::time(number, unit, grain).unwrap();
        let month = Observation { unit: TimeUnit::Month, grain: Grain::Day, end: "1997-09-30".parse().unwrap() };
        // A month is 30.4375 days as a unit, and what the calendar says only where months are counted.
        let three = time(3.0, Some(TimeUnit::Month), Grain::Day);
        assert_eq!((three.length(&month).unwrap(), &*three.label()), (3.0, "3"));
        assert_eq!("3m".parse::<Horizon>().unwrap().length(&month).unwrap(), 91.0 / 30.4375);
        assert_eq!(time(3.0, Some(TimeUnit::Month), Grain::Month), Horizon::months(3));
        assert_eq!(time(13.0, Some(TimeUnit::Week), Grain::Day), "13w".parse().unwrap());
        assert_eq!(time(1.5, None, Grain::Day).label(), "1.5");
        for number in [-1.0, f64::NAN, f64::INFINITY, 2e10] {
            assert!(Horizon::time(number, None, Grain::Day).is_err(), "{number}");
        }
    }

    #[test]
    fn where_periods_are_counted_a_part_of_one_is_refused() {
        let weekly = Observation { unit: TimeUnit::Week, grain: Grain::Week, end: "1997-09-28".parse().unwrap() };
        let length = |text: &str| text.parse::<Horizon>().unwrap().length(&weekly);
        for text in ["1.5w", "0w", "10.5d", "0d", "6d"] {
            assert!(length(text).is_err(), "{text}");
        }
        assert_eq!((length("14d").unwrap(), length("15d").unwrap()), (2.0, 2.0));
        let is_time = |text: &str| text.parse::<Horizon>().unwrap().is_time(&weekly);
        assert!(is_time("39w") && is_time("14d") && !is_time("15d") && !is_time("3m"));
        let daily = Observation { unit: TimeUnit::Day, grain: Grain::Day, ..weekly };
        assert_eq!("1.5w".parse::<Horizon>().unwrap().length(&daily).unwrap(), 10.5);
    }

    #[test]
    fn a_horizon_may_begin_later() {
        let observation = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: "1997-09-30".parse().unwrap() };
        let horizon: Horizon = "13w..1998-06-30".parse().unwrap();
        assert_eq!((&*horizon.label(), &*horizon.to_string()), ("13w_to_1998-06-30", "13w..1998-06-30"));
        let months = Observation { unit: TimeUnit::Month, grain: Grain::Month, end: "1997-01-31".parse().unwrap() };
        // Of March only a part lies in it; April, May and June do.
        let horizon: Horizon = "1997-03-15..1997-06-30".parse().unwrap();
        assert_eq!(horizon.bounds(&months).unwrap(), (2.0, 5.0));
        let horizon: Horizon = "13w..1998-06-30".parse().unwrap();
        assert_eq!(horizon.bounds(&observation).unwrap(), (13.0, 39.0));
        assert!(!horizon.is_span() && horizon.check_span().is_err());
        for backwards in ["6m..3m", "3m..3m", "1997-09-30..3m", "forever..3m"] {
            assert!(backwards.parse::<Horizon>().unwrap().bounds(&observation).is_err(), "{backwards}");
        }
        assert!("..3m".parse::<Horizon>().is_err() && "3m..".parse::<Horizon>().is_err());
    }

    #[test]
    fn what_is_no_horizon_is_refused() {
        for text in [
            "",
            "3",
            "m",
            "0m",
            "-3m",
            "3q",
            "1.5y",
            "0.5m",
            "101y",
            "9999999999d",
            "é",
            "3m,,6m",
            "3m,3m",
            "1w,1.0w",
            ".w",
            "1.2.3d",
            "-1d",
            "1e2d",
            "infd",
            "nand",
            "+3m",
        ] {
            assert!(parse_horizons(text).is_err(), "{text}");
        }
    }
}
