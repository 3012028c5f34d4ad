//! Rates of exchange: what one unit of another currency is worth in that of the results.

use std::path::Path;

use super::amounts::AmountReader;
use super::currencies::Currency;
use crate::error::{Error, Place, Result};
use crate::summary::Day;
use crate::tables::customer_names::plain;
use crate::tables::{Batch, BytesRead, FileOptions, Input, TableReader, clip};

/// Rates by currency, each from a day on.
#[derive(Clone, Debug, Default)]
pub struct Rates {
    name: String,
    /// The code, the first day if one was given, and the rate; by code and day.
    rates: Vec<(String, Option<Day>, f64)>,
}

impl Rates {
    /// From a table with the columns `currency`, `rate` (what one unit of it is worth) and, if rates change, `from` (the first day).
    ///
    /// # Errors
    /// [`Error::io`] and [`Error::data`] if it cannot be read, or holds something else.
    pub fn open(path: &Path) -> Result<Self> {
        let input = Input::Path(path.to_path_buf());
        Self::read(TableReader::open(&input, &FileOptions::default(), &BytesRead::default())?)
    }

    /// From such a table.
    ///
    /// # Errors
    /// As [`Rates::open`].
    pub fn read(mut table: TableReader) -> Result<Self> {
        let find = |names: &[&str]| table.header().iter().position(|name| names.contains(&plain(name).as_str()));
        let (currency, rate) = (find(&["currency", "code"]), find(&["rate"]));
        let from = find(&["from", "date", "day"]);
        let (Some(currency), Some(rate)) = (currency, rate) else {
            return Err(Error::data(
                "rates are a table with the columns currency, rate (what one unit of it is worth) and from (the first \
                 day, where rates change)",
            )
            .in_file(table.name()));
        };
        let columns: Vec<usize> = [Some(currency), Some(rate), from].into_iter().flatten().collect();
        let mut rates = Self { name: table.name().to_owned(), rates: Vec::new() };
        while let Some(batch) = table.next_batch(&columns, false)? {
            if let Some(ragged) = batch.ragged.first() {
                return Err(Error::data(format!("{} fields", ragged.fields)).at(table.place(ragged.place)));
            }
            for row in 0..batch.places.len() {
                rates.add(&batch, row).map_err(|what| Error::data(what).at(table.place(batch.places[row])))?;
            }
        }
        rates.rates.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        if let Some(twice) = rates.rates.windows(2).find(|pair| pair[0].0 == pair[1].0 && pair[0].1 == pair[1].1) {
            return Err(Error::data(format!("{} has two rates from the same day on", twice[0].0)).in_file(&rates.name));
        }
        Ok(rates)
    }

    fn add(&mut self, batch: &Batch, row: usize) -> std::result::Result<(), String> {
        let text = |column: usize| batch.columns.get(column).and_then(|cells| cells.text(row)).unwrap_or_default();
        let (currency, rate, from) = (text(0), text(1), text(2));
        let code = match Currency::named(&currency).map(Currency::codes) {
            Some([code]) => (*code).to_owned(),
            _ => return Err(format!("`{}` is not a currency code", clip(&currency))),
        };
        let number = AmountReader::default().read(&rate).map(|rate| rate.number);
        let rate_is_one = number.filter(|rate| *rate > 0.0 && rate.is_finite());
        let rate = rate_is_one.ok_or_else(|| format!("`{}` is not a rate", clip(&rate)))?;
        let from = match &*from {
            "" => None,
            from => Some(from.parse().map_err(|_| format!("`{}` is not a date like 2024-01-31", clip(from)))?),
        };
        self.rates.push((code, from, rate));
        Ok(())
    }

    /// What the table says, whatever its name and the order of its rows.
    pub fn content(&self) -> String {
        let from = |from: &Option<Day>| from.map_or_else(String::new, |day| day.to_string());
        self.rates.iter().map(|(code, day, rate)| format!("{code},{},{rate:?}\n", from(day))).collect()
    }

    /// What one unit of a currency is worth on a day; where the day is not known, if it is worth the same on all.
    ///
    /// # Errors
    /// [`Error::data`] if nothing says so, or too much: `$` with rates of two dollars.
    pub(super) fn rate(&self, currency: Currency, day: Option<Day>, place: impl Fn() -> Place) -> Result<f64> {
        let mut known: Vec<&str> = self.rates.iter().map(|(code, ..)| code.as_str()).collect();
        known.dedup();
        known.retain(|code| currency.codes().contains(code));
        let wrong = |what: &str| Error::data(format!("{currency} {what} {}", self.name)).at(place());
        let [code] = known[..] else {
            return Err(wrong(if known.is_empty() {
                "has no rate in"
            } else {
                "may be any of several currencies that have rates in"
            }));
        };
        let Some(day) = day else {
            let mut of_code = self.rates.iter().filter(|(other, ..)| other == code);
            return match (of_code.next(), of_code.next()) {
                (Some((_, None, rate)), None) => Ok(*rate),
                _ => Err(wrong("is an amount without a date, which has no rate in")),
            };
        };
        let until = self.rates.partition_point(|(other, from, _)| (other.as_str(), *from) <= (code, Some(day)));
        match self.rates[..until].last() {
            Some((other, _, rate)) if other == code => Ok(*rate),
            _ => Err(wrong(&format!("has no rate on {day} in"))),
        }
    }
}
