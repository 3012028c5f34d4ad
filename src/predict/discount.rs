//! Discounting: an annual rate, applied continuously.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use crate::error::{Error, Result};
use crate::message::{Message, opt, say};
use crate::options::NumberOrText;
use crate::summary::TimeUnit;

/// An *annual* rate `i`: money a year from now is worth `1 / (1 + i)` of today's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct DiscountRate(f64);

impl DiscountRate {
    /// From an annual rate, for instance 0.1 for 10%.
    ///
    /// # Errors
    /// [`Error::usage`] unless it is a number from 0 on.
    pub fn annual(rate: f64) -> Result<Self> {
        if rate >= 0.0 && rate.is_finite() {
            return Ok(Self(rate));
        }
        Err(wrong(&rate.to_string()))
    }

    /// The annual rate.
    pub fn per_year(self) -> f64 {
        self.0
    }

    /// `δ = ln(1 + i) / (units per year)`: the continuous rate per time unit.
    pub fn continuous(self, unit: TimeUnit) -> f64 {
        self.0.ln_1p() / unit.per_year()
    }

    /// Says that the rate is above 100% a year, if it is: most such rates were meant in per cent, or for a shorter time. With the
    /// rate of a week, `(1 + i)^(1 / weeks per year) - 1`.
    pub fn caution(self) -> Option<Message> {
        let Self(rate) = self;
        (rate > 1.0).then(|| {
            let a_week = self.continuous(TimeUnit::Week).exp_m1();
            let (percent, a_week, counts) = (short(100.0 * rate), short(100.0 * a_week), short(100.0 / (1.0 + rate)));
            say![
                "the annual discount rate is {percent}%, which is {a_week}% a week: an amount that is due in a year counts {counts}%. If \
                 {rate} was meant in per cent, give ",
                opt("discount").with(rate / 100.0)
            ]
        })
    }
}

/// With three digits, as far as they are after the point.
fn short(number: f64) -> String {
    if !(1e-2..1e9).contains(&number) {
        return format!("{number:.2e}");
    }
    let decimals = (2.0 - number.log10().floor()).max(0.0) as usize;
    let text = format!("{number:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn wrong(rate: &str) -> Error {
    Error::usage(format!("the annual discount rate is {rate}; give a fraction like 0.1, or 10%, for 10% a year"))
        .of_option(opt("discount"))
        .of_value(rate)
}

/// Reads a share: a fraction like `0.1`, or per cents like `10%`.
pub(crate) fn share(text: &str) -> Option<f64> {
    match text.trim().strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok().map(|percent| percent / 100.0),
        None => text.trim().parse().ok(),
    }
}

impl FromStr for DiscountRate {
    type Err = Error;

    /// Reads a fraction like `0.1`, or per cents like `10%`.
    fn from_str(text: &str) -> Result<Self> {
        share(text).ok_or_else(|| wrong(text)).and_then(Self::annual)
    }
}

impl<'de> Deserialize<'de> for DiscountRate {
    /// A number, or a text like `10%`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrText {
            what: "a number like 0.1, or '10%'",
            number: Self::annual,
            text: |text: &str| text.parse(),
        })
    }
}

impl fmt::Display for DiscountRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annual_rate_is_continuous_within_the_year() {
        let rate = DiscountRate::annual(0.15).unwrap();
        // RFM05: 15% a year is .0027 a week.
        assert!((rate.continuous(TimeUnit::Week) - 0.0027).abs() < 5e-5);
        assert!(DiscountRate::annual(-0.1).is_err() && DiscountRate::annual(f64::INFINITY).is_err());
        assert!(DiscountRate::annual(f64::NAN).is_err());
    }

    #[test]
    fn per_cents_are_read_as_such() {
        let rate =
            |text: &str| text.parse::<DiscountRate>().map(DiscountRate::per_year).map_err(|error| error.to_string());
        assert_eq!((rate("0.1"), rate("10%"), rate("7.5 %"), rate("0")), (Ok(0.1), Ok(0.1), Ok(0.075), Ok(0.0)));
        for text in ["%", "ten", "", "-1%", "1e999", "NaN", "10%%"] {
            assert!(rate(text).unwrap_err().contains("10% a year"), "{text}");
        }
    }

    /// CLVTools 0.11: a continuous rate of ln(1.1) = .0953 a week is `e^(.0953 365.25/7) - 1` a year.
    #[test]
    fn a_rate_above_100_per_cent_is_a_caution_with_what_it_is_a_week() {
        let rate = DiscountRate::annual((1.1f64.ln() * 365.25 / 7.0).exp_m1()).unwrap();
        let caution = rate.caution().unwrap().plain();
        assert!(caution.contains("which is 10% a week: an amount that is due in a year counts 0.692%"), "{caution}");
        assert!((rate.continuous(TimeUnit::Week) - 1.1f64.ln()).abs() < 1e-15);
        let ten = DiscountRate::annual(10.0).unwrap().caution().unwrap().plain();
        assert!(ten.contains("rate is 1000%, which is 4.7% a week") && ten.ends_with("give discount = 0.1"), "{ten}");
        assert_eq!(DiscountRate::annual(1.0).unwrap().caution(), None);
    }
}
