//! What is fitted: survivors of cohorts, or subscriptions.

use clap::Args;

use crate::cli::text::console::Console;
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::orders::DateReader;
use crate::subscriptions::{self, Again, Overlaps, SubscriptionOptions, SubscriptionReport};
use crate::summary::{CountedLifetimes, Day, TimeUnit};
use crate::survivor_file;
use crate::tables::{BytesRead, FileOptions, Input, TableReader};

/// Options on a table of subscriptions.
#[derive(Clone, Debug, Args)]
pub(super) struct SubscriptionArgs {
    /// Column of the customer [default: found by its name]
    #[arg(long, value_name = "COLUMN", conflicts_with = "model", help_heading = "Subscriptions")]
    customer: Option<String>,

    /// Column of the first day of a contract [default: found by its name]
    #[arg(long, value_name = "COLUMN", conflicts_with = "model", help_heading = "Subscriptions")]
    start: Option<String>,

    /// Column of the day on which it ended, empty while it runs [default: found by its name]
    #[arg(long, value_name = "COLUMN", conflicts_with = "model", help_heading = "Subscriptions")]
    end: Option<String>,

    /// Column of groups that are fitted apart, for instance the plan
    #[arg(long, value_name = "COLUMN", conflicts_with_all = ["model", "model_output"], help_heading = "Subscriptions")]
    by: Option<String>,

    /// Last day of which the table tells; contracts that end later are running
    #[arg(long, value_name = "DAY", conflicts_with = "model", help_heading = "Subscriptions")]
    until: Option<Day>,

    /// First day from which ends were recorded, if some customers began before: those who had left by then are not in the table
    #[arg(long, value_name = "DAY", conflicts_with = "model", help_heading = "Subscriptions")]
    observed_from: Option<Day>,

    /// What a customer is who comes back after an end
    #[arg(long, value_enum, conflicts_with = "model", help_heading = "Subscriptions")]
    again: Option<Again>,

    /// What two contracts of one customer at once are
    #[arg(long, value_enum, conflicts_with = "model", help_heading = "Subscriptions")]
    overlaps: Option<Overlaps>,

    /// Days from an end to the next start within which it is the same contract [default: 0, the day after the end included]
    #[arg(long, value_name = "DAYS", default_value_t = 0, hide_default_value = true, help_heading = "Subscriptions")]
    pause: u32,

    /// Stop at the first row that cannot be used
    #[arg(long, conflicts_with = "model", help_heading = "Subscriptions")]
    strict: bool,

    /// Format of dates other than ISO, for instance '%m/%d/%Y'
    #[arg(long, value_name = "FORMAT", conflicts_with = "model", help_heading = "Subscriptions")]
    date_format: Option<String>,

    /// Zone that decides the day of timestamps with an offset, for instance Europe/Berlin [default: as written]
    #[arg(long, value_name = "ZONE", conflicts_with = "model", help_heading = "Subscriptions")]
    timezone: Option<String>,
}

impl SubscriptionArgs {
    pub(super) fn is_by_group(&self) -> bool {
        self.by.is_some()
    }

    fn options(&self) -> Result<SubscriptionOptions> {
        Ok(SubscriptionOptions {
            customer: self.customer.clone(),
            start: self.start.clone(),
            end: self.end.clone(),
            by: self.by.clone(),
            dates: DateReader::new(self.date_format.as_deref(), self.timezone.as_deref())?,
            until: self.until,
            observed_from: self.observed_from,
            again: self.again,
            overlaps: self.overlaps,
            pause: self.pause,
            strict: self.strict,
        })
    }
}

/// Lifetimes that are fitted together.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) lifetimes: CountedLifetimes,
    /// Running contracts by the renewals they have made, where they are known.
    pub(super) running: Option<Vec<u64>>,
}

/// What was read.
pub(super) struct Data {
    pub(super) groups: Vec<Group>,
    pub(super) period: TimeUnit,
    pub(super) report: Option<SubscriptionReport>,
}

/// Survivors or subscriptions, whichever the table has.
pub(super) fn read(
    file: &str,
    inputs: &[Input],
    args: &SubscriptionArgs,
    unit: Option<TimeUnit>,
    console: &mut Console,
) -> Result<Data> {
    if inputs.len() > 1 {
        return Err(Error::usage(format!("{file} is {} files; give one table", inputs.len())));
    }
    let options = args.options()?;
    let mut table = TableReader::open(&inputs[0], &FileOptions::default(), &BytesRead::default())?;
    if !subscriptions::is_subscriptions(&table, &options) {
        refuse_of_subscriptions(&options)?;
        let cohorts = survivor_file::read(&mut table)?;
        let survivors: Vec<&[f64]> = cohorts.iter().map(|cohort| &cohort.survivors[..]).collect();
        let lifetimes = CountedLifetimes::from_survivors(&survivors)?;
        let groups = vec![Group { name: String::new(), lifetimes, running: None }];
        return Ok(Data { groups, period: unit.unwrap_or(TimeUnit::Year), report: None });
    }
    let Some(period) = unit else {
        let question = say!["how long is a contract period, from one renewal to the next? Say it with ", opt("unit")];
        return Err(Error::question(question, ["month", "year"].map(|unit| opt("unit").with(unit))));
    };
    let read = subscriptions::read(&mut table, period, &options)?;
    read.report.lines().into_iter().try_for_each(|line| console.say(line))?;
    let groups = read.groups.into_iter();
    let groups =
        groups.map(|group| Group { name: group.name, lifetimes: group.lifetimes, running: Some(group.running) });
    Ok(Data { groups: groups.collect(), period, report: Some(read.report) })
}

/// Survivors have no days and no customers.
fn refuse_of_subscriptions(options: &SubscriptionOptions) -> Result<()> {
    let given = crate::options::changed(options);
    match given.first() {
        Some(name) => Err(Error::usage(format!(
            "the table has no columns named like the start and the end of subscriptions, and {name} is for those; name them"
        ))
        .of_option(opt("start"))),
        None => Ok(()),
    }
}
