//! From a fitted model and a customer's history to the customer's future: horizons, discounting, value.

mod discount;
mod forecast;
mod futures;
mod horizon;
mod total;
mod value;

pub use discount::DiscountRate;
pub use forecast::{CustomerForecast, Forecast, HorizonColumns, Predictor, Valuation};
pub use horizon::{Horizon, parse_horizons};
pub use total::TotalPurchases;
pub use value::{ValueAnswers, ValueDistribution, ValueQuestions};
