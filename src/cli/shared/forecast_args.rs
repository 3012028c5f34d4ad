//! Options on predictions, shared by `clv run` and `clv predict`, and what is asked with them.

use std::path::{Path, PathBuf};

use clap::Args;

use super::flags::flags;
use super::order_args::OrderArgs;
use super::value_args::ValueArgs;
use crate::answers::{CustomerNumber, Predicted, Questions, Sort, TotalsTable};
use crate::cli::text::console::Console;
use crate::error::Result;
use crate::evaluate::{CalibratedHorizon, Calibrating};
use crate::fit::FitOptions;
use crate::model_file::ModelFile;
use crate::predict::Predictor;
use crate::summary::{PurchaseLog, Summary};
use crate::tables::{OutputFormat, Staged, TableWriter};

/// Options on predictions.
#[derive(Debug, Args)]
pub(crate) struct ForecastArgs {
    #[command(flatten)]
    pub(crate) value: ValueArgs,

    #[command(flatten)]
    questions: QuestionFlags,

    /// Also mix what the model expects with each customer's last period, by weights that forecasts of earlier days teach: columns
    /// purchases_12m_calibrated, clv_12m_calibrated
    #[arg(long, help_heading = "Prediction")]
    pub(crate) calibrate: bool,

    /// Table of the totals, .parquet or .csv
    #[arg(long, value_name = "FILE", help_heading = "Totals")]
    totals: Option<PathBuf>,
}

flags! {
/// What is asked of customers.
QuestionFlags => Questions {
    /// Cost of acquiring a customer, or the column that has it: lifetime_value is net of it
    #[arg(long, value_name = "AMOUNT|COLUMN", allow_negative_numbers = true, help_heading = "Prediction")]
    cac: Option<CustomerNumber>,

    /// Probabilities of 0, 1, ... up to this many purchases over each horizon
    #[arg(long, value_name = "N", help_heading = "Prediction")]
    counts: Option<u32>,

    /// The next purchase: the probability that it ever comes, and the days by which these percentages of those that ever come
    /// have come, for instance 50,80
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Prediction")]
    next: Vec<f64>,

    /// Intervals for each customer's purchases and value over each horizon, and for totals, in per cent, for instance 50,80,90
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Uncertainty")]
    intervals: Vec<f64>,

    /// Medians of each customer's purchases and value: the best single numbers by absolute error, as expectations are by squared error
    #[arg(long, help_heading = "Uncertainty")]
    median: bool,

    /// Amounts: the probability that a customer's value exceeds each of them
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        allow_negative_numbers = true,
        help_heading = "Uncertainty"
    )]
    over: Vec<f64>,

    /// Standard errors of all expectations, because the parameters are estimates
    #[arg(long, help_heading = "Uncertainty")]
    standard_errors: bool,

    /// Average --intervals and --over of each customer over this many draws of the parameters, which takes as many times longer;
    /// 50 is plenty
    #[arg(long, value_name = "N", help_heading = "Uncertainty")]
    parameter_draws: Option<u32>,

    /// Totals for each group of customers in this column, too
    #[arg(long, value_name = "COLUMN", help_heading = "Totals")]
    by: Option<String>,

    /// The probability that the total value exceeds this amount
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true, help_heading = "Totals")]
    target: Option<f64>,

    /// Number of futures of all customers from which intervals of totals come
    #[arg(long, value_name = "N", default_value_t = Questions::default().futures, help_heading = "Totals")]
    futures: u32,

    /// Seed of all random numbers
    #[arg(long, default_value_t = Questions::default().seed, help_heading = "Totals")]
    seed: u64,

    /// Order of the customers
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    sort: Sort,
}
}

impl ForecastArgs {
    /// What is asked with them, checked.
    pub(crate) fn questions(&self, decimal_comma: bool) -> Result<Questions> {
        let mut questions = Questions {
            horizons: self.value.horizons()?,
            margin: self.value.margin.clone(),
            discount: self.value.discount(),
            decimal_comma,
            ..Questions::default()
        };
        self.questions.fill(&mut questions);
        let asks_of_totals = questions.by.is_some() || questions.target.is_some() || self.totals.is_some();
        questions.totals = asks_of_totals || !questions.intervals.is_empty();
        questions.check()?;
        self.totals.iter().try_for_each(|path| OutputFormat::of(path).map(|_| ()))?;
        Ok(questions)
    }

    /// Each horizon calibrated, if that is asked: by what the model file knows, or else by what the orders teach. Says why one is not.
    pub(crate) fn calibrated(
        &self,
        model: &ModelFile,
        predictor: &Predictor,
        fit: FitOptions,
        (log, summary): (&mut PurchaseLog, &Summary),
        orders: &OrderArgs,
        console: &mut Console,
    ) -> Result<Vec<Option<CalibratedHorizon>>> {
        let calibrating = Calibrating {
            model: predictor.timing.kind(),
            with_spend: predictor.spend.is_some(),
            fit,
            cohort: orders.summarising(predictor.unit)?.cohort,
            known: &model.calibration,
        };
        let calibrated = calibrating.horizons(log, summary, &self.value.horizons()?)?;
        calibrated.without.into_iter().for_each(|why| console.warn(why));
        Ok(calibrated.horizons)
    }

    /// Seed of all random numbers.
    pub(crate) fn seed(&self) -> u64 {
        self.questions.seed
    }

    /// Where totals are written.
    pub(crate) fn totals_file(&self) -> Option<&Path> {
        self.totals.as_deref()
    }

    /// Begins the file of the totals, if there is to be one.
    pub(crate) fn stage_totals(&self, predicted: &Predicted<'_>, raw_text: bool) -> Result<Option<Staged>> {
        let stage = |path| {
            let mut rows = TableWriter::create_hashed(path)?.with_raw_text(raw_text);
            TotalsTable::new(predicted).table().write(&mut rows)?;
            rows.finish()
        };
        self.totals_file().map(stage).transpose()
    }
}
