//! The limits of input: what no data can mean is refused where it comes in, on every surface; within them, every answer is a number within
//! its bounds.

use super::{Day, History, Summary, TimeUnit};
use crate::error::{Error, Result};
use crate::limits::{LONGEST_TIME, MOST_PURCHASES};

/// The largest mean of purchases, which are sums of orders, in any currency.
const LARGEST_MEAN: f64 = 1e19;

impl TimeUnit {
    /// The whole calendar, from the year -9999 to the year 9999, in this unit: no customer is older, and no horizon longer.
    pub fn longest(self) -> f64 {
        f64::from(Day::LAST.days_since(Day::FIRST)) / self.days()
    }
}

/// Refuses a time that no calendar holds, or that is none.
///
/// # Errors
/// [`Error::usage`] with what it is and in which unit, if that is known.
pub fn check_time(what: &str, time: f64, unit: Option<TimeUnit>) -> Result<()> {
    match time_fault(time, unit) {
        Some(fault) => Err(Error::usage(format!("{what} is {time:?}; {fault}"))),
        None => Ok(()),
    }
}

fn time_fault(time: f64, unit: Option<TimeUnit>) -> Option<String> {
    let longest = unit.map_or(LONGEST_TIME, TimeUnit::longest);
    if (0.0..=longest).contains(&time) {
        return None;
    }
    Some(match unit {
        Some(unit) if time > longest => {
            format!("the calendar has {longest:.0} {unit}s, from the year -9999 to the year 9999")
        }
        _ => format!("times go from 0 to {longest:e}"),
    })
}

impl History {
    /// What is wrong with it, by the names of the columns, if no customer can have it.
    fn fault(&self, unit: Option<TimeUnit>) -> Option<String> {
        let Self { frequency, t_x, T } = *self;
        let of_time =
            |name: &str, time: f64| time_fault(time, unit).map(|fault| format!("{name} is {time:?}; {fault}"));
        if frequency > MOST_PURCHASES {
            return Some(format!(
                "frequency is {frequency}; no customer makes more than {MOST_PURCHASES} repeat purchases"
            ));
        }
        if let Some(fault) = of_time("T", T).or_else(|| of_time("recency", t_x)) {
            return Some(fault);
        }
        // Times that were added up end a rounding apart.
        (t_x > T * (1.0 + 1e-12)).then(|| format!("recency is beyond T (frequency {frequency}, recency {t_x}, T {T})"))
    }

    /// Refuses what no customer can have: more than a million repeat purchases, an age beyond the calendar, or a last purchase after
    /// the end. Without a unit, ages up to [`LONGEST_TIME`].
    ///
    /// # Errors
    /// [`Error::data`] that names the column and the value.
    pub fn check(&self, unit: Option<TimeUnit>) -> Result<()> {
        self.fault(unit).map_or(Ok(()), |fault| Err(Error::data(fault)))
    }
}

impl Summary {
    /// Refuses histories and amounts that no customer can have.
    ///
    /// # Errors
    /// [`Error::data`] that names the customer, the column and the value.
    pub fn check(&self) -> Result<()> {
        let unit = Some(self.observation.unit);
        for (row, m) in self.monetary_value.iter().enumerate() {
            let amount = || format!("monetary_value is {m}; means are at most {LARGEST_MEAN:e} in size");
            let fault = self.history(row).fault(unit).or_else(|| (m.is_nan() || m.abs() > LARGEST_MEAN).then(amount));
            if let Some(fault) = fault {
                return Err(Error::data(format!("customer {}: {fault}", self.customers.text(row))));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_limits_is_refused_by_name() {
        let message = |frequency, t_x, T, unit| History::new(frequency, t_x, T).check(unit).unwrap_err().to_string();
        let week = Some(TimeUnit::Week);
        assert!(message(1, 1e299, 1e300, week).starts_with("T is 1e300; "));
        assert!(message(1, 3.0, 1_043_498.0, week).contains("the calendar has 1043498 weeks"));
        assert!(message(1, 3.0, 7_304_484.0, Some(TimeUnit::Day)).contains("days"));
        assert!(message(1_000_001, 3.0, 40.0, None).contains("frequency is 1000001"));
        assert!(message(1, 3.0, f64::NAN, None).contains("T is NaN"));
        assert!(message(1, -3.0, 40.0, None).contains("recency is -3"));
        assert!(message(1, 41.0, 40.0, None).contains("beyond T"));
        for unit in TimeUnit::ALL {
            assert!(History::new(1_000_000, unit.longest(), unit.longest()).check(Some(unit)).is_ok());
        }
        assert!(check_time("the horizon", 1e11, None).is_err() && check_time("the horizon", 1e10, None).is_ok());
    }
}
