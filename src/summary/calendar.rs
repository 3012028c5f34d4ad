//! Days, the grain at which orders merge into purchases, and the unit in which a model measures time.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Weekday};
use jiff::{ToSpan, Unit};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A calendar day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

const EPOCH: Date = Date::constant(1970, 1, 1);

impl Day {
    /// The first day of the calendar, in the year -9999.
    pub const FIRST: Self = Self(-4_371_587);

    /// The last day of the calendar, in the year 9999.
    pub const LAST: Self = Self(2_932_896);

    /// Number of days from `earlier` to `self`, negative if it is later.
    pub fn days_since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    /// From a number of days; none beyond the years -9999 to 9999.
    pub fn new(days: i32) -> Option<Self> {
        Some(Self(days)).filter(|day| (Self::FIRST..=Self::LAST).contains(day))
    }

    /// The day of a date of the Gregorian calendar from the year 0 to 9999; none if there is no such date.
    #[cfg(feature = "files")]
    pub(crate) fn of_date(year: i32, month: u32, day: u32) -> Option<Self> {
        const DAYS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let longest = DAYS.get(month.wrapping_sub(1) as usize)? + u32::from(leap && month == 2);
        if !(0..=9999).contains(&year) || day == 0 || day > longest {
            return None;
        }
        // Years begin in March here, so that a leap day is the last day of one.
        let year = if month > 2 { year } else { year - 1 } + 400;
        let month = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * month + 2) / 5 + day - 1;
        // 1 March of the year -400 is 865,565 days before 1970.
        Some(Self(365 * year + year / 4 - year / 100 + year / 400 + day_of_year as i32 - 865_565))
    }

    /// The civil date; the first or last there is, beyond those.
    pub fn date(self) -> Date {
        EPOCH.saturating_add(i64::from(self.clamp(Self::FIRST, Self::LAST).0).days())
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        let span = EPOCH.until((Unit::Day, date)).expect("two dates differ by a whole number of days");
        Self(span.get_days())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

impl FromStr for Day {
    type Err = Error;

    /// Reads `1997-09-30`.
    fn from_str(text: &str) -> Result<Self> {
        text.parse::<Date>()
            .map(Self::from)
            .map_err(|_| Error::usage(format!("`{text}` is not a date: write it like 1997-09-30")))
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The calendar period within which the orders of a customer are one purchase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Grain {
    /// Orders of one day are one purchase.
    #[default]
    Day,
    /// Orders of one week, Monday to Sunday, are one purchase.
    Week,
    /// Orders of one calendar month are one purchase.
    Month,
    /// Orders of one calendar year are one purchase.
    Year,
}

impl Grain {
    /// All grains.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// The period's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// Last day of the period that `day` falls in.
    pub fn last_day(self, day: Day) -> Day {
        let date = day.date();
        match self {
            Self::Day => day,
            Self::Week => Day(self.start(day).0 + 6),
            Self::Month => date.last_of_month().into(),
            Self::Year => date.last_of_year().into(),
        }
    }

    /// First day of the period that `day` falls in.
    pub fn start(self, day: Day) -> Day {
        match self {
            Self::Day => day,
            Self::Week => {
                let weekday = i32::from(day.date().weekday().since(Weekday::Monday));
                Day(day.0 - weekday)
            }
            Self::Month => day.date().first_of_month().into(),
            Self::Year => day.date().first_of_year().into(),
        }
    }

    /// Mean length of a period in the Gregorian calendar, in days.
    pub(super) fn mean_days(self) -> f64 {
        match self {
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => 365.2425 / 12.0,
            Self::Year => 365.2425,
        }
    }

    /// Whether the starts of two periods may lie so many days apart.
    pub(super) fn has_starts_apart(self, days: u32) -> bool {
        // By how much several periods are longer or shorter than as many of mean length.
        let spread = match self {
            Self::Day | Self::Week => 0.0,
            Self::Month | Self::Year => 4.5,
        };
        let (days, mean) = (f64::from(days), self.mean_days());
        let periods = (days / mean).round();
        periods > 0.0 && (days - periods * mean).abs() <= spread
    }
}

/// What `recency`, `T` and the parameters of a model are measured in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum TimeUnit {
    /// 1 day.
    Day,
    /// 7 days.
    #[default]
    Week,
    /// 30.4375 days; where the grain is the month too, calendar months.
    Month,
    /// 365.25 days; where the grain is the year too, calendar years.
    Year,
}

impl TimeUnit {
    /// All units.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// Length in days.
    pub fn days(self) -> f64 {
        match self {
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => 365.25 / 12.0,
            Self::Year => 365.25,
        }
    }

    /// The time from `earlier` to `later` in this unit.
    pub fn between(self, earlier: Day, later: Day) -> f64 {
        f64::from(later.days_since(earlier)) / self.days()
    }

    /// Whether the unit is the grain: time is then counted in whole periods.
    pub fn counts(self, grain: Grain) -> bool {
        self.grain() == grain
    }

    /// The time from `earlier` to `later`, both of them starts of periods of `grain`. Where the unit is the month, or the
    /// year, and so is the grain, each period counts as one, however many days it has.
    pub fn between_periods(self, grain: Grain, earlier: Day, later: Day) -> f64 {
        let months = || {
            let (from, to) = (earlier.date(), later.date());
            12.0 * f64::from(to.year() - from.year()) + f64::from(to.month() - from.month())
        };
        match (self, grain) {
            (Self::Year, Grain::Year) => f64::from(later.date().year() - earlier.date().year()),
            (Self::Month, Grain::Month) => months(),
            _ => self.between(earlier, later),
        }
    }

    /// The time between two starts of periods that lie so many days apart, which is enough to tell how many months, or years, that is.
    pub(super) fn of_period_days(self, grain: Grain, days: u32) -> f64 {
        match self.counts(grain) {
            true => (f64::from(days) / grain.mean_days()).round(),
            false => f64::from(days) / self.days(),
        }
    }

    /// The day, not necessarily a whole one, that lies `time` after the start of a period of `grain`, likewise.
    pub fn after_period(self, grain: Grain, start: Day, time: f64) -> f64 {
        let months = match (self, grain) {
            (Self::Year, Grain::Year) => 12.0 * time,
            (Self::Month, Grain::Month) => time,
            _ => return f64::from(start.0) + time * self.days(),
        };
        if months.fract() != 0.0 || months > 12e4 {
            return f64::NAN;
        }
        f64::from(Day::from(start.date().saturating_add((months as i32).months())).0)
    }

    /// How many of this unit make a year.
    pub fn per_year(self) -> f64 {
        Self::Year.days() / self.days()
    }

    /// The period of the calendar that counts as one.
    pub fn grain(self) -> Grain {
        match self {
            Self::Day => Grain::Day,
            Self::Week => Grain::Week,
            Self::Month => Grain::Month,
            Self::Year => Grain::Year,
        }
    }

    /// The unit's name.
    pub fn name(self) -> &'static str {
        self.grain().name()
    }
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Grain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "files")]
    #[test]
    fn dates_are_those_of_the_library() {
        for year in [0, 1, 4, 100, 400, 1582, 1899, 1900, 1970, 1997, 2000, 2023, 2024, 2100, 9999] {
            for (month, day) in (0..=13).flat_map(|month| (0..=32).map(move |day| (month, day))) {
                let expected = Date::new(year, month, day).ok().map(Day::from);
                let found = Day::of_date(year.into(), month as u32, day as u32);
                assert_eq!(found, expected, "{year}-{month}-{day}");
            }
        }
    }

    #[test]
    fn days_count_from_the_epoch_and_back() {
        let day: Day = "1997-09-30".parse().unwrap();
        // Unix time 875577600 s, a whole number of days.
        assert_eq!(day, Day(875_577_600 / 86_400));
        assert_eq!(day.to_string(), "1997-09-30");
        assert_eq!("1897-01-05".parse::<Day>().unwrap().to_string(), "1897-01-05");
        assert!("30.9.1997".parse::<Day>().is_err());
    }

    #[test]
    fn grain_starts_on_monday_and_on_the_first() {
        let day: Day = "1997-10-02".parse().unwrap(); // a Thursday
        assert_eq!(Grain::Week.start(day).to_string(), "1997-09-29");
        assert_eq!(Grain::Week.start("1997-09-29".parse().unwrap()).to_string(), "1997-09-29");
        assert_eq!(Grain::Month.start(day).to_string(), "1997-10-01");
    }

    #[test]
    fn months_and_years_count_as_one_each() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let (from, to) = (day("1995-12-01"), day("1997-03-01"));
        assert_eq!(TimeUnit::Month.between_periods(Grain::Month, from, to), 15.0);
        assert_eq!(TimeUnit::Month.after_period(Grain::Month, from, 15.0), f64::from(to.0));
        assert_eq!(TimeUnit::Year.between_periods(Grain::Year, day("1995-01-01"), day("2001-01-01")), 6.0);
        assert_eq!(TimeUnit::Week.between_periods(Grain::Week, day("1997-09-22"), day("1997-09-29")), 1.0);
        assert_eq!(TimeUnit::Week.between_periods(Grain::Month, from, to), 456.0 / 7.0);
        assert_eq!(Grain::Year.start(day("1997-03-05")), day("1997-01-01"));
    }

    #[test]
    fn cdnow_ages_are_in_days_over_seven() {
        // FHL05: T runs from 27.00 to 38.86 weeks.
        let end = "1997-09-30".parse().unwrap();
        let age = |first: &str| TimeUnit::Week.between(first.parse().unwrap(), end);
        assert!((age("1997-01-01") - 38.857).abs() < 5e-4);
        assert_eq!(age("1997-03-25"), 27.0);
    }
}
