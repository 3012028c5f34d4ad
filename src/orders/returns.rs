//! Money that went back.

use super::contract::Returns;
use super::options::OrderOptions;
use super::report::ReadReport;
use crate::error::{Error, Place, Result};
use crate::message::{opt, say};
use crate::summary::{Code, Day, ExactSum, OrderBuffer, PurchaseLog};

/// Money that went back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refunded {
    pub(super) customer: Code,
    pub(super) day: Day,
    /// Positive.
    pub(super) refund: f64,
}

impl ReadReport {
    /// Lowers a customer's spend, if returns do.
    pub(super) fn refund(
        &mut self,
        Refunded { customer, day, refund }: Refunded,
        options: &OrderOptions,
        log: &PurchaseLog,
        buffer: &mut OrderBuffer,
        place: impl Fn() -> Place,
    ) -> Result<()> {
        match options.returns {
            Returns::Error => Err(return_refused(place(), &(-refund).to_string())),
            Returns::Drop => Ok(()),
            Returns::Net if options.until.is_some_and(|until| day > until) => {
                self.refunds_after_end += 1;
                Ok(())
            }
            Returns::Net => {
                self.refunds += 1;
                self.refunded = self.refunded.plus(ExactSum::new(refund)?)?;
                log.put(buffer, customer, day, -refund)
            }
        }
    }
}

/// Refuses a return.
pub(super) fn return_refused(place: Place, amount: &str) -> Error {
    let message = say![
        "the amount is {amount}; with ",
        opt("returns").with("error"),
        " no return may occur, with ",
        opt("returns").with("net"),
        " it would lower the customer's spend"
    ];
    Error::data(message).at(place).of_value(amount)
}
