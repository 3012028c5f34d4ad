//! Every option of the library has a flag, and every flag is an option: of the library, or of the command alone.

use std::collections::{BTreeMap, BTreeSet};

use clap::CommandFactory;
use serde::Serialize;

use super::Args;
use crate::answers::Questions;
use crate::covariates::CovariateOptions;
use crate::describe::DescribeOptions;
use crate::evaluate::{EvaluationOptions, Origins};
use crate::fit::FitOptions;
use crate::model_file::ModelOptions;
use crate::options::defaults;
use crate::orders::OrderOptions;
use crate::report::PageOptions;
use crate::retention::{ProjectionOptions, RetentionOptions};
use crate::simulate::Simulation;
use crate::sql::SqlOptions;
use crate::subscriptions::SubscriptionOptions;
use crate::summary_file::SummaryOptions;

/// Options that have no flag of their name, and why.
const WITHOUT_FLAG: &[(&str, &str)] = &[
    ("spend", "the flag is its opposite, no_spend"),
    ("test", "the flag is its opposite, no_holdout"),
    ("models", "the flag of an evaluation is called model"),
    ("without_amount", "the command leaves amounts out with no_spend"),
    ("spend_covariates", "the comparison is of models of when customers purchase"),
    ("weights", "who tells of single customers, or reads their orders, takes no rows of several"),
    ("keep", "the command keeps the columns that other flags name; summarize has the flag"),
];

/// Flags that are no option of the library, and why.
const OF_THE_COMMAND: &[(&str, &str)] = &[
    ("no_spend", "the opposite of spend"),
    ("no_holdout", "the opposite of test"),
    ("holdout", "an argument of the comparison of models of contracts"),
    ("model", "a file that is read; or of an evaluation, models"),
    ("models", "an argument of the comparison"),
    ("split", "an argument of the comparison"),
    ("rates", "a file that is read"),
    ("memory", "of the machine"),
    ("output", "a file that is written"),
    ("format", "a file that is written"),
    ("tables", "files that are written"),
    ("no_report", "files that are written"),
    ("sum_log_interpurchase", "a column that is written"),
    #[cfg(feature = "parquet")]
    ("state", "a file that is kept"),
    ("calibrate", "what the orders teach beside their summary"),
    #[cfg(feature = "parquet")]
    ("joint", "an argument of the counts"),
    #[cfg(feature = "parquet")]
    ("by", "an argument of the counts"),
    ("cogs", "a second reading of the orders"),
    ("serving", "a second reading of the orders"),
    ("model_output", "a file that is written"),
    ("scores", "a file that is read"),
    ("for", "a file that is read"),
    ("lookup_table", "a name in the database"),
    ("new", "who is predicted, rather than what is asked"),
    ("cohort", "who is predicted, rather than what is asked"),
    ("with", "who is predicted, rather than what is asked"),
    ("covariates", "both purchase_covariates and dropout_covariates"),
    ("customer_table", "a file that is read"),
    ("unknown_levels", "how the columns of a model with covariates are read"),
];

fn names<T: Default + Serialize>() -> BTreeSet<String> {
    defaults::<T>().into_keys().collect()
}

/// What each command fills.
fn options() -> BTreeMap<&'static str, BTreeSet<String>> {
    let all = |several: &[BTreeSet<String>]| several.iter().flatten().cloned().collect::<BTreeSet<String>>();
    let of_orders = || all(&[names::<OrderOptions>(), names::<SummaryOptions>()]);
    let of_costs = || BTreeSet::from(["margin", "cac"].map(str::to_owned));
    let valued = || BTreeSet::from(["horizons", "margin", "discount"].map(str::to_owned));
    BTreeMap::from([
        ("run", all(&[names::<Questions>(), names::<ModelOptions>(), names::<PageOptions>(), of_orders()])),
        #[cfg(feature = "parquet")]
        ("summarize", all(&[names::<crate::state_file::StateOptions>(), of_orders()])),
        #[cfg(not(feature = "parquet"))]
        ("summarize", of_orders()),
        #[cfg(feature = "parquet")]
        ("count", of_orders()),
        ("fit", all(&[names::<ModelOptions>(), of_orders()])),
        ("compare", all(&[names::<FitOptions>(), names::<CovariateOptions>(), of_orders()])),
        ("evaluate", all(&[names::<EvaluationOptions>(), names::<Origins>(), of_orders()])),
        ("predict", all(&[names::<Questions>(), of_orders()])),
        ("report", all(&[names::<ModelOptions>(), names::<PageOptions>(), valued(), of_orders()])),
        ("sql", all(&[names::<SqlOptions>(), valued(), of_orders()])),
        ("simulate", names::<Simulation>()),
        ("describe", all(&[names::<DescribeOptions>(), of_costs(), of_orders()])),
        (
            "retention",
            all(&[names::<RetentionOptions>(), names::<ProjectionOptions>(), names::<SubscriptionOptions>()]),
        ),
    ])
}

fn flags(command: &str) -> BTreeSet<String> {
    let all = Args::command();
    let command = all.find_subcommand(command).expect("there is such a command");
    command.get_arguments().filter_map(|flag| flag.get_long()).map(|flag| flag.replace('-', "_")).collect()
}

#[test]
fn every_option_has_a_flag_and_every_flag_is_an_option() {
    let (mut lacking, mut unknown) = (BTreeSet::new(), BTreeSet::new());
    for (command, options) in options() {
        let flags = flags(command);
        lacking.extend(options.difference(&flags).cloned());
        unknown.extend(flags.difference(&options).cloned());
    }
    let expected = |exceptions: &[(&str, &str)]| -> BTreeSet<String> {
        exceptions.iter().map(|(name, _)| (*name).to_owned()).collect()
    };
    assert_eq!(lacking, expected(WITHOUT_FLAG), "options of the library, left, that no flag fills");
    assert_eq!(unknown, expected(OF_THE_COMMAND), "flags, left, that fill no option of the library");
}
