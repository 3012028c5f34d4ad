//! The calendar day of an order, from text as exports write it. Nothing is guessed.

use std::hash::BuildHasher;

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use rustc_hash::FxBuildHasher;

use crate::error::{Error, Result};
use crate::summary::Day;

/// Why a text gives no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DateProblem {
    /// It is no date of a form known, or given.
    Unreadable,
    /// Day and month could be either way round: `03/04/1997`.
    Ambiguous,
}

/// The days of the texts met last: an export has few dates, and many orders.
#[derive(Debug)]
pub(super) struct RecentDays(Vec<Option<(ShortText, Day)>>);

/// A text of at most 31 bytes, with its length.
type ShortText = [u8; 32];

impl Default for RecentDays {
    fn default() -> Self {
        Self(vec![None; 1 << Self::BITS])
    }
}

impl RecentDays {
    const BITS: u32 = 12;

    /// The day of a text: from memory, or as `read` reads it.
    pub(super) fn day<E>(
        &mut self,
        text: &[u8],
        read: impl FnOnce() -> std::result::Result<Day, E>,
    ) -> std::result::Result<Day, E> {
        let mut short = ShortText::default();
        let Some(room) = short.get_mut(..text.len()).filter(|_| text.len() < 32) else { return read() };
        room.copy_from_slice(text);
        short[31] = text.len() as u8;
        let hash = FxBuildHasher.hash_one(short);
        let place = (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - Self::BITS)) as usize;
        match self.0[place] {
            Some((known, day)) if known == short => Ok(day),
            _ => {
                let day = read()?;
                self.0[place] = Some((short, day));
                Ok(day)
            }
        }
    }
}

/// Reads dates: ISO 8601, `yyyymmdd`, timestamps with or without a zone; anything else by a format.
#[derive(Clone, Debug, Default)]
pub struct DateReader {
    format: Option<String>,
    timezone: Option<TimeZone>,
}

impl DateReader {
    /// With the format of every date (`%d/%m/%Y`), if it is not ISO, and the zone that decides the calendar day of
    /// timestamps that state their own; without one it is the day as written.
    ///
    /// # Errors
    /// [`Error::Usage`] for an unknown zone or a format without day, month and year.
    pub fn new(format: Option<&str>, timezone: Option<&str>) -> Result<Self> {
        let timezone = timezone
            .map(|name| {
                TimeZone::get(name).map_err(|_| {
                    Error::Usage(format!("no time zone `{name}`; name one like Europe/Berlin, America/New_York or UTC"))
                })
            })
            .transpose()?;
        if let Some(format) = format {
            let sample = DateTime::constant(1997, 9, 30, 13, 5, 0, 0).to_zoned(TimeZone::UTC).expect("a sample date");
            let reader = Self { format: Some(format.to_owned()), timezone: None };
            let written = strtime::format(format, &sample).ok();
            let day = written.and_then(|text| reader.day(&text).ok());
            if day != Some(sample.date().into()) {
                return Err(Error::Usage(format!(
                    "⟨--date-format⟩ `{format}` does not give a day; write one like %d/%m/%Y or '%m/%d/%Y %H:%M'"
                )));
            }
        }
        Ok(Self { format: format.map(str::to_owned), timezone })
    }

    /// The day of a text like `1997-09-30`, by far the most frequent one, where no other form was given.
    pub(super) fn iso_day(&self, text: &[u8]) -> Option<Day> {
        let &[a, b, c, d, b'-', m, n, b'-', x, y] = text else { return None };
        let digits = [a, b, c, d, m, n, x, y].map(|byte| byte.wrapping_sub(b'0'));
        if self.format.is_some() || digits.iter().any(|digit| *digit > 9) {
            return None;
        }
        let [a, b, c, d, m, n, x, y] = digits.map(u32::from);
        Day::of_date((1000 * a + 100 * b + 10 * c + d) as i32, 10 * m + n, 10 * x + y)
    }

    /// The day of a text.
    pub(super) fn day(&self, text: &str) -> std::result::Result<Day, DateProblem> {
        if let Some(format) = &self.format {
            return self.by_format(format, text).ok_or(DateProblem::Unreadable);
        }
        match self.by_pattern(text) {
            Some(day) => Ok(day),
            None if readings(text).is_some_and(|readings| readings.iter().any(|(_, possible)| *possible)) => {
                Err(DateProblem::Ambiguous)
            }
            None => Err(DateProblem::Unreadable),
        }
    }

    /// The day of an instant, in microseconds since 1970-01-01 00:00 UTC, in a column of this zone.
    pub(super) fn day_of_instant(&self, micros: i64, zone: &TimeZone) -> Option<Day> {
        let instant = Timestamp::from_microsecond(micros).ok()?;
        let zone = self.timezone.as_ref().unwrap_or(zone);
        Some(zone.to_datetime(instant).date().into())
    }

    /// The day of a time on the wall's clock, in microseconds since 1970-01-01 00:00.
    pub(super) fn day_of_clock(micros: i64) -> Option<Day> {
        i32::try_from(micros.div_euclid(86_400_000_000)).ok().and_then(Day::new)
    }

    fn by_format(&self, format: &str, text: &str) -> Option<Day> {
        let parts = strtime::parse(format, text).ok()?;
        if let Ok(instant) = parts.to_timestamp() {
            // An offset, or seconds since 1970: the offset's own day is the one written.
            let offset = parts.offset().unwrap_or(Offset::UTC);
            return Some(self.local(instant, offset));
        }
        parts.to_date().ok().map(Day::from)
    }

    /// `yyyymmdd`, or year-month-day with `-`, `/` or `.` between, alone or followed by a time.
    fn by_pattern(&self, text: &str) -> Option<Day> {
        let bytes = text.as_bytes();
        if bytes.len() == 8 && bytes.iter().all(u8::is_ascii_digit) {
            return date(&text[..4], &text[4..6], &text[6..]).map(Day::from);
        }
        if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || !matches!(bytes[4], b'-' | b'/' | b'.') {
            return None;
        }
        let separator = char::from(bytes[4]);
        let end = text.find(['T', 't', ' ']).unwrap_or(text.len());
        let (month, day) = text[5..end].split_once(separator)?;
        let date = date(&text[..4], month, day)?;
        match time_and_offset(&text[end..])? {
            (_, None) => Some(date.into()),
            (time, Some(offset)) => {
                let instant = offset.to_timestamp(date.to_datetime(time)).ok()?;
                Some(self.local(instant, offset))
            }
        }
    }

    fn local(&self, instant: Timestamp, offset: Offset) -> Day {
        match &self.timezone {
            Some(zone) => zone.to_datetime(instant).date().into(),
            None => offset.to_datetime(instant).date().into(),
        }
    }
}

fn number<T: std::str::FromStr>(text: &str, longest: usize) -> Option<T> {
    let digits = !text.is_empty() && text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    Date::new(number(year, 4)?, number(month, 2)?, number(day, 2)?).ok()
}

/// Reads ` 13:05`, `T13:05:59.123`, with `Z`, ` UTC`, `+01:00`, `+0100` or `+01` after it, or nothing at all.
fn time_and_offset(text: &str) -> Option<(Time, Option<Offset>)> {
    let text = text.trim_start_matches(['T', 't', ' ']);
    if text.is_empty() {
        return Some((Time::midnight(), None));
    }
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(text.len());
    let mut parts = text[..end].split(':');
    let hour: i8 = number(parts.next()?, 2)?;
    let minute: i8 = number(parts.next()?, 2)?;
    let second: i8 = match parts.next() {
        // 23:59:60, a leap second, is still that day.
        Some(second) => number::<i8>(second.split('.').next()?, 2)?.min(59),
        None => 0,
    };
    if parts.next().is_some() {
        return None;
    }
    let time = Time::new(hour, minute, second, 0).ok()?;
    match text[end..].trim() {
        "" => Some((time, None)),
        "Z" | "z" | "UTC" | "GMT" => Some((time, Some(Offset::UTC))),
        zone => {
            let (sign, ahead) = match zone.split_at_checked(1)? {
                ("+", ahead) => (1, ahead),
                ("-", ahead) => (-1, ahead),
                _ => return None,
            };
            let digits = ahead.replacen(':', "", 1);
            let (hours, minutes) = match digits.len() {
                2 => (digits.as_str(), "0"),
                4 => digits.split_at_checked(2)?,
                _ => return None,
            };
            let minutes: i64 = 60 * number::<i64>(hours, 2)? + number::<i64>(minutes, 2)?;
            let offset = Offset::try_from(SignedDuration::from_mins(sign * minutes)).ok()?;
            Some((time, Some(offset)))
        }
    }
}

/// The first two numbers of a text like `3/4/97`, `03.04.1997 10:15` or `3-4-1997`, and what follows the date.
fn day_and_month(text: &str) -> Option<(u8, char, u8, &str, &str)> {
    let separator = text.chars().find(|c| matches!(c, '/' | '.' | '-'))?;
    let (first, rest) = text.split_once(separator)?;
    let (second, rest) = rest.split_once(separator)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (year, rest) = rest.split_at(end);
    let _: u16 = number(year, 4).filter(|_| year.len() == 2 || year.len() == 4)?;
    Some((number(first, 2)?, separator, number(second, 2)?, year, rest))
}

/// The formats that read a text with day and month in front: day first, month first.
fn readings(text: &str) -> Option<[(String, bool); 2]> {
    let (first, separator, second, year, rest) = day_and_month(text)?;
    let year = if year.len() == 4 { "%Y" } else { "%y" };
    let half_day = rest.to_lowercase().contains('m');
    let time = match (rest.matches(':').count(), half_day) {
        (0, _) => "",
        (1, false) => " %H:%M",
        (1, true) => " %I:%M %p",
        (_, false) => " %H:%M:%S",
        (_, true) => " %I:%M:%S %p",
    };
    let format = |a: &str, b: &str| format!("{a}{separator}{b}{separator}{year}{time}");
    let possible = |day: u8, month: u8| (1..=31).contains(&day) && (1..=12).contains(&month);
    Some([(format("%d", "%m"), possible(first, second)), (format("%m", "%d"), possible(second, first))])
}

/// What to tell the user about dates whose day and month could be swapped: which format reads all of these texts.
pub(super) fn advice<'a>(text: &str, others: impl Iterator<Item = &'a str>) -> String {
    let Some([(day_first, mut day_possible), (month_first, mut month_possible)]) = readings(text) else {
        return String::new();
    };
    let mut seen = 0;
    for other in others {
        if let Some([(_, day), (_, month)]) = readings(other) {
            day_possible &= day;
            month_possible &= month;
            seen += 1;
        }
    }
    match (day_possible, month_possible) {
        (true, false) => {
            format!("all of the first {seen} dates can be read with the day first: ⟨--date-format '{day_first}'⟩")
        }
        (false, true) => {
            format!("all of the first {seen} dates can be read with the month first: ⟨--date-format '{month_first}'⟩")
        }
        _ => format!("say which is which: ⟨--date-format '{day_first}'⟩ or ⟨--date-format '{month_first}'⟩"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::option_words::on_the_command_line;

    fn day(text: &str) -> std::result::Result<String, DateProblem> {
        DateReader::new(None, None).unwrap().day(text).map(|day| day.to_string())
    }

    #[test]
    fn dates_that_leave_no_doubt_are_read() {
        for text in [
            "1997-01-18",
            "19970118",
            "1997/1/18",
            "1997.01.18",
            "1997-01-18 23:59",
            "1997-01-18T00:00:00",
            "1997-01-18T23:59:60.123Z",
            "1997-01-18 12:00:00 UTC",
            "1997-01-18 23:30:00 -0500",
            "1997-01-18T00:30+09:00",
        ] {
            assert_eq!(day(text).as_deref(), Ok("1997-01-18"), "{text}");
        }
    }

    #[test]
    fn the_rest_is_refused_or_asked_about() {
        for text in [
            "",
            "x",
            "1997-02-30",
            "1997-13-01",
            "19971301",
            "1997-01",
            "1997-01-18 25:00",
            "1997-01-18 noon",
            "Jan 5, 1997",
            "00/00/0000",
            "852076800",
            "é997-01-18",
            "1997-01-18T10:00+99:00",
            "1997-01-18 10:00+1é2",
            "1997-01-18 10:00+é",
            "1997-01-18 10:00é+1",
            "1997-01-18 10:00 ：00",
            "１９９７-01-18",
            "1/2/3/4",
        ] {
            assert_eq!(day(text), Err(DateProblem::Unreadable), "{text}");
        }
        for text in ["03/04/1997", "3.4.97", "25/04/1997", "12/1/2010 8:26"] {
            assert_eq!(day(text), Err(DateProblem::Ambiguous), "{text}");
        }
    }

    #[test]
    fn advice_names_the_format_that_fits() {
        let advise = |texts: &[&str]| on_the_command_line(&advice(texts[0], texts.iter().copied()));
        assert!(advise(&["1/2/1997", "1/25/1997"]).ends_with("--date-format '%m/%d/%Y'"));
        assert!(advise(&["1.2.97 8:26", "25.1.97 8:26"]).ends_with("--date-format '%d.%m.%y %H:%M'"));
        assert!(advise(&["1/2/1997", "2/1/1997"]).contains("say which"));
        // What is advised reads the dates.
        let advised = advise(&["1/2/1997 8:26 PM", "1/25/1997 11:05 AM"]);
        assert!(advised.ends_with("--date-format '%m/%d/%Y %I:%M %p'"), "{advised}");
        let reader = DateReader::new(Some("%m/%d/%Y %I:%M %p"), None).unwrap();
        assert_eq!(reader.day("1/25/1997 11:05 AM").unwrap().to_string(), "1997-01-25");
    }

    #[test]
    fn a_format_reads_what_it_says() {
        let read =
            |format, text: &str| DateReader::new(Some(format), None).unwrap().day(text).map(|day| day.to_string());
        assert_eq!(read("%m/%d/%Y %H:%M", "12/1/2010 8:26").as_deref(), Ok("2010-12-01"));
        assert_eq!(read("%d.%m.%y", "01.12.97").as_deref(), Ok("1997-12-01"));
        assert_eq!(read("%b %d, %Y", "Jan 5, 1997").as_deref(), Ok("1997-01-05"));
        assert_eq!(read("%s", "852076800").as_deref(), Ok("1997-01-01"));
        assert_eq!(read("%d/%m/%Y", "12/25/2010"), Err(DateProblem::Unreadable));
        for format in ["", "%H:%M", "%Y", "nonsense", "%Q!"] {
            assert!(DateReader::new(Some(format), None).is_err(), "{format}");
        }
    }

    #[test]
    fn a_time_zone_decides_the_day_of_an_instant() {
        let day = |zone, text| DateReader::new(None, zone).unwrap().day(text).unwrap().to_string();
        assert_eq!(day(Some("America/New_York"), "1997-01-19T03:00:00Z"), "1997-01-18");
        assert_eq!(day(Some("Asia/Tokyo"), "1997-01-18 20:00:00 +0000"), "1997-01-19");
        assert_eq!(day(None, "1997-01-18 20:00:00 +0000"), "1997-01-18");
        // A clock time without a zone is local already.
        assert_eq!(day(Some("Asia/Tokyo"), "1997-01-18 20:00:00"), "1997-01-18");
        assert!(DateReader::new(None, Some("Mars/Olympus")).is_err());
    }
}
