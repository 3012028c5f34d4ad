//! Options on what is foreseen: how far, and what it is worth.

use clap::Args;

use super::flags::{default_list, default_text};
use crate::answers::{CustomerNumber, MARGIN, Questions};
use crate::error::Result;
use crate::predict::{DiscountRate, Horizon, PerCustomer, Valuation, parse_horizons};
use crate::summary::Summary;

/// Horizons, margin, discount.
#[derive(Debug, Args)]
pub(crate) struct ValueArgs {
    /// Horizons from the end of the observation: calendar spans like 90d, 39w, 3m, 2y, dates, forever; 3m..6m for what comes
    /// between two of them
    #[arg(long, value_name = "LIST", default_value = default_list(&Questions::default().horizons), help_heading = "Prediction")]
    horizons: String,

    /// Share of the spend that is earned, for instance 0.3 or 30%, or the column that has it
    #[arg(
        long,
        value_name = "FRACTION|COLUMN",
        value_parser = CustomerNumber::share,
        default_value = default_text(Questions::default().margin),
        allow_negative_numbers = true,
        help_heading = "Prediction"
    )]
    pub(crate) margin: CustomerNumber,

    /// Annual discount rate, for instance 0.1 or 10% a year
    #[arg(long, value_name = "RATE", default_value_t = Questions::default().discount, allow_negative_numbers = true, help_heading = "Prediction")]
    discount: DiscountRate,
}

impl ValueArgs {
    /// Checks what can be checked before the orders are read.
    pub(crate) fn check(&self) -> Result<()> {
        self.margin.check(&MARGIN)?;
        self.horizons().map(|_| ())
    }

    pub(crate) fn horizons(&self) -> Result<Vec<Horizon>> {
        parse_horizons(&self.horizons)
    }

    pub(crate) fn discount(&self) -> DiscountRate {
        self.discount
    }

    /// What a purchase is worth, to each customer or to all.
    pub(crate) fn valuation(&self, summary: &Summary, decimal_comma: bool) -> Result<Valuation> {
        Ok(Valuation { margin: self.margin(summary, decimal_comma)?, discount: self.discount, cac: None })
    }

    /// The margin of each customer, or of all.
    fn margin(&self, summary: &Summary, decimal_comma: bool) -> Result<PerCustomer> {
        self.margin.of(summary, &MARGIN, decimal_comma)
    }
}
