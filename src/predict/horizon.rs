//! How far ahead: calendar spans, dates, and periods between two of them, counted from the end of the observation.

use std::fmt;
use std::str::FromStr;

use jiff::{Span, ToSpan};

use crate::error::{Error, Result};
use crate::summary::{Day, Grain, Observation};

/// A period in the future, which starts at the end of the observation unless a later begin is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Horizon {
    text: String,
    begin: Option<End>,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Days(i32),
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

    /// Its length, if it starts now and ends.
    ///
    /// # Errors
    /// [`Error::Usage`] if it does not, or does not end after the observation.
    pub(super) fn span(&self, observation: &Observation) -> Result<f64> {
        if self.is_span() {
            return self.length(observation);
        }
        Err(Error::Usage(format!("this answer takes a horizon that begins now and ends, which {self} does not")))
    }

    /// Last day of the horizon for an observation that ends on `from`. Months and years are the calendar's: three months
    /// after 30 November end on the last day of February.
    pub fn end(&self, from: Day) -> Day {
        self.end.after(from)
    }

    /// The day from which it ends on `until`: the last of a month where that is, if months or years are counted.
    ///
    /// # Errors
    /// [`Error::Usage`] unless it is a number of days, weeks, months or years.
    pub fn before(&self, until: Day) -> Result<Day> {
        let begin = |next: Day, span: Span| Day(Day::from(next.date().saturating_sub(span)).0 - 1);
        match self.end {
            End::Days(days) if self.is_span() => Ok(Day(until.0.saturating_sub(days).max(Day::FIRST.0))),
            // From the first of a month to the first of a month.
            End::Months(months) if self.is_span() => Ok(begin(Day(until.0 + 1), months.months()).max(Day::FIRST)),
            _ => Err(Error::Usage(format!(
                "{self} is no length of time: give days, weeks, months or years, like 39w or 6m"
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
    /// [`Error::Usage`] if it does not end after the observation.
    pub fn length(&self, observation: &Observation) -> Result<f64> {
        self.time_to(self.end, observation, false)
    }

    /// Times from the end of the observation to the begin and to the end of the horizon, likewise.
    ///
    /// # Errors
    /// [`Error::Usage`] if it does not begin after the observation and before its own end.
    pub fn bounds(&self, observation: &Observation) -> Result<(f64, f64)> {
        let length = self.length(observation)?;
        let delay = self.begin.map_or(Ok(0.0), |begin| self.time_to(begin, observation, true))?;
        if delay < length {
            return Ok((delay, length));
        }
        Err(Error::Usage(format!("horizon {self} does not end after it begins")))
    }

    fn time_to(&self, end: End, observation: &Observation, is_begin: bool) -> Result<f64> {
        if end == End::Never {
            return Ok(f64::INFINITY);
        }
        let day = end.after(observation.end);
        if day <= observation.end {
            return Err(Error::Usage(format!(
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
        let whole = match until {
            End::Months(months) if grain == Grain::Month => f64::from(months),
            End::Months(months) if grain == Grain::Year => f64::from(months / 12),
            End::Days(days) if grain == Grain::Week && days % 7 == 0 => f64::from(days / 7),
            _ => {
                let begun = observation.time(grain.start(observation.end), grain.start(end));
                if is_begin || grain.last_day(end) == end { begun } else { begun - 1.0 }
            }
        };
        if whole > 0.0 {
            return Ok(whole);
        }
        Err(Error::Usage(format!(
            "horizon {} holds no whole {grain}, and the data count {grain}s; give a longer one, for instance ⟨--horizons 1y,2y⟩",
            self.text
        )))
    }
}

/// Longest span: beyond it no model of today's customers means anything.
const LONGEST_YEARS: i32 = 100;

impl FromStr for Horizon {
    type Err = Error;

    /// Reads an end, or a begin and an end with `..` between them.
    fn from_str(text: &str) -> Result<Self> {
        let Some((begin, end)) = text.split_once("..") else {
            return Ok(Self { text: text.trim().to_owned(), begin: None, end: text.trim().parse()? });
        };
        let (begin, end) = (begin.trim(), end.trim());
        Ok(Self { text: format!("{begin}..{end}"), begin: Some(begin.parse()?), end: end.parse()? })
    }
}

impl End {
    fn after(self, from: Day) -> Day {
        let after = |span: Span| Day::from(from.date().saturating_add(span));
        match self {
            Self::Days(days) => after(days.days()),
            Self::Months(months) => after(months.months()),
            Self::On(day) => day,
            Self::Never => Day::LAST,
        }
    }
}

impl FromStr for End {
    type Err = Error;

    /// Reads a whole number followed by `d`, `w`, `m` or `y`, a date, or `forever`.
    fn from_str(text: &str) -> Result<Self> {
        if text == "forever" {
            return Ok(Self::Never);
        }
        if let Ok(day) = text.parse() {
            return Ok(Self::On(day));
        }
        let unknown = || {
            Error::Usage(format!(
                "`{text}` is not a horizon: write a number of days, weeks, months or years like 90d, 39w, 3m or 2y, \
                 a date like 1999-01-01, or forever; with a later begin like 3m..6m"
            ))
        };
        let unit = text.chars().next_back().ok_or_else(unknown)?;
        let number: i32 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| unknown())?;
        let (per_year, end): (i32, fn(i32) -> Self) = match unit {
            'd' => (366, Self::Days),
            'w' => (53, |weeks| Self::Days(7 * weeks)),
            'm' => (12, Self::Months),
            'y' => (1, |years| Self::Months(12 * years)),
            _ => return Err(unknown()),
        };
        if number < 1 || number > LONGEST_YEARS * per_year {
            return Err(Error::Usage(format!("horizon `{text}` must be between 1 day and {LONGEST_YEARS} years")));
        }
        Ok(end(number))
    }
}

impl fmt::Display for Horizon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Reads a list such as `3m,6m,12m`.
///
/// # Errors
/// [`Error::Usage`] if one of them is not a horizon or stands twice.
pub fn parse_horizons(list: &str) -> Result<Vec<Horizon>> {
    let horizons: Vec<Horizon> = list.split(',').map(str::parse).collect::<Result<_>>()?;
    for (i, horizon) in horizons.iter().enumerate() {
        if horizons[..i].contains(horizon) {
            return Err(Error::Usage(format!("horizon {horizon} stands twice in `{list}`")));
        }
    }
    Ok(horizons)
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
        assert!(!horizon.is_span() && horizon.span(&observation).is_err());
        for backwards in ["6m..3m", "3m..3m", "1997-09-30..3m", "forever..3m"] {
            assert!(backwards.parse::<Horizon>().unwrap().bounds(&observation).is_err(), "{backwards}");
        }
        assert!("..3m".parse::<Horizon>().is_err() && "3m..".parse::<Horizon>().is_err());
    }

    #[test]
    fn what_is_no_horizon_is_refused() {
        for text in ["", "3", "m", "0m", "-3m", "3q", "1.5y", "101y", "9999999999d", "é", "3m,,6m", "3m,3m"] {
            assert!(parse_horizons(text).is_err(), "{text}");
        }
    }
}
