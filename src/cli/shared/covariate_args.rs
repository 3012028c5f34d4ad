//! Options on covariates, and the table of customers they may come from.

use std::path::PathBuf;

use clap::Args;

use crate::answers::describe_new;
use crate::cli::text::console::Console;
use crate::cli::text::words::counted;
use crate::covariates::CovariateOptions;
use crate::customer_table::{ColumnOrigins, CustomerTable};
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::outputs::Outputs;
use crate::summary::{Day, Summary};
use crate::tables::{BytesRead, FileOptions, Input, TableReader, clip};

use super::order_args::OrderArgs;

/// What explains purchases, dropout and spend.
#[derive(Clone, Debug, Args)]
pub(crate) struct CovariateArgs {
    #[command(flatten)]
    timing: TimingCovariateArgs,

    /// Columns that explain what a purchase is worth; log(frequency) may be one of them
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Covariates")]
    spend_covariates: Vec<String>,
}

/// What explains purchases and dropout.
#[derive(Clone, Debug, Args)]
pub(crate) struct TimingCovariateArgs {
    /// Columns that explain purchases and dropout: of the orders, of --customer-table, or first_amount, first_month, first_quarter
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Covariates")]
    covariates: Vec<String>,

    /// Additional columns that explain only how often customers purchase
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Covariates")]
    purchase_covariates: Vec<String>,

    /// Additional columns that explain only how soon they leave
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Covariates")]
    dropout_covariates: Vec<String>,

    /// Columns with one coefficient for both purchases and dropout
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Covariates")]
    equal: Vec<String>,

    /// Standard deviation of a prior on coefficients, of standardised columns; then intervals are penalised, and nothing is tested
    #[arg(long, value_name = "SD", help_heading = "Covariates")]
    covariate_sd: Option<f64>,
}

/// Where more columns of customers come from.
#[derive(Clone, Debug, Args)]
pub(crate) struct CustomerTableArgs {
    /// Table with one row per customer, whose columns can be covariates
    #[arg(long, value_name = "FILE", help_heading = "Covariates")]
    customer_table: Option<PathBuf>,
}

impl CovariateArgs {
    /// Names of all that are wanted.
    pub(crate) fn names(&self) -> Vec<String> {
        owned_names(&self.options())
    }

    /// Which covariates enter what.
    pub(crate) fn options(&self) -> CovariateOptions {
        CovariateOptions { spend: self.spend_covariates.clone(), ..self.timing.options() }
    }
}

impl TimingCovariateArgs {
    /// Names of all that are wanted.
    pub(crate) fn names(&self) -> Vec<String> {
        owned_names(&self.options())
    }

    /// Which covariates enter what.
    pub(crate) fn options(&self) -> CovariateOptions {
        let with = |own: &[String]| self.covariates.iter().chain(own).cloned().collect();
        CovariateOptions {
            purchases: with(&self.purchase_covariates),
            dropout: with(&self.dropout_covariates),
            spend: Vec::new(),
            equal: self.equal.clone(),
            sd: self.covariate_sd,
        }
    }
}

fn owned_names(options: &CovariateOptions) -> Vec<String> {
    options.names().into_iter().map(str::to_owned).collect()
}

/// Columns of customers that are wanted, and where they come from.
pub(crate) struct CustomerColumns {
    table: Option<TableReader>,
    of_table: Vec<String>,
    /// Columns that the orders or the summary have.
    pub(crate) of_orders: Vec<String>,
}

impl CustomerTableArgs {
    /// Whether there is a table.
    pub(crate) fn is_given(&self) -> bool {
        self.customer_table.is_some()
    }

    /// What is read besides: no result is written over it.
    pub(crate) fn reading(&self, outputs: Outputs) -> Outputs {
        outputs.reading_files(&self.customer_table)
    }

    /// Where covariates of these names come from: those that the table has from there, facts of the first order from nowhere, the
    /// others from the orders.
    ///
    /// # Errors
    /// [`Error::usage`] if a table is given and nothing of it is wanted; those of reading.
    pub(crate) fn columns(&self, wanted: &[String]) -> Result<CustomerColumns> {
        let table = match &self.customer_table {
            Some(path) => {
                Some(TableReader::open(&Input::Path(path.clone()), &FileOptions::default(), &BytesRead::default())?)
            }
            None => None,
        };
        let ColumnOrigins { of_table, of_orders } = ColumnOrigins::new(table.as_ref(), wanted)?;
        Ok(CustomerColumns { table, of_table, of_orders })
    }
}

impl CustomerColumns {
    /// Those of the orders, after these others that are wanted, each once.
    pub(crate) fn beside(&self, mut others: Vec<String>) -> Vec<String> {
        self.of_orders.iter().for_each(|name| {
            if !others.contains(name) {
                others.push(name.clone());
            }
        });
        others
    }

    /// Reads the table; none if there is none.
    pub(crate) fn read(mut self, args: &OrderArgs) -> Result<Option<CustomerTable>> {
        self.take(args)
    }

    /// Reads the table, once.
    pub(crate) fn take(&mut self, args: &OrderArgs) -> Result<Option<CustomerTable>> {
        self.take_named(args.columns.customer.as_deref())
    }

    /// Reads the table, once, with the customer in the column of this name, or in the only one that is named like one.
    pub(crate) fn take_named(&mut self, customer: Option<&str>) -> Result<Option<CustomerTable>> {
        let Some(mut table) = self.table.take() else { return Ok(None) };
        CustomerTable::read(&mut table, customer, &self.of_table).map(Some)
    }

    /// Adds the table's columns to customers, and says how the two met.
    pub(crate) fn join(self, args: &OrderArgs, summary: &mut Summary, console: &mut Console) -> Result<()> {
        self.read(args)?.map_or(Ok(()), |table| join(&table, summary, None, console))
    }
}

/// Adds a table's columns to customers, those up to the split if there is one, and says how the two met.
pub(crate) fn join(
    table: &CustomerTable,
    summary: &mut Summary,
    split: Option<Day>,
    console: &mut Console,
) -> Result<()> {
    let joined = table.join(summary)?;
    console.say(format!("Read {} of customers from {}", table.columns().join(", "), table.name()))?;
    if let Some(example) = &joined.example {
        let customers = counted(joined.without, "customer");
        console.say(format!("  {customers} without a row there, such as `{}`: a level of their own", clip(example)))?;
    }
    if joined.unused > 0 {
        let until = split.map_or_else(|| "here".to_owned(), |split| format!("until {split}"));
        console.say(format!("  {} of customers who have no orders {until}", counted(joined.unused, "row")))?;
    }
    Ok(())
}

/// What new customers are like, from `channel=online`, once for each covariate.
pub(crate) fn described(with: &[String], wanted: &[String], summary: &mut Summary) -> Result<()> {
    let given = |text: &String| match text.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(Error::usage(say![opt("with"), format!(" has `{text}`; give name=value, like channel=online")])),
    };
    describe_new(&with.iter().map(given).collect::<Result<Vec<_>>>()?, wanted, summary)
}
