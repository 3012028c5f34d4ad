//! What to know of an observation before anything is concluded from it.

use super::{Day, Observation, PurchaseLog, Summary};
use crate::message::{Message, opt, say};

/// Days without any order before the end of an observation that are worth a word.
const LONG_SILENCE: i32 = 60;

impl Summary {
    /// What is doubtful about the observation, in words with advice: a last period that was seen only in part, a long silence
    /// before the end. `last_order` is the day of the last order of all, up to the end; where it is not known, that of these
    /// customers counts.
    pub fn cautions(&self, last_order: Option<Day>) -> Vec<Message> {
        let last_order = last_order.or_else(|| self.last_purchase());
        let silence = last_order.and_then(|last| long_silence(last, self.observation.end));
        self.cut_period().into_iter().chain(silence).collect()
    }

    /// The day of the last order in a log up to the end of this observation of it. Where orders go on after the end, that of the
    /// last purchase of these customers.
    pub fn last_order(&self, log: &PurchaseLog) -> Option<Day> {
        log.last_day().filter(|last| *last <= self.observation.end).or_else(|| self.last_purchase())
    }

    /// The last day with a purchase, if days are known.
    pub fn last_purchase(&self) -> Option<Day> {
        self.purchases.as_ref()?.last_purchase.iter().copied().max()
    }

    /// That the last week, month or year was observed only in part, if it was.
    fn cut_period(&self) -> Option<Message> {
        let Observation { grain, end, .. } = self.observation;
        if grain.last_day(end) == end {
            return None;
        }
        let advice = if self.longest() > 0.0 {
            say![opt("until").with(Day(grain.start(end).0 - 1).to_string()), " leaves it out"]
        } else {
            say!["no {grain} has been observed to its end"]
        };
        Some(say!["the last {grain} is observed only until {end}, and counts like any other; ", advice])
    }
}

/// That nothing was ordered for a long time before the end, if nothing was.
pub(crate) fn long_silence(last_order: Day, end: Day) -> Option<Message> {
    let silent = end.days_since(last_order);
    (silent > LONG_SILENCE).then(|| {
        say![
            "the last order is on {last_order}, {silent} days before the end of the observation: if orders are missing, every \
             customer looks lost"
        ]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{Cohort, Grain, TimeUnit};

    fn cautions(grain: Grain, end: &str) -> Vec<String> {
        let mut log = PurchaseLog::new(grain);
        for day in ["2011-10-05", "2011-11-20", "2011-12-02"] {
            log.add("a", day.parse().unwrap(), 5.0).unwrap();
        }
        let (summary, _) = log.summary(TimeUnit::Week, end.parse().unwrap(), &Cohort::default()).unwrap();
        summary.cautions(summary.last_order(&log)).iter().map(Message::plain).collect()
    }

    #[test]
    fn a_period_seen_in_part_is_named_with_the_last_whole_one() {
        let month = "the last month is observed only until 2011-12-09, and counts like any other; until = 2011-11-30 leaves it out";
        assert_eq!(cautions(Grain::Month, "2011-12-09"), [month]);
        // A Friday; the week began on Monday 5.
        assert!(cautions(Grain::Week, "2011-12-09")[0].contains("the last week"));
        assert!(cautions(Grain::Week, "2011-12-09")[0].ends_with("until = 2011-12-04 leaves it out"));
        assert!(cautions(Grain::Year, "2011-12-09")[0].ends_with("no year has been observed to its end"));
        for (grain, end) in [(Grain::Month, "2011-11-30"), (Grain::Week, "2011-12-04"), (Grain::Day, "2011-12-09")] {
            assert_eq!(cautions(grain, end), [""; 0], "{grain}");
        }
    }

    #[test]
    fn a_silence_of_more_than_two_months_is_named() {
        let [silence] = &cautions(Grain::Day, "2012-02-01")[..] else { panic!("one caution") };
        assert!(silence.contains("2011-12-02, 61 days before the end"), "{silence}");
        assert_eq!(cautions(Grain::Day, "2012-01-31"), [""; 0]);
    }
}
