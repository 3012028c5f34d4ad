//! The calendar day of an order, from text as exports write it. Nothing is guessed.

use std::hash::BuildHasher;

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};

use super::customers::is_nothing;
use crate::error::{Error, Result};
use crate::message::{Message, Opt, opt, say};
use crate::options::through_serde;
use crate::summary::Day;
use crate::tables::{Cells, clip};

/// Why a text gives no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateProblem {
    /// It is no date of a form known, or given.
    Unreadable,
    /// Day and month could be either way round: `03/04/1997`.
    Ambiguous,
}

/// A day, nothing, or why a cell gives none and what stands there.
pub(crate) type FoundDay = std::result::Result<Option<Day>, (DateProblem, String)>;

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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(into = "DateOptions", try_from = "DateOptions")]
pub struct DateReader {
    format: Option<String>,
    timezone: Option<TimeZone>,
}

/// Form and zone of dates, as users say them.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct DateOptions {
    date_format: Option<String>,
    timezone: Option<String>,
}

impl From<DateReader> for DateOptions {
    fn from(DateReader { format, timezone }: DateReader) -> Self {
        Self { date_format: format, timezone: timezone.and_then(|zone| zone.iana_name().map(str::to_owned)) }
    }
}

impl TryFrom<DateOptions> for DateReader {
    type Error = String;

    fn try_from(DateOptions { date_format, timezone }: DateOptions) -> std::result::Result<Self, String> {
        Self::new(date_format.as_deref(), timezone.as_deref()).map_err(|error| through_serde(&error))
    }
}

impl DateReader {
    /// A reader that knows the format of every date (`%d/%m/%Y`), if it is not ISO, and the zone that decides the calendar day of
    /// timestamps that state their own; without one it is the day as written.
    ///
    /// # Errors
    /// [`Error::usage`] for an unknown zone or a format without day, month and year.
    pub fn new(format: Option<&str>, timezone: Option<&str>) -> Result<Self> {
        let timezone = timezone
            .map(|name| {
                TimeZone::get(name).map_err(|_| {
                    Error::usage(format!("no time zone `{name}`; name one like Europe/Berlin, America/New_York or UTC"))
                })
            })
            .transpose()?;
        if let Some(format) = format {
            let sample = DateTime::constant(1997, 9, 30, 13, 5, 0, 0).to_zoned(TimeZone::UTC).expect("a sample date");
            let reader = Self { format: Some(format.to_owned()), timezone: None };
            let written = strtime::format(format, &sample).ok();
            let day = written.and_then(|text| reader.day(&text).ok());
            if day != Some(sample.date().into()) {
                return Err(Error::usage(say![
                    opt("date_format"),
                    " `{format}` does not give a day; write one like %d/%m/%Y or '%m/%d/%Y %H:%M'"
                ]));
            }
        }
        Ok(Self { format: format.map(str::to_owned), timezone })
    }

    /// Whether a form was given, or found.
    pub(super) fn has_format(&self) -> bool {
        self.format.is_some()
    }

    /// The form, if it is not ISO 8601.
    pub(super) fn format(&self) -> Option<&str> {
        self.format.as_deref()
    }

    /// The same zone, and this form.
    pub(super) fn with_format_of(&self, other: &Self) -> Self {
        Self { format: other.format.clone(), timezone: self.timezone.clone() }
    }

    fn of_format(format: String) -> Self {
        Self { format: Some(format), timezone: None }
    }

    /// Whether a text is a date of years that orders are from. `97` is a year of antiquity to `%Y`.
    pub(super) fn reads(&self, text: &str) -> bool {
        self.day(text).is_ok_and(|day| (1900..2200).contains(&day.date().year()))
    }

    /// The name of the zone that decides the calendar day of instants, if there is one.
    pub(crate) fn zone(&self) -> Option<&str> {
        self.timezone.as_ref()?.iana_name()
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
            None if is_seconds_or_hour(text) => Err(DateProblem::Ambiguous),
            None if readings(text).is_some_and(|readings| readings.iter().any(|(_, possible)| *possible)) => {
                Err(DateProblem::Ambiguous)
            }
            None => Err(DateProblem::Unreadable),
        }
    }

    /// The day of an instant, in microseconds since 1970-01-01 00:00 UTC, in a column of this zone.
    fn day_of_instant(&self, micros: i64, zone: &TimeZone) -> Option<Day> {
        let instant = Timestamp::from_microsecond(micros).ok()?;
        let zone = self.timezone.as_ref().unwrap_or(zone);
        Some(zone.to_datetime(instant).date().into())
    }

    /// The day of a time on the wall's clock, in microseconds since 1970-01-01 00:00.
    fn day_of_clock(micros: i64) -> Option<Day> {
        i32::try_from(micros.div_euclid(86_400_000_000)).ok().and_then(Day::new)
    }

    /// The day in a cell, none where nothing stands, or what stands there and why it gives no day.
    pub(crate) fn day_of_cell(&self, cells: &Cells, row: usize) -> FoundDay {
        match cells {
            Cells::Real(numbers) => match numbers[row].filter(|number| !number.is_nan()) {
                None => Ok(None),
                Some(number) => Err((DateProblem::Unreadable, number.to_string())),
            },
            cells => self.day_by(cells, row, |text| self.day_unless_nothing(text)),
        }
    }

    /// The day in a cell, of which texts and numbers are read so.
    pub(super) fn day_by(&self, cells: &Cells, row: usize, of_text: impl FnOnce(&str) -> FoundDay) -> FoundDay {
        let unreadable = |value: String| (DateProblem::Unreadable, value);
        match cells {
            Cells::Text(column) if let Some(day) = self.iso_day(column.get(row)) => Ok(Some(day)),
            Cells::Text(column) => match std::str::from_utf8(column.get(row)) {
                Ok(text) => of_text(text),
                Err(_) => Err(unreadable("not UTF-8".to_owned())),
            },
            Cells::Integer(_) | Cells::Decimal(_) | Cells::Real(_) => of_text(&cells.text(row).unwrap_or_default()),
            Cells::Date(days) => {
                days[row].map(|days| Day::new(days).ok_or_else(|| unreadable(format!("day {days}")))).transpose()
            }
            Cells::Moment { micros, zone } => {
                let day = |micros| match zone {
                    Some(zone) => self.day_of_instant(micros, zone),
                    None => Self::day_of_clock(micros),
                };
                micros[row].map(|micros| day(micros).ok_or_else(|| unreadable(micros.to_string()))).transpose()
            }
        }
    }

    fn day_unless_nothing(&self, text: &str) -> FoundDay {
        let text = text.trim();
        match self.day(text) {
            _ if text.is_empty() => Ok(None),
            Ok(day) => Ok(Some(day)),
            Err(DateProblem::Unreadable) if is_nothing(text) => Ok(None),
            Err(problem) => Err((problem, text.to_owned())),
        }
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
        if matches!(bytes.len(), 10 | 13 | 16) && bytes.iter().all(u8::is_ascii_digit) {
            return if is_seconds_or_hour(text) { None } else { self.since_1970(text) };
        }
        if let Some(day) = serial_day(text) {
            return Some(day);
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

    /// Seconds since 1970 in ten digits, milliseconds in thirteen, microseconds in sixteen, of years that orders are from.
    pub(super) fn since_1970(&self, text: &str) -> Option<Day> {
        let number: i64 = text.parse().ok()?;
        let instant = match text.len() {
            10 => Timestamp::from_second(number),
            13 => Timestamp::from_millisecond(number),
            _ => Timestamp::from_microsecond(number),
        };
        let instant = instant.ok()?;
        let day = Offset::UTC.to_datetime(instant).date();
        (1980..2100).contains(&day.year()).then(|| self.local(instant, Offset::UTC))
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

/// Whether ten digits may be seconds since 1970 as well as a day and an hour.
pub(super) fn is_seconds_or_hour(text: &str) -> bool {
    let is_number = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number && date(&text[..4], &text[4..6], &text[6..8]).is_some() && &text[8..] < "24"
}

/// Whether ten digits are seconds since 1970, and nothing else.
pub(super) fn is_seconds(text: &str) -> bool {
    text.len() == 10 && DateReader::default().by_pattern(text).is_some()
}

/// Whether a text is the number of a day, as spreadsheets have it.
pub(super) fn is_serial(text: &str) -> bool {
    serial_day(text).is_some()
}

/// Days as spreadsheets number them, from 1980 to 2050; other numbers may be a year and a day of it.
fn serial_day(text: &str) -> Option<Day> {
    const DAYS: std::ops::Range<f64> = 29_221.0..55_153.0;
    let whole = text.split_once('.').map_or(text, |(days, _)| days);
    let is_number = whole.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let days: f64 = text.parse().ok().filter(|_| is_number)?;
    // 1970-01-01 is day 25,569.
    DAYS.contains(&days).then(|| Day::new(days.floor() as i32 - 25_569)).flatten()
}

/// Whether day and month of a text, or what it is at all, could be taken in two ways.
pub(super) fn is_swappable(text: &str) -> bool {
    readings(text).is_some() || is_seconds_or_hour(text)
}

/// The forms that read a text that is not ISO 8601.
pub(super) fn forms(text: &str) -> Vec<DateReader> {
    let reads = |reader: &DateReader| reader.reads(text);
    if is_seconds_or_hour(text) {
        return ["%Y%m%d%H", "%s"].map(|format| DateReader::of_format(format.to_owned())).to_vec();
    }
    if let Some(readings) = readings(text) {
        return readings.map(|(format, _)| DateReader::of_format(format)).into_iter().filter(reads).collect();
    }
    let formats = DATES.iter().flat_map(|date| TIMES.iter().map(move |time| format!("{date}{time}")));
    formats.map(DateReader::of_format).filter(reads).collect()
}

/// What to ask of a text that these forms read, if any; and the answers.
pub(super) fn question(text: &str, forms: &[DateReader]) -> (Message, Vec<Opt>) {
    let what = match is_seconds_or_hour(text) {
        true => "may be seconds since 1970, or a day and an hour",
        false => "does not say which is the day and which the month",
    };
    let answers: Vec<Opt> = match forms {
        [] => readings(text).into_iter().flatten().map(|(format, _)| opt("date_format").with(format)).collect(),
        forms => forms.iter().map(|form| opt("date_format").with(form.format().unwrap_or_default())).collect(),
    };
    let text = clip(text);
    let words = match &answers[..] {
        [one] => say![format!("`{text}` {what}; it can be read with "), one.clone()],
        [one, other] if forms.is_empty() => {
            say![format!("`{text}` {what}, and neither reading fits all dates: "), one.clone(), " or ", other.clone()]
        }
        [one, other, ..] => say![format!("`{text}` {what}; say which is which: "), one.clone(), " or ", other.clone()],
        [] => say![format!("`{text}` {what}")],
    };
    (words, answers)
}

/// What to tell the user about dates whose day and month could be swapped, and the options that settle it: which format reads all of
/// these texts.
pub(crate) fn advice<'a>(text: &str, others: impl Iterator<Item = &'a str>) -> (Message, Vec<Opt>) {
    let Some([(day_first, mut day_possible), (month_first, mut month_possible)]) = readings(text) else {
        return Default::default();
    };
    let mut seen = 0;
    for other in others {
        if let Some([(_, day), (_, month)]) = readings(other) {
            day_possible &= day;
            month_possible &= month;
            seen += 1;
        }
    }
    let option = |format: &str| opt("date_format").with(format);
    let first = |which: &str, format: &str| {
        let option = option(format);
        (say!["all of the first {seen} dates can be read with the {which} first: ", option.clone()], vec![option])
    };
    match (day_possible, month_possible) {
        (true, false) => first("day", &day_first),
        (false, true) => first("month", &month_first),
        _ => {
            let [one, other] = [&day_first, &month_first].map(|format| option(format));
            (say!["say which is which: ", one.clone(), " or ", other.clone()], vec![one, other])
        }
    }
}

/// What to try on dates that could not be read, if something reads all of these.
pub(super) fn proposal(reader: &DateReader, texts: &[&str]) -> Option<Message> {
    // `97` is a year of antiquity to `%Y`.
    let is_read =
        |reader: &DateReader, text| reader.day(text).is_ok_and(|day| (1900..2200).contains(&day.date().year()));
    let reads_all = |reader: &DateReader| !texts.is_empty() && texts.iter().all(|text| is_read(reader, text));
    let (format, plain) = (reader.format.is_some(), DateReader { format: None, timezone: None });
    if format && reads_all(&plain) {
        return Some(say!["they can be read without ", opt("date_format")]);
    }
    let first = texts.first()?;
    if texts.iter().all(|text| readings(text).is_some()) {
        return Some(advice(first, texts.iter().copied()).0);
    }
    if texts.iter().all(|text| month(text).is_some()) {
        return Some(say!["they name months: add ", opt("grain").with("month")]);
    }
    let formats = DATES.iter().flat_map(|date| TIMES.iter().map(move |time| format!("{date}{time}")));
    let found =
        formats.into_iter().find(|format| reads_all(&DateReader { format: Some(format.clone()), timezone: None }));
    found.map(|format| say!["all of them can be read with ", opt("date_format").with(format.to_string())])
}

/// Dates that are proposed, where all of a file's examples have one of these forms.
const DATES: &[&str] = &[
    "%d %b %Y",
    "%d-%b-%Y",
    "%d/%b/%Y",
    "%d-%b-%y",
    "%d %b %y",
    "%b %d, %Y",
    "%b %d %Y",
    "%d %B %Y",
    "%B %d, %Y",
    "%B %d %Y",
    "%a, %d %b %Y",
    "%a %d %b %Y",
    "%a %b %d %Y",
    "%A, %B %d, %Y",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%Y %b %d",
    "%d%m%Y",
    "%s",
];

/// Times after them.
const TIMES: &[&str] = &[
    "",
    " %H:%M",
    " %H:%M:%S",
    " %I:%M %p",
    " %I:%M:%S %p",
    " %I:%M%p",
    ", %H:%M",
    ", %I:%M %p",
    " at %I:%M %p",
    "%H%M%S",
    "%H%M",
    "%H",
    " %H:%M:%S %z",
    " %H.%M",
];

/// The first day of a month written `2024-01`, `2024/1` or `202401`.
pub(super) fn month(text: &str) -> Option<Day> {
    let (year, month) = match text.split_once(['-', '/', '.']) {
        Some(parts) => parts,
        None => text.split_at_checked(4).filter(|_| text.len() == 6)?,
    };
    if year.len() != 4 || !(1..=2).contains(&month.len()) {
        return None;
    }
    date(year, month, "1").map(Day::from)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let advise = |texts: &[&str]| advice(texts[0], texts.iter().copied()).0.plain();
        assert!(advise(&["1/2/1997", "1/25/1997"]).ends_with("date_format = %m/%d/%Y"));
        assert!(advise(&["1.2.97 8:26", "25.1.97 8:26"]).ends_with("date_format = %d.%m.%y %H:%M"));
        assert!(advise(&["1/2/1997", "2/1/1997"]).contains("say which"));
        // What is advised reads the dates.
        let advised = advise(&["1/2/1997 8:26 PM", "1/25/1997 11:05 AM"]);
        assert!(advised.ends_with("date_format = %m/%d/%Y %I:%M %p"), "{advised}");
        let reader = DateReader::new(Some("%m/%d/%Y %I:%M %p"), None).unwrap();
        assert_eq!(reader.day("1/25/1997 11:05 AM").unwrap().to_string(), "1997-01-25");
    }

    #[test]
    fn what_is_proposed_reads_the_dates() {
        let propose = |format: Option<&str>, texts: &[&str]| {
            proposal(&DateReader::new(format, None).unwrap(), texts).map(|words| words.plain())
        };
        for (texts, format) in [
            (&["Jan 5, 1997", "Dec 31, 1997"][..], "%b %d, %Y"),
            (&["5 Jan 1997 10:30", "31 Dec 1997 9:15"], "%d %b %Y %H:%M"),
            (&["05-Jan-97"], "%d-%b-%y"),
            (&["1997-01-05 10:15 PM"], "%Y-%m-%d %I:%M %p"),
            (&["19970105103000"], "%Y%m%d%H%M%S"),
            (&["01/25/1997", "01/26/1997"], "%m/%d/%Y"),
        ] {
            assert!(propose(None, texts).unwrap().ends_with(&format!("date_format = {format}")), "{texts:?}");
            // A wrong form that was given hides nothing.
            assert!(
                propose(Some("%d|%m|%Y"), texts).unwrap().ends_with(&format!("date_format = {format}")),
                "{texts:?}"
            );
        }
        assert_eq!(propose(Some("%d/%m/%Y"), &["1997-01-05"]).unwrap(), "they can be read without date_format");
        assert_eq!(propose(None, &["1997-01", "1997-12"]).unwrap(), "they name months: add grain = month");
        assert_eq!(propose(None, &["soon"]), None);
    }

    #[test]
    fn seconds_and_milliseconds_since_1970() {
        // `date -u -d @1704412800`: 2024-01-05 00:00.
        assert_eq!(day("1704412800000").as_deref(), Ok("2024-01-05"));
        assert_eq!(day("1704412799").as_deref(), Ok("2024-01-04"));
        assert_eq!(day("1704412799000000").as_deref(), Ok("2024-01-04"));
        // Ten o'clock on 2024-01-05, or 2034; and what is no year of orders.
        assert_eq!(day("2024010510"), Err(DateProblem::Ambiguous));
        assert!(is_seconds("1704412799") && !is_seconds("2024010510") && is_seconds_or_hour("1676030400"));
        for text in ["9999999999999", "0000000001"] {
            assert_eq!(day(text), Err(DateProblem::Unreadable), "{text}");
        }
        let tokyo = DateReader::new(None, Some("Asia/Tokyo")).unwrap();
        assert_eq!(tokyo.day("1704399600000").unwrap().to_string(), "2024-01-05");
    }

    /// Days of Excel: 45,292 is 2024-01-01 there.
    #[test]
    fn days_as_spreadsheets_number_them() {
        assert_eq!(day("45292").as_deref(), Ok("2024-01-01"));
        assert_eq!(day("45351.75").as_deref(), Ok("2024-02-29"));
        // A year and its day, or a day of 1968; and none.
        for text in ["25031", "99999", "45292.5.1", "4529a"] {
            assert_eq!(day(text), Err(DateProblem::Unreadable), "{text}");
        }
    }

    #[test]
    fn forms_read_what_they_are_of() {
        let of = |text: &str| -> Vec<String> {
            forms(text).iter().filter_map(|form| form.format().map(str::to_owned)).collect()
        };
        assert_eq!(of("31 Jan 2024"), ["%d %b %Y"]);
        assert_eq!(of("1/31/2024 3:07:00 PM"), ["%m/%d/%Y %I:%M:%S %p"]);
        assert_eq!(of("3/4/2024"), ["%d/%m/%Y", "%m/%d/%Y"]);
        assert_eq!(of("1676030400"), ["%Y%m%d%H", "%s"]);
        assert!(of("soon").is_empty());
        // Short and long names of a month are one form.
        assert_eq!(of("May 5, 2024"), ["%b %d, %Y", "%B %d, %Y"]);
        assert!(!is_swappable("May 5, 2024") && is_swappable("3/4/2024"));
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
