//! From a fitted model and a customer's history to the customer's future: horizons, discounting, value.
//!
//! A [`Predictor`] sees the customers of a summary as an [`Outlook`], the one door to every answer: expectations, chances, numbers of
//! purchases, values, next purchases, totals. How a row becomes a model and a history, [`Individuals`] say.

mod chances;
mod count_intervals;
mod counted_customers;
mod crowd;
mod customer_effects;
mod customers;
mod discount;
mod effects;
mod expectations;
mod expected;
mod forecast;
mod futures;
mod group_totals;
mod grouping;
mod horizon;
mod individuals;
mod lot;
mod maps;
mod medians;
mod modelled;
mod outlook;
mod percents;
mod purchase_totals;
mod reach;
mod total;
mod total_errors;
mod uncertainty;
mod value;
mod value_totals;

pub use chances::{Chances, CountDistribution, HorizonChances, NextPurchase};
pub use counted_customers::CountedCustomers;
pub use customer_effects::CustomerEffects;
pub use customers::Customers;
pub use discount::DiscountRate;
#[cfg(feature = "files")]
pub(crate) use discount::share;
pub use effects::SpendModels;
pub use expectations::HorizonOutlook;
pub use forecast::{CustomerForecast, Forecast, HorizonColumns, PerCustomer, Predictor, Valuation};
pub use grouping::Grouping;
pub use horizon::{Horizon, check_distinct, parse_horizons};
pub use individuals::{Individuals, OneModel};
pub use maps::{GridCell, HistoryGrid, IsoPoint};
pub use modelled::Modelled;
pub use outlook::Outlook;
#[cfg(feature = "files")]
pub(crate) use percents::has_twice;
pub use percents::shares;
pub use reach::beyond_observation;
pub use total::{GroupTotals, Total, TotalOptions, Totals};
pub use total_errors::{TotalErrors, TotalRange, USUAL_ERROR_OF_PURCHASES, USUAL_ERROR_OF_VALUE};
pub use uncertainty::{HorizonErrors, ParameterUncertainty, StandardErrors};
pub use value::{ValueAnswers, ValueDistribution, ValueQuestions};
