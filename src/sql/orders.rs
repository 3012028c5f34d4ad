//! From the rows of a table to orders: customer, day and amount.

use super::text::{Cte, Text, indented};
use super::{Dialect, Query, days, quoted};
use crate::error::{Error, Result};
use crate::orders::{BLANKS, Condition, Duplicates, NOTHING, Returns, Test};
use crate::summary::{Day, LARGEST_AMOUNT};

/// White space as text files have it.
const BLANKS_OF_TEXT: &str = " \t\n\u{c}\r";

/// The columns of orders alone: their day, and their amount, under names that no column to be kept has.
pub const ORDER_DAY: &str = "clv_order_day";
/// See [`ORDER_DAY`].
pub const ORDER_AMOUNT: &str = "clv_order_amount";

/// The alias of a column to be kept, in the order in which they were named.
pub(super) fn kept(place: usize) -> String {
    format!("kept_{}", place + 1)
}

impl Query {
    /// The rows, with what is taken of each; then those that are orders; then all that moves a customer's spend.
    pub(super) fn orders(&self) -> Result<Vec<Cte>> {
        let mut ctes = vec![self.rows()?, self.valid_orders()?];
        if self.has_refunds() {
            ctes.push(self.with_refunds(0));
        }
        Ok(ctes)
    }

    /// The orders and returns themselves: customer, day, amount, and columns that are kept. A refund says nothing of its customer.
    pub(super) fn orders_alone(&self) -> Result<(Vec<Cte>, Text)> {
        let kept_columns = self.orders.attributes.len();
        let mut ctes = vec![self.rows()?, self.valid_orders()?];
        if self.has_refunds() {
            ctes.push(self.with_refunds(kept_columns));
        }
        let mut fields = vec!["customer_id".to_owned(), format!("order_day as {ORDER_DAY}")];
        if self.knows_spend() {
            fields.push(format!("amount as {ORDER_AMOUNT}"));
        }
        for (place, name) in self.orders.attributes.iter().enumerate() {
            fields.push(format!("{} as {}", kept(place), quoted::column(self.options.dialect, name)?));
        }
        let from = format!("from {}", self.movements());
        Ok((ctes, vec!["select".to_owned(), indented(&fields.join(",\n")), from]))
    }

    /// The query's part with all orders and returns.
    pub(super) fn movements(&self) -> &'static str {
        if self.has_refunds() { "clv_movements" } else { "clv_orders" }
    }

    /// Whether refunds count: dropped returns take them along.
    fn has_refunds(&self) -> bool {
        self.orders.columns.refund.is_some() && self.orders.returns == Returns::Net
    }

    fn column(&self, given: &Option<String>, usual: &str) -> Result<String> {
        quoted::column(self.options.dialect, given.as_deref().unwrap_or(usual))
    }

    fn zone(&self) -> Result<Option<String>> {
        let zone = self.orders.dates.zone().map(|zone| quoted::literal(self.options.dialect, zone));
        zone.transpose()
    }

    pub(super) fn rows(&self) -> Result<Cte> {
        let Self { options, orders, .. } = self;
        let dialect = options.dialect;
        let columns = &orders.columns;
        let zone = self.zone()?;
        let customer = self.column(&columns.customer, "customer_id")?;
        let date = self.column(&columns.date, "order_date")?;
        let mut select: Text = Vec::new();
        let mut field = |mut lines: Text, name: &str| {
            if let Some(last) = lines.last_mut() {
                last.push_str(&format!(" as {name}"));
            }
            select.push(lines.join("\n"));
        };
        let blanks = quoted::literal(dialect, BLANKS_OF_TEXT)?;
        field(
            match (options.number_ids, orders.exact_ids) {
                (true, _) => vec![customer],
                (false, true) => vec![dialect.trimmed(&dialect.text(&customer), &blanks)],
                (false, false) => {
                    let all: String = BLANKS_OF_TEXT.chars().chain(blanks_besides()).collect();
                    vec![dialect.trimmed(&dialect.text(&customer), &quoted::literal(dialect, &all)?)]
                }
            },
            if options.number_ids || orders.exact_ids { "customer_id" } else { "customer" },
        );
        field(days::day(dialect, &date, zone.as_deref()), "order_day");
        field(vec![self.amount()?], "amount");
        if self.has_refunds() {
            let refund = self.column(&columns.refund, "")?;
            field(vec![dialect.number(&refund)], "refund");
            if columns.refund_date.is_some() {
                let date = self.column(&columns.refund_date, "")?;
                field(days::day(dialect, &date, zone.as_deref()), "refund_day");
            }
        }
        for (place, name) in orders.attributes.iter().enumerate() {
            let column = quoted::column(dialect, name)?;
            field(vec![format!("nullif({}, '')", dialect.trimmed(&dialect.text(&column), &blanks))], &kept(place));
        }
        let mut body = vec!["select".to_owned(), indented(&select.join(",\n")), self.from()?];
        if let Some(conditions) = self.conditions()? {
            body.push(format!("where {conditions}"));
        }
        Ok(Cte::new("clv_rows", "What a row says: whose it is, of which calendar day, and for how much.", body))
    }

    /// Where the rows stand.
    pub(super) fn from(&self) -> Result<String> {
        let table = match &self.source {
            Some(query) => format!("(\n{}\n) as source_rows", indented(query)),
            None => quoted::table(self.options.dialect, &self.options.table)?,
        };
        Ok(match self.orders.duplicates {
            Duplicates::Keep => format!("from {table}"),
            Duplicates::Drop => format!("from (select distinct * from {table}) as distinct_rows"),
        })
    }

    /// What rows must meet to be looked at, if there is anything.
    pub(super) fn conditions(&self) -> Result<Option<String>> {
        let conditions = self.orders.columns.conditions.iter().map(|one| self.condition(one));
        let conditions = conditions.collect::<Result<Vec<String>>>()?;
        Ok((!conditions.is_empty()).then(|| conditions.join("\n  and ")))
    }

    /// Whether a row has a customer.
    pub(super) fn has_customer(&self) -> Result<String> {
        if self.options.number_ids {
            return Ok("customer_id is not null".to_owned());
        }
        let name = if self.orders.exact_ids { "customer_id" } else { "customer" };
        let nobody = NOTHING.iter().copied().chain(["", "guest"]);
        let nobody: Vec<String> =
            nobody.map(|word| quoted::literal(self.options.dialect, word)).collect::<Result<_>>()?;
        Ok(format!("lower({name}) not in ({})", nobody.join(", ")))
    }

    /// Whether an amount is one: neither NaN, which is greater than any number in most databases, nor infinite.
    pub(super) fn is_money() -> String {
        format!("abs(amount) <= {LARGEST_AMOUNT:e}")
    }

    /// The amount of a row.
    fn amount(&self) -> Result<String> {
        let (dialect, columns) = (self.options.dialect, &self.orders.columns);
        let number = |given: &Option<String>, usual: &str| Ok::<_, Error>(dialect.number(&self.column(given, usual)?));
        Ok(match (&columns.amount, &columns.quantity, &columns.price) {
            _ if columns.without_amount => "0".to_owned(),
            (None, None, None) if columns.optional_amount => "0".to_owned(),
            (None, quantity @ Some(_), price @ Some(_)) => {
                format!("{} * {}", number(quantity, "")?, number(price, "")?)
            }
            (None, None, None) | (Some(_), None, None) => number(&columns.amount, "amount")?,
            (Some(_), ..) => {
                return Err(Error::usage("the amount is a column, or quantity times price; give one of both"));
            }
            (None, ..) => {
                return Err(Error::usage("quantity and price go together: their product is the amount"));
            }
        })
    }

    fn valid_orders(&self) -> Result<Cte> {
        let Self { options, orders, .. } = self;
        let dialect = options.dialect;
        let is_money = Self::is_money();
        let customer = if options.number_ids || orders.exact_ids {
            "customer_id"
        } else {
            // E-mail addresses that differ in case are one customer's.
            "case when customer like '%@%' then lower(customer) else customer end as customer_id"
        };
        let amount = if self.knows_spend() {
            "amount".to_owned()
        } else {
            format!("case when {is_money} then amount else 0 end as amount")
        };
        let mut fields = vec![customer.to_owned(), "order_day".to_owned(), amount];
        if self.has_refunds() {
            fields.push("refund".to_owned());
            fields.extend(orders.columns.refund_date.as_ref().map(|_| "refund_day".to_owned()));
        }
        fields.extend((0..orders.attributes.len()).map(kept));
        let mut conditions = vec![self.has_customer()?];
        conditions.push(format!("order_day <= {}", dialect.date(self.until()?)));
        if self.knows_spend() {
            conditions.push(is_money);
        }
        if orders.returns == Returns::Drop {
            conditions.push(if self.knows_spend() {
                "amount >= 0".to_owned()
            } else {
                "(amount >= 0 or amount is null)".to_owned()
            });
        }
        let body = vec![
            "select".to_owned(),
            indented(&fields.join(",\n")),
            "from clv_rows".to_owned(),
            format!("where {}", conditions.join("\n  and ")),
        ];
        Ok(Cte::new(
            "clv_orders",
            "Rows that are orders until the end of the observation. A negative amount is a return.",
            body,
        ))
    }

    /// With refunds as returns, and so many of the columns that are kept.
    fn with_refunds(&self, kept_columns: usize) -> Cte {
        let day = match self.orders.columns.refund_date {
            Some(_) => "case when refund_day > order_day then refund_day else order_day end",
            None => "order_day",
        };
        let until = self.until().map(|day| self.options.dialect.date(day)).unwrap_or_default();
        let columns: String = (0..kept_columns).map(|place| format!(", {}", kept(place))).collect();
        let nothing = format!(", {}", self.options.dialect.text("null")).repeat(kept_columns);
        let body = vec![
            format!("select customer_id, order_day, amount{columns} from clv_orders"),
            "union all".to_owned(),
            format!("select customer_id, {day}, -abs(refund){nothing} from clv_orders"),
            format!("where refund <> 0 and abs(refund) <= {LARGEST_AMOUNT:e} and {day} <= {until}"),
        ];
        Cte::new("clv_movements", "What was paid back is a return, on the order's day or later.", body)
    }

    /// The last day of the observation.
    pub(super) fn until(&self) -> Result<Day> {
        self.orders.until.ok_or_else(|| Error::usage("a query needs the last day of the observation"))
    }

    /// A condition. Its days are those that are written, as in files: the zone is that of the orders' day.
    fn condition(&self, condition: &Condition) -> Result<String> {
        let dialect = self.options.dialect;
        let column = quoted::column(dialect, &condition.column)?;
        Ok(match condition.test() {
            Test::OneOf { words, not } => one_of(dialect, &column, words, *not)?,
            Test::Compare { number: Some(number), operator, .. } => {
                let cell = dialect.number(&column);
                let compared = format!("{cell} {operator} {number:?}");
                // NaN is greater than any number in most databases, and nothing to us.
                match operator.contains('>') {
                    true => format!("{compared} and {cell} <= {:?}", f64::MAX),
                    false => compared,
                }
            }
            Test::Compare { day: Some(day), operator, .. } => {
                format!("{} {operator} {}", days::day(dialect, &column, None).join("\n"), dialect.date(*day))
            }
            Test::Compare { .. } => {
                return Err(Error::usage(format!("`{}` compares with neither a number nor a date", condition.text())));
            }
        })
    }
}

/// Whether a cell is one of several words, whatever its case; what says that there is nothing is empty.
fn one_of(dialect: Dialect, column: &str, words: &[String], not: bool) -> Result<String> {
    let cell = format!("coalesce(lower({}), '')", dialect.trimmed(&dialect.text(column), "' '"));
    let mut known: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| !word.is_empty() && !NOTHING.contains(word)).collect();
    if words.iter().any(String::is_empty) {
        known.push("");
        known.extend(NOTHING);
    }
    let known: Vec<String> = known.into_iter().map(|word| quoted::literal(dialect, word)).collect::<Result<_>>()?;
    Ok(match (known.is_empty(), not) {
        (true, false) => "1 = 0".to_owned(),
        (true, true) => "1 = 1".to_owned(),
        (false, false) => format!("{cell} in ({})", known.join(", ")),
        (false, true) => format!("{cell} not in ({})", known.join(", ")),
    })
}

/// Blanks that text has besides those of text files.
fn blanks_besides() -> impl Iterator<Item = char> {
    BLANKS.iter().copied().filter(|blank| !BLANKS_OF_TEXT.contains(*blank))
}
