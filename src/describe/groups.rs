//! Groups of customers side by side.
//!
//! A difference between groups is an effect of what tells them apart only if customers were put into them by lot. Where
//! they chose (a channel, a country, a coupon), the groups may have differed before. The intervals are of one
//! difference each; of twenty groups without any effect one differs by chance.

use super::intervals::{Interval, Sample, Share};
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::predict::Grouping;
use crate::summary::Summary;

/// An estimate with its 95% interval, if there are customers enough for one.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its 95% interval; none of fewer than two customers.
    pub interval: Option<Interval>,
}

/// One group.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Customers.
    pub customers: u64,
    /// Sum of their values, where these are known.
    pub total: Option<f64>,
    /// Mean value, with Student's interval.
    pub mean: Option<Estimate>,
    /// Share of customers with a repeat purchase, with Wilson's interval.
    pub repeat_rate: Estimate,
    /// Mean number of purchases, the first included, with Student's interval.
    pub purchases: Estimate,
}

/// A group less the control.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GroupDifference {
    /// The group's name.
    pub name: String,
    /// Of mean values, with Welch's interval.
    pub mean: Option<Estimate>,
    /// Of repeat rates, with Newcombe's interval.
    pub repeat_rate: Estimate,
    /// Of mean numbers of purchases, with Welch's interval.
    pub purchases: Estimate,
}

/// All groups, and how they differ from one of them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Groups {
    /// The column that tells them apart.
    pub by: String,
    /// Those with customers, in the order of their names.
    pub groups: Vec<Group>,
    /// Name of the group that the others are compared with.
    pub control: String,
    /// The others.
    pub differences: Vec<GroupDifference>,
}

/// What is compared.
struct Samples {
    values: Option<Sample>,
    repeats: Share,
    purchases: Sample,
}

impl Groups {
    /// Compares groups of a summary's customers by these values, if they are known, with the group of this name, or
    /// else the largest; of several as large, the first.
    ///
    /// # Errors
    /// [`Error::usage`] if there is no such group.
    pub fn new(
        by: &str,
        summary: &Summary,
        grouping: &Grouping,
        values: Option<&[f64]>,
        control: Option<&str>,
    ) -> Result<Self> {
        let mut rows = vec![Vec::new(); grouping.names.len()];
        grouping.of.iter().enumerate().for_each(|(row, &group)| rows[group as usize].push(row));
        let taken = |rows: Vec<usize>| Samples::new(summary, &rows, values);
        let all: Vec<(&String, Samples)> = grouping
            .names
            .iter()
            .zip(rows)
            .filter(|(_, rows)| !rows.is_empty())
            .map(|(name, rows)| (name, taken(rows)))
            .collect();
        let (control, base) = match control {
            Some(wanted) => all.iter().find(|(name, _)| *name == wanted).ok_or_else(|| unknown(wanted, &all))?,
            None => largest(&all).ok_or_else(|| Error::usage("there are no customers to compare"))?,
        };
        let others = all.iter().filter(|(name, _)| name != control);
        Ok(Self {
            by: by.to_owned(),
            groups: all.iter().map(|(name, samples)| samples.group(name)).collect(),
            control: (*control).clone(),
            differences: others.map(|(name, samples)| samples.less(base, name)).collect(),
        })
    }
}

fn largest<'a, 'b>(all: &'a [(&'b String, Samples)]) -> Option<&'a (&'b String, Samples)> {
    all.iter().rev().max_by_key(|(_, samples)| samples.repeats.of)
}

fn unknown(wanted: &str, all: &[(&String, Samples)]) -> Error {
    let names: Vec<&str> = all.iter().take(10).map(|(name, _)| name.as_str()).collect();
    let more = if all.len() > names.len() { ", ..." } else { "" };
    Error::usage(say![
        opt("control").with(wanted.to_string()),
        format!(": there is no such group; there are {}{more}", names.join(", "))
    ])
}

impl Samples {
    fn new(summary: &Summary, rows: &[usize], values: Option<&[f64]>) -> Self {
        let of = |number: &dyn Fn(usize) -> f64| Sample::new(&rows.iter().map(|&row| number(row)).collect::<Vec<_>>());
        let repeats = rows.iter().filter(|&&row| summary.frequency[row] > 0).count() as u64;
        Self {
            values: values.map(|values| of(&|row| values[row])),
            repeats: Share { successes: repeats, of: rows.len() as u64 },
            purchases: of(&|row| 1.0 + f64::from(summary.frequency[row])),
        }
    }

    fn group(&self, name: &str) -> Group {
        Group {
            name: name.to_owned(),
            customers: self.repeats.of,
            total: self.values.map(|values| values.n * values.mean),
            mean: self.values.map(|values| Estimate { value: values.mean, interval: values.mean_interval() }),
            repeat_rate: Estimate { value: self.repeats.value(), interval: self.repeats.wilson() },
            purchases: Estimate { value: self.purchases.mean, interval: self.purchases.mean_interval() },
        }
    }

    fn less(&self, control: &Self, name: &str) -> GroupDifference {
        let means = |a: &Sample, b: &Sample| Estimate { value: a.mean - b.mean, interval: a.welch(b) };
        GroupDifference {
            name: name.to_owned(),
            mean: self.values.as_ref().zip(control.values.as_ref()).map(|(a, b)| means(a, b)),
            repeat_rate: Estimate {
                value: self.repeats.value() - control.repeats.value(),
                interval: self.repeats.newcombe(&control.repeats),
            },
            purchases: means(&self.purchases, &control.purchases),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{Day, Grain, History, Observation, TimeUnit};

    fn summary(frequencies: &[u32]) -> Summary {
        let observation = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: Day(1000) };
        let history = |&frequency: &u32| (History::new(frequency, 0.0, 9.0), 1.0);
        Summary::from_histories(frequencies.iter().map(history), observation)
    }

    #[test]
    fn groups_are_those_counted_by_hand() {
        let grouping =
            Grouping { names: vec!["a".into(), "b".into(), "c".into(), "none".into()], of: vec![1, 0, 1, 1, 0, 2] };
        let values = [4.0, 1.0, 6.0, 8.0, 3.0, 5.0];
        let groups = Groups::new("source", &summary(&[0, 2, 1, 2, 0, 7]), &grouping, Some(&values), None).unwrap();
        assert_eq!(groups.control, "b");
        assert_eq!(groups.groups.iter().map(|group| group.customers).collect::<Vec<_>>(), [2, 3, 1]);
        let b = &groups.groups[1];
        assert_eq!(
            (b.total, b.mean.unwrap().value, b.repeat_rate.value, b.purchases.value),
            (Some(18.0), 6.0, 2.0 / 3.0, 2.0)
        );
        // t with two degrees of freedom 4.302653, s = 2.
        let (low, high) = b.mean.unwrap().interval.unwrap();
        let reach = 4.302652729749462 * 2.0 / 3f64.sqrt();
        assert!((low - (6.0 - reach)).abs() < 1e-7 && (high - (6.0 + reach)).abs() < 1e-7);
        let alone = &groups.groups[2];
        assert_eq!(
            (alone.mean.unwrap().interval, alone.repeat_rate.interval, alone.purchases.interval),
            (None, None, None)
        );
        assert_eq!(groups.differences.iter().map(|other| &*other.name).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(groups.differences[0].mean.unwrap().value, -4.0);
        assert_eq!(groups.differences[1].repeat_rate, Estimate { value: 1.0 - 2.0 / 3.0, interval: None });
    }

    #[test]
    fn the_control_is_named_or_the_largest() {
        let summary = summary(&[0, 1, 0, 1]);
        let grouping = Grouping { names: vec!["x".into(), "y".into()], of: vec![0, 0, 1, 1] };
        let control = |control| Groups::new("by", &summary, &grouping, None, control).map(|groups| groups.control);
        assert_eq!((control(None).unwrap(), control(Some("y")).unwrap()), ("x".to_owned(), "y".to_owned()));
        assert!(control(Some("z")).unwrap_err().to_string().contains("there are x, y"));
    }
}
