//! Which columns of an export hold customer, date and amount.

use std::fmt;

use crate::error::{Error, Result};
use crate::tables::{TableShape, list};

/// Column names the user gave.
#[derive(Clone, Debug, Default)]
pub struct ColumnNames {
    /// Who ordered.
    pub customer: Option<String>,
    /// When.
    pub date: Option<String>,
    /// For how much, in all.
    pub amount: Option<String>,
    /// How many pieces, for line-item exports.
    pub quantity: Option<String>,
    /// At what price a piece.
    pub price: Option<String>,
    /// Whether no amount is to be read: orders count, and are worth nothing.
    pub without_amount: bool,
    /// Columns that are not what their names say.
    pub ignore: Vec<String>,
    /// Whether amounts are not needed: without a column of them, or where one cannot be read, an order counts all the same. Those
    /// that can be read tell returns from purchases.
    pub optional_amount: bool,
}

/// Where the amount of a row comes from: column numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountColumns {
    /// One column.
    Amount(usize),
    /// Quantity times unit price.
    QuantityTimesPrice(usize, usize),
    /// Nowhere.
    Absent,
}

/// The columns chosen, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// Who ordered.
    pub customer: usize,
    /// When.
    pub date: usize,
    /// For how much.
    pub amount: AmountColumns,
}

// Names in common exports, letters and digits only, in lower case, the most telling first: CDNOW; UCI Online Retail
// (InvoiceDate, CustomerID, Quantity, UnitPrice) and its second edition (Price); Shopify (Email, Created at, Total,
// Lineitem quantity, Lineitem price); WooCommerce (date_created, billing_email, order_total); Stripe (Created (UTC),
// Customer ID, Amount).
const CUSTOMER: &[&str] = &[
    // WooCommerce gives all guests the customer number 0.
    "billingemail",
    "customerid",
    "customer",
    "custid",
    "customerno",
    "customernumber",
    "customerkey",
    "customeruser",
    "clientid",
    "client",
    "userid",
    "user",
    "memberid",
    "buyerid",
    "buyer",
    "accountid",
    "householdid",
    "customeremail",
    "email",
];
const DATE: &[&str] = &[
    "orderdate",
    "invoicedate",
    "purchasedate",
    "transactiondate",
    "paidat",
    "datepaid",
    "createdat",
    "createdutc",
    "datecreated",
    "orderedat",
    "purchasedat",
    "ordertimestamp",
    "transactiontimestamp",
    "orderdatetime",
    "datetime",
    "timestamp",
    "created",
    "date",
    "day",
];
const AMOUNT: &[&str] = &[
    "amount",
    "orderamount",
    "ordertotal",
    "totalamount",
    "total",
    "totalprice",
    "grandtotal",
    "salesvalue",
    "salesamount",
    "revenue",
    "sales",
    "spend",
    "netamount",
    "transactionamount",
    "paymentamount",
    "ordervalue",
    "monetaryvalue",
    "value",
];
const QUANTITY: &[&str] = &["quantity", "qty", "lineitemquantity", "itemquantity", "units"];
const PRICE: &[&str] = &["unitprice", "price", "lineitemprice", "itemprice", "priceperunit"];

impl Columns {
    /// The columns named, and where none is named those recognised by the names of common exports.
    ///
    /// # Errors
    /// [`Error::Data`] if a named column is missing, or one that is needed is not recognised.
    pub fn choose(table: &TableShape, names: &ColumnNames) -> Result<Self> {
        let choose = |role: &str, given: &Option<String>, known: &[&str]| match given {
            Some(name) => table.column(name),
            None => recognise(table, names, known).ok_or_else(|| {
                let without = if role == "amount" { ", or take purchases alone with ⟨--no-spend⟩" } else { "" };
                Error::Data(format!(
                    "{}: which column is the {role}? Name it with ⟨--{role}⟩{without}; there are {}",
                    table.name(),
                    list(table.header())
                ))
            }),
        };
        let customer = choose("customer", &names.customer, CUSTOMER)?;
        let date = choose("date", &names.date, DATE)?;
        let line_items = || -> Result<AmountColumns> {
            let quantity = choose("quantity", &names.quantity, QUANTITY)?;
            Ok(AmountColumns::QuantityTimesPrice(quantity, choose("price", &names.price, PRICE)?))
        };
        let amount = if names.without_amount {
            AmountColumns::Absent
        } else if names.amount.is_some() {
            AmountColumns::Amount(choose("amount", &names.amount, AMOUNT)?)
        } else if names.quantity.is_some() || names.price.is_some() {
            line_items()?
        } else if let Some(amount) = recognise(table, names, AMOUNT) {
            AmountColumns::Amount(amount)
        } else if recognise(table, names, QUANTITY).is_some() && recognise(table, names, PRICE).is_some() {
            line_items()?
        } else if let Some(price) = recognise(table, names, &["price"]) {
            AmountColumns::Amount(price)
        } else if names.optional_amount {
            // A negative quantity tells a return, too.
            recognise(table, names, QUANTITY).map_or(AmountColumns::Absent, AmountColumns::Amount)
        } else {
            AmountColumns::Amount(choose("amount", &None, &[])?)
        };
        Ok(Self { customer, date, amount })
    }

    /// The numbers of the columns to read: customer, date, then none to two for the amount.
    pub fn numbers(&self) -> Vec<usize> {
        let mut numbers = vec![self.customer, self.date];
        match self.amount {
            AmountColumns::Amount(amount) => numbers.push(amount),
            AmountColumns::QuantityTimesPrice(quantity, price) => numbers.extend([quantity, price]),
            AmountColumns::Absent => {}
        }
        numbers
    }

    /// The choice in words, with the names of this table.
    pub fn describe<'a>(&'a self, header: &'a [String]) -> impl fmt::Display + 'a {
        Described { columns: self, header }
    }
}

struct Described<'a> {
    columns: &'a Columns,
    header: &'a [String],
}

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |i: usize| &self.header[i];
        write!(f, "customer `{}`, date `{}`, ", name(self.columns.customer), name(self.columns.date))?;
        match self.columns.amount {
            AmountColumns::Amount(amount) => write!(f, "amount `{}`", name(amount)),
            AmountColumns::QuantityTimesPrice(quantity, price) => {
                write!(f, "amount `{}` x `{}`", name(quantity), name(price))
            }
            AmountColumns::Absent => f.write_str("no amount"),
        }
    }
}

/// Columns that say whether an order was paid, cancelled or refunded.
pub(super) fn status_columns<'a>(header: &'a [String], names: &ColumnNames) -> impl Iterator<Item = &'a String> {
    let known = ["status", "orderstatus", "financialstatus", "paymentstatus"];
    header.iter().filter(move |name| known.contains(&plain(name).as_str()) && !names.ignore.contains(name))
}

/// A column's name without case, blanks and punctuation.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The column with the first of the known names that any column has; none if two columns have it.
fn recognise(table: &TableShape, names: &ColumnNames, known: &[&str]) -> Option<usize> {
    let looked_at = |name: &String| if names.ignore.contains(name) { String::new() } else { plain(name) };
    let plain: Vec<String> = table.header().iter().map(looked_at).collect();
    let name = known.iter().find(|&&name| plain.iter().any(|column| column == name))?;
    let mut columns = (0..plain.len()).filter(|&i| plain[i] == *name);
    columns.next().filter(|_| columns.next().is_none())
}
