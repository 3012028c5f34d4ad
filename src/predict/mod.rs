//! From a fitted model and a customer's history to the customer's future: horizons, discounting, value.

mod chances;
mod count_intervals;
mod discount;
mod drawn;
mod forecast;
mod futures;
mod horizon;
mod maps;
mod outlook;
mod reach;
mod total;
mod uncertainty;
mod value;

pub use chances::{Chances, CountDistribution, NextPurchase};
pub use discount::DiscountRate;
#[cfg(feature = "files")]
pub(crate) use discount::share;
pub use forecast::{CustomerForecast, Forecast, HorizonColumns, PerCustomer, Predictor, Valuation};
pub use horizon::{Horizon, check_distinct, parse_horizons};
pub use maps::{GridCell, HistoryGrid, IsoPoint};
pub use outlook::Outlook;
pub use reach::beyond_observation;
pub use total::{GroupTotals, Grouping, Total, TotalOptions, Totals};
pub use uncertainty::{HorizonErrors, ParameterUncertainty, StandardErrors};
pub use value::{ValueAnswers, ValueDistribution, ValueQuestions};
