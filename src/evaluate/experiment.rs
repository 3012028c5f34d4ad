//! Orders divided at a day: what a forecaster knows on it, and what came afterwards.

use crate::error::{Cause, Error, Result};
use crate::message::Message;
use crate::summary::{Activity, Cohort, Day, Excluded, Grain, PurchaseLog, Span, Summary, TimeUnit, Window};

/// Everything an evaluation looks at. Money is aggregated alike on both sides of the split: net of returns, by the day of each.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Experiment {
    /// The customers as they are known on the split, the end of the observation.
    pub summary: Summary,
    /// What the summary left out.
    pub excluded: Excluded,
    /// Day of the first purchase of all.
    pub begin: Day,
    /// Last day of the holdout.
    pub until: Day,
    /// What the customers did in the holdout.
    pub holdout: Window,
    /// Their repeat purchases in a period before the split that is as long as the holdout, if so much was observed.
    pub recent: Recent,
    /// The customers and their purchases around earlier days, the latest first, from which forecasts may learn; none if too little was
    /// observed.
    pub earlier: Vec<Earlier>,
    /// Purchases of these customers by day, up to the end of the holdout.
    pub activity: Activity,
    /// Customers who came after the split, of whom nothing could be foreseen.
    pub joined_later: u64,
    /// What is doubtful about how the orders were divided, in words with advice.
    pub cautions: Vec<Message>,
}

/// Repeat purchases before the split.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recent {
    /// The day before they begin.
    pub after: Day,
    /// Number and value of each customer's.
    pub repeats: Window,
    /// How many times as long the holdout is: 1 unless too little was observed.
    pub scale: f64,
}

/// Customers as they were known on an earlier day, and what they did from it up to the split, or to the next such day.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Earlier {
    /// Until that day.
    pub summary: Summary,
    /// The split, or the next such day.
    pub until: Day,
    /// After the day, up to and with `until`.
    pub later: Window,
    /// Their repeat purchases in a period before that day that is as long, if so much was observed.
    pub recent: Recent,
}

impl Experiment {
    /// Divides the orders of a cohort.
    ///
    /// # Errors
    /// [`Error::usage`] unless the split ends a period of the grain and lies before `until`; [`Cause::NoCustomers`](crate::error::Cause::NoCustomers) if nobody had
    /// purchased yet; those of [`PurchaseLog::summary`].
    pub fn new(log: &mut PurchaseLog, unit: TimeUnit, cohort: &Cohort, split: Day, until: Day) -> Result<Self> {
        let grain = log.grain();
        if split >= until || grain.last_day(split) != split || grain.last_day(until) != until {
            return Err(Error::usage(format!(
                "a holdout from {split} to {until} holds no whole {grain}; divide the orders earlier"
            )));
        }
        let (summary, excluded) = log.summary(unit, split, cohort)?;
        let (activity, joined_later) = log.activity(cohort, split, until)?;
        let begin = *activity.first_purchases.keys().next().ok_or(Cause::NoCustomers { end: split.to_string() })?;
        let days = until.days_since(split);
        let (holdout, recent) = around(log, &summary, begin, until)?;
        let earlier = earlier(log, &summary, unit, cohort, begin, days)?;
        Ok(Self {
            summary,
            excluded,
            begin,
            until,
            holdout,
            recent,
            earlier,
            activity,
            joined_later,
            cautions: Vec::new(),
        })
    }

    /// The split.
    pub fn split(&self) -> Day {
        self.summary.observation.end
    }

    /// Length of the holdout in time units.
    pub fn length(&self) -> f64 {
        let observation = &self.summary.observation;
        observation.time(observation.grain.start(self.split()), observation.grain.start(self.until))
    }
}

/// What customers did after the end of their observation up to a day, and their repeat purchases in a period as long before it.
fn around(log: &mut PurchaseLog, summary: &Summary, begin: Day, until: Day) -> Result<(Window, Recent)> {
    let (end, grain) = (summary.observation.end, summary.observation.grain);
    let days = until.days_since(end);
    let (as_long, first) = (last_day_before(grain, Day(end.0 - days)), last_day_before(grain, Day(begin.0 - 1)));
    let after = as_long.max(first);
    let scale = if after > as_long { f64::from(days) / f64::from(end.days_since(after)) } else { 1.0 };
    let spans = [Span { after: end, until, repeats: false }, Span { after, until: end, repeats: true }];
    let mut windows = log.windows_of(summary, &spans)?;
    let recent = Recent { after, repeats: windows.remove(1), scale };
    Ok((windows.remove(0), recent))
}

/// The day itself if it ends a period of the grain, else the last day before it that does.
pub(super) fn last_day_before(grain: Grain, day: Day) -> Day {
    if grain.last_day(day) == day { day } else { Day(grain.start(day).0 - 1) }
}

/// Most earlier days of one experiment.
const MOST_EARLIER: usize = 4;

/// The repeat purchases of customers before the end of their observation, in a period as long as from there to a day.
pub(super) fn recent(log: &mut PurchaseLog, summary: &Summary, begin: Day, until: Day) -> Result<Recent> {
    around(log, summary, begin, until).map(|(_, recent)| recent)
}

/// What was known and what came on earlier days: as long before the split as the split is before the end, or half way to it; and as long
/// again before that, while a whole period was observed before.
pub(super) fn earlier(
    log: &mut PurchaseLog,
    summary: &Summary,
    unit: TimeUnit,
    cohort: &Cohort,
    begin: Day,
    days: i32,
) -> Result<Vec<Earlier>> {
    let (split, grain) = (summary.observation.end, summary.observation.grain);
    let mut all = Vec::new();
    let mut back = days.min(split.days_since(begin) / 2);
    let mut until = split;
    while all.len() < MOST_EARLIER {
        let day = last_day_before(grain, Day(until.0 - back));
        if day < begin || day >= until {
            break;
        }
        match log.summary(unit, day, cohort) {
            Ok((summary, _)) => {
                let (later, recent) = around(log, &summary, begin, until)?;
                all.push(Earlier { summary, until, later, recent });
            }
            Err(error) if matches!(error.cause(), Cause::NoCustomers { .. }) => break,
            Err(error) => return Err(error),
        }
        (until, back) = (day, days);
        if last_day_before(grain, Day(until.0 - back)).0 - days < begin.0 - 1 {
            break;
        }
    }
    Ok(all)
}
