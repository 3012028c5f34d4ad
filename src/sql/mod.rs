//! The summary as a query, for orders that stay where they are.
//!
//! `clv summarize` and the query say the same: the same rows are orders, the same orders are one purchase, and returns lower the same
//! purchases. With exact sums every cell is the same to the last bit; otherwise amounts are added as decimals with nine digits after the
//! point, which is nearer to the money than floating numbers are, and differs from their exact sum in the last bits.
//!
//! ```
//! use clv::orders::OrderOptions;
//! use clv::sql::{Dialect, Query, SqlOptions};
//!
//! let options = SqlOptions { dialect: Dialect::Duckdb, table: "shop.orders".to_owned(), ..SqlOptions::default() };
//! let orders = OrderOptions { until: Some("2024-12-31".parse()?), ..OrderOptions::default() };
//! let text = Query::new(options, orders)?.text()?;
//! assert!(text.contains("from \"shop\".\"orders\""));
//! # Ok::<(), clv::Error>(())
//! ```

mod audit;
mod days;
mod dialect;
mod options;
mod orders;
mod quoted;
mod scores;
mod summary;
mod text;

use serde_json::{Map, Value};

pub use dialect::Dialect;
pub use options::SqlOptions;
pub use orders::{ORDER_AMOUNT, ORDER_DAY};
pub use scores::{Histories, Scores, value_column};

use crate::error::{Error, Result};
use crate::options::{changed, values};
use crate::orders::OrderOptions;

/// A summary as SQL.
#[derive(Clone, Debug)]
pub struct Query {
    options: SqlOptions,
    orders: OrderOptions,
    /// What stands instead of the table: whoever gives a query means it to be run.
    source: Option<String>,
    is_sorted: bool,
}

impl Query {
    /// A query with these options. Columns that are not named are `customer_id`, `order_date` and `amount`.
    ///
    /// # Errors
    /// [`Error::usage`] for an option that is none of a query's, with what to do instead; without an end of the observation.
    pub fn new(options: SqlOptions, orders: OrderOptions) -> Result<Self> {
        options::check(&orders)?;
        let query = Self { options, orders, source: None, is_sorted: false };
        let days = [Some(query.until()?), query.orders.cohort.from, query.orders.cohort.first_purchase_before];
        if let Some(day) = days.into_iter().flatten().find(|day| !(1..=9999).contains(&day.date().year())) {
            return Err(Error::usage(format!(
                "{day} is no day that every database knows; give one from the year 1 on"
            )));
        }
        Ok(query)
    }

    /// The same of the rows of a query, which stands there as it is, instead of a table.
    #[must_use]
    pub fn over(self, query: &str) -> Self {
        Self { source: Some(query.trim_end_matches(|c: char| c.is_whitespace() || c == ';').to_owned()), ..self }
    }

    /// The same in the order of the customers, as `clv summarize` has them.
    #[must_use]
    pub fn sorted(self) -> Self {
        Self { is_sorted: true, ..self }
    }

    /// The text of the query, which begins with what it is.
    ///
    /// # Errors
    /// [`Error::usage`] for names that no table or column has.
    pub fn text(&self) -> Result<String> {
        let mut ctes = self.summary()?;
        let last = if self.options.counted {
            let (summary, last) = self.counted()?;
            ctes.push(summary);
            last
        } else {
            self.select()?
        };
        Ok(format!("{}{}\n", self.head()?, text::query(&ctes, &last)))
    }

    /// The text of the query for the orders alone, from which a [`Fold`](crate::parts::Fold) makes the same summary: `customer_id`,
    /// [`ORDER_DAY`], [`ORDER_AMOUNT`] and the columns that are kept, of every order and return up to the end of the observation.
    ///
    /// # Errors
    /// As [`Query::text`].
    pub fn orders_text(&self) -> Result<String> {
        // Names that the summary cannot have.
        self.select()?;
        let (ctes, last) = self.orders_alone()?;
        Ok(format!("{}\n", text::query(&ctes, &last)))
    }

    /// Whether amounts are read.
    fn knows_spend(&self) -> bool {
        let columns = &self.orders.columns;
        !columns.without_amount && !columns.optional_amount
    }

    /// What the query is, and what it was made of.
    fn head(&self) -> Result<String> {
        let rows = if self.options.counted {
            "Counted rows: how many customers have the same history, and none of their ids"
        } else {
            "One row per customer"
        };
        let sums = match (self.knows_spend(), self.options.exact) {
            (false, _) => "",
            (true, true) => "-- Amounts are added exactly, and rounded once: to the last bit as clv summarize does.\n",
            (true, false) => "-- Amounts are added as decimals with nine digits after the point.\n",
        };
        let mut said: Map<String, Value> = values(&self.options).into_iter().collect();
        let names = changed(&self.orders);
        said.extend(values(&self.orders).into_iter().filter(|(name, _)| names.contains(name)));
        Ok(format!(
            "-- {rows}: recency and T in {unit}s, observed until {until}.\n{sums}-- Made by clv {version} from {said}\n",
            unit = self.unit(),
            until = self.until()?,
            version = env!("CARGO_PKG_VERSION"),
            said = Value::Object(said),
        ))
    }
}
