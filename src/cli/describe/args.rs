//! Options of `clv describe`, and what they ask for.

use std::path::PathBuf;

use clap::Args;

use crate::answers::{CAC, CustomerNumber, MARGIN};
use crate::cli::shared::counts::orders_or_summary_files;
use crate::cli::shared::covariate_args::{CustomerColumns, CustomerTableArgs};
use crate::cli::shared::files::{read_models, table_files};
use crate::cli::shared::load::Purpose;
use crate::cli::shared::order_args::OrderArgs;
use crate::cli::text::column_help;
use crate::cli::text::console::Console;
use crate::covariates::UnknownLevels;
use crate::describe::{DescribeOptions, ProfitPeriod, RfmOptions};
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::model_file::ModelFile;
use crate::orders::check_rereadable;
use crate::outputs::{FileKind, Outputs};
use crate::predict::{DiscountRate, Predictor, parse_horizons};
use crate::report::description_table_names;
use crate::summary::CohortPeriod;
use crate::tables::{Input, OutputFormat};

const EXAMPLES: &str = "\
Examples:
  clv describe data/cdnow/orders-sample.csv
  clv describe orders.csv --margin 0.3 --cac 20 --by source -o customers.csv --tables tables
  clv describe orders.csv --window 2024-01-01..2024-12-31 --cogs cost --period month
  clv describe orders.csv --model model.json --discount 0.1

A difference between groups is an effect only if customers were assigned to them at random.";

/// Describe customers: RFM scores, what they have been worth, concentration, regularity, cohorts, groups
///
/// Nothing here takes a model: it is what the orders say. With --model, what customers have been worth stands beside
/// what they are expected to be.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", column_help::of_descriptions()))]
pub(crate) struct DescribeArgs {
    /// Order files, or one summary
    #[arg(required = true, value_name = "ORDERS|SUMMARY")]
    pub(super) files: Vec<String>,

    /// Score by this many quantiles: 1 for the lowest to N for the highest; equal customers get equal scores
    #[arg(long, value_name = "N", default_value_t = 5, help_heading = "Scores")]
    rfm: u32,

    /// Score recency by thresholds of days since the last purchase instead: one more for each that is not exceeded
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Scores")]
    recency_days: Vec<f64>,

    /// Score frequency by thresholds of the number of purchases, the first included: one more for each that is exceeded
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Scores")]
    frequency_over: Vec<f64>,

    /// Score monetary value by thresholds of the total net amount: one more for each that is exceeded
    #[arg(long, value_name = "LIST", value_delimiter = ',', allow_negative_numbers = true, help_heading = "Scores")]
    monetary_over: Vec<f64>,

    /// Weights of recency, frequency and monetary score in rfm_score, their mean
    #[arg(
        long,
        value_name = "R,F,M",
        value_delimiter = ',',
        num_args = 1,
        default_value = "1,1,1",
        help_heading = "Scores"
    )]
    rfm_weights: Vec<f64>,

    /// Days over which value is counted, the last included; an open end is that of the observation [default: all]
    #[arg(long, value_name = "FROM..TO", help_heading = "Value")]
    window: Option<String>,

    /// Column with the cost of the goods of each order
    #[arg(long, value_name = "COLUMN", conflicts_with = "margin", help_heading = "Value")]
    pub(super) cogs: Option<String>,

    /// Column with the cost of serving each order
    #[arg(long, value_name = "COLUMN", help_heading = "Value")]
    pub(super) serving: Option<String>,

    /// Share of the revenue that is earned, for instance 0.3 or 30%, or the column that has it
    #[arg(
        long,
        value_name = "FRACTION|COLUMN",
        value_parser = CustomerNumber::share,
        default_value = "1",
        allow_negative_numbers = true,
        help_heading = "Value"
    )]
    pub(super) margin: CustomerNumber,

    /// Cost of acquiring a customer, or the column that has it; it counts if the first purchase is in the window
    #[arg(long, value_name = "AMOUNT|COLUMN", allow_negative_numbers = true, help_heading = "Value")]
    pub(super) cac: Option<CustomerNumber>,

    /// Period of profit_per_period
    #[arg(long, value_enum, default_value_t, help_heading = "Value")]
    period: ProfitPeriod,

    /// Period of the first purchase that defines a cohort, and in which its age is counted [default: month; year where
    /// the grain is]
    #[arg(long, value_enum, help_heading = "Cohorts and groups")]
    cohorts: Option<CohortPeriod>,

    /// Compare the groups of customers in this column
    #[arg(long, value_name = "COLUMN", help_heading = "Cohorts and groups")]
    pub(super) by: Option<String>,

    /// Group that the others are compared with [default: the largest]
    #[arg(long, value_name = "GROUP", requires = "by", help_heading = "Cohorts and groups")]
    pub(super) control: Option<String>,

    /// Model file, to set the future beside the past; give two to take timing from one and spend from the other
    #[arg(short, long, value_name = "FILE", help_heading = "Future")]
    model: Vec<PathBuf>,

    /// Horizons of the future value, of which the last counts for the matrix [default: 12m]
    #[arg(long, value_name = "LIST", requires = "model", help_heading = "Future")]
    horizons: Option<String>,

    /// Annual discount rate of the future value, for instance 0.1 or 10% a year
    #[arg(
        long,
        value_name = "RATE",
        default_value_t,
        allow_negative_numbers = true,
        requires = "model",
        help_heading = "Future"
    )]
    discount: DiscountRate,

    #[command(flatten)]
    customers: CustomerTableArgs,

    /// How to treat a customer whose level was not in the fit
    #[arg(long, value_enum, default_value_t, help_heading = "Covariates")]
    unknown_levels: UnknownLevels,

    /// Table of customers, .parquet or .csv
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(super) output: Option<PathBuf>,

    /// Folder for the tables of what is shown, each as CSV and JSON
    #[arg(long, value_name = "FOLDER", help_heading = "Output")]
    pub(super) tables: Option<PathBuf>,

    #[command(flatten)]
    pub(super) orders: OrderArgs,
}

/// What is read, asked and written, checked as far as it can be before the orders are read.
pub(super) struct Task {
    /// What is read.
    pub(super) inputs: Vec<Input>,
    /// What is written.
    pub(super) outputs: Outputs,
    pub(super) options: DescribeOptions,
    pub(super) model: Option<ModelFile>,
    pub(super) predictor: Option<Predictor>,
    pub(super) purpose: Purpose<'static>,
    /// Columns of customers by which the model's customers differ.
    pub(super) columns: CustomerColumns,
}

impl DescribeArgs {
    /// Checks what can be checked before the orders are read.
    pub(super) fn task(&self, console: &mut Console) -> Result<Task> {
        let options = self.options()?;
        self.refuse_what_needs_spend()?;
        self.margin.check(&MARGIN)?;
        self.cac.iter().try_for_each(|cac| cac.check(&CAC))?;
        let inputs = orders_or_summary_files(&self.files)?;
        for (option, column) in [("cogs", &self.cogs), ("serving", &self.serving)] {
            if column.is_some() {
                check_rereadable(&inputs, option)?;
            }
        }
        self.output.iter().try_for_each(|path| OutputFormat::of(path).map(|_| ()))?;
        let tables = table_files(self.tables.as_ref(), &description_table_names());
        let outputs = self.customers.reading(self.orders.reading(&inputs, console).reading_files(&self.model));
        let outputs = outputs.writing(&self.output, FileKind::Table).writing(&tables, FileKind::Table);
        outputs.check()?;
        let model = read_models(&self.model, console)?;
        let predictor = model.as_ref().map(ModelFile::predictor).transpose()?;
        let predictor = predictor.map(|predictor| predictor.with_unknown_levels(self.unknown_levels));
        let covariates = predictor.as_ref().map_or(Vec::new(), Predictor::covariates);
        let columns = self.customers.columns(&covariates)?;
        Ok(Task {
            inputs,
            outputs,
            purpose: model.as_ref().map(Purpose::of).unwrap_or_default(),
            predictor,
            model,
            options,
            columns,
        })
    }

    /// What is asked, checked.
    fn options(&self) -> Result<DescribeOptions> {
        let options = DescribeOptions {
            scores: RfmOptions {
                rfm: self.rfm,
                recency_days: self.recency_days.clone(),
                frequency_over: self.frequency_over.clone(),
                monetary_over: self.monetary_over.clone(),
                rfm_weights: self.rfm_weights.clone(),
            },
            window: self.window.as_deref().map(str::parse).transpose()?,
            period: self.period,
            cohorts: self.cohorts,
            by: self.by.clone(),
            control: self.control.clone(),
            horizons: parse_horizons(self.horizons.as_deref().unwrap_or("12m"))?,
            discount: self.discount,
        };
        options.check().map(|()| options)
    }

    /// Columns of the orders that these options name, besides those of costs.
    pub(super) fn columns(&self) -> Vec<String> {
        let numbers = [Some(&self.margin), self.cac.as_ref()].into_iter().flatten().filter_map(CustomerNumber::column);
        let mut columns: Vec<String> = numbers.chain(self.by.as_deref()).map(str::to_owned).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    fn refuse_what_needs_spend(&self) -> Result<()> {
        let given = [
            ("cogs", self.cogs.is_some()),
            ("serving", self.serving.is_some()),
            ("cac", self.cac.is_some()),
            ("monetary_over", !self.monetary_over.is_empty()),
            ("window", self.window.is_some()),
            ("model", !self.model.is_empty()),
        ];
        match given.iter().find(|(_, given)| *given && self.orders.no_spend()) {
            Some((option, _)) => {
                let without = opt("with_spend").with(false);
                Err(Error::usage(say![opt(*option), " is about value, and with ", without, " there is none"]))
            }
            None => Ok(()),
        }
    }

    pub(super) fn refuse_what_needs_orders(&self) -> Result<()> {
        let given = [
            ("window", self.window.is_some()),
            ("cogs", self.cogs.is_some()),
            ("serving", self.serving.is_some()),
            ("cohorts", self.cohorts.is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((option, _)) => {
                Err(Error::usage(say![&*self.files[0], " is a summary; ", opt(*option), " takes orders"]))
            }
            None => Ok(()),
        }
    }
}
