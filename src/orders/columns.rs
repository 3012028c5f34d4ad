//! Which columns of an export hold customer, date and amount, and what else is told of an order.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::conditions::Condition;
use super::guesses::{Role, guess};
use super::known_names::{
    AMOUNT, CURRENCY, DATE, ITEM, MARKS, ORDER, ORDER_TOTAL, OTHER_AMOUNTS, PRICE, QUANTITY, REFUND, REFUND_DATE,
    STATUS, TOTAL, TYPES,
};
use crate::error::{Error, Result};
use crate::message::{Opt, flag, opt, say};
use crate::tables::customer_names::{CUSTOMER, EMAIL, plain};
use crate::tables::{TableShape, list};

/// Column names the user gave.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
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
    /// Which order a line belongs to.
    pub order: Option<String>,
    /// How much of the amount was paid back.
    pub refund: Option<String>,
    /// When it was paid back.
    pub refund_date: Option<String>,
    /// Conditions that rows must meet.
    #[serde(rename = "where")]
    pub conditions: Vec<Condition>,
    /// Whether no amount is to be read: orders count, and are worth nothing.
    pub without_amount: bool,
    /// Columns that are not what their names say.
    pub ignore: Vec<String>,
    /// Whether amounts are not needed: without a column of them, or where one cannot be read, an order counts all the same. Those
    /// that can be read tell returns from purchases.
    #[serde(skip)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Columns {
    /// Who ordered.
    pub customer: usize,
    /// When.
    pub date: usize,
    /// For how much.
    pub amount: AmountColumns,
    /// Which order a line belongs to.
    pub order: Option<usize>,
    /// By which guests are known who have no customer number.
    pub email: Option<usize>,
    /// What the amounts are in.
    pub currency: Option<usize>,
    /// How much was paid back.
    pub refund: Option<usize>,
    /// When it was paid back.
    pub refund_date: Option<usize>,
    /// Columns of the conditions on rows, in their order.
    pub conditions: Vec<usize>,
    /// Columns whose words tell sales from other rows, and that no condition looks at.
    pub statuses: Vec<usize>,
    /// What was paid back, where nobody asked to subtract it.
    pub unused_refund: Option<usize>,
    /// Columns that tell the lines of an order apart.
    pub items: Vec<usize>,
}

impl Columns {
    /// The columns named, and where none is named those recognised by the names of common exports.
    ///
    /// # Errors
    /// [`Error::data`] if a named column is missing, or one that is needed is not recognised; [`Error::question`] if two could be meant.
    pub fn choose(table: &TableShape, names: &ColumnNames) -> Result<Self> {
        let chooser = Chooser { table, names };
        let customer = chooser.given_or_known("customer", &names.customer, CUSTOMER)?;
        let date = chooser.given_or_known("date", &names.date, DATE)?;
        let amount = chooser.amount()?;
        let (Some(customer), Some(date), Some(amount)) = (customer, date, amount) else {
            return Err(chooser.missing(customer, date, amount));
        };
        let conditions =
            names.conditions.iter().map(|condition| table.column(&condition.column)).collect::<Result<_>>()?;
        let mut columns = Self {
            customer,
            date,
            amount,
            order: chooser.order()?,
            email: None,
            currency: None,
            refund: names.refund.as_ref().map(|name| table.column(name)).transpose()?,
            refund_date: None,
            conditions,
            statuses: Vec::new(),
            unused_refund: None,
            items: Vec::new(),
        };
        if !chooser.plain(customer).contains("mail") {
            columns.email = chooser.recognised("customer", EMAIL)?;
        }
        if amount != AmountColumns::Absent && !names.optional_amount {
            columns.currency = chooser.recognised("currency", CURRENCY)?;
        }
        columns.refund_date = match &names.refund_date {
            Some(name) => Some(table.column(name)?),
            None if columns.refund.is_some() => chooser.recognised("refund-date", REFUND_DATE)?,
            None => None,
        };
        if columns.refund.is_none() && amount != AmountColumns::Absent && !names.optional_amount {
            let used = |column: &usize| !columns.conditions.contains(column) && !columns.uses_as_amount(*column);
            columns.unused_refund = chooser.all(&[REFUND]).find(used);
        }
        columns.statuses = chooser
            .all(&[STATUS, MARKS, TYPES])
            .filter(|column| !columns.conditions.contains(column) && columns.refund != Some(*column))
            .collect();
        columns.items = chooser.items(&columns);
        Ok(columns)
    }

    /// Options for the columns that are not recognised, if all may be told by their names; nothing if all are recognised.
    ///
    /// # Errors
    /// Those of [`Columns::choose`], but for columns that are missing.
    pub fn guesses(table: &TableShape, names: &ColumnNames) -> Result<Vec<Opt>> {
        let chooser = Chooser { table, names };
        let customer = chooser.given_or_known("customer", &names.customer, CUSTOMER)?;
        let date = chooser.given_or_known("date", &names.date, DATE)?;
        let guesses = chooser.guesses(customer, date, chooser.amount()?);
        let option = |(role, column): &(Role, Option<usize>)| {
            Some(opt(role.name()).with((*table.header()).get((*column)?)?.as_str()))
        };
        Ok(guesses.iter().map(option).collect::<Option<Vec<Opt>>>().unwrap_or_default())
    }

    /// The numbers of the columns to read: customer, date, then none to two for the amount, then all others.
    pub fn numbers(&self) -> Vec<usize> {
        let mut numbers = vec![self.customer, self.date];
        match self.amount {
            AmountColumns::Amount(amount) => numbers.push(amount),
            AmountColumns::QuantityTimesPrice(quantity, price) => numbers.extend([quantity, price]),
            AmountColumns::Absent => {}
        }
        numbers.extend([self.order, self.email, self.currency, self.refund, self.refund_date].into_iter().flatten());
        numbers.extend(&self.conditions);
        numbers.extend(&self.statuses);
        numbers.extend(self.unused_refund);
        numbers.extend(&self.items);
        numbers
    }

    fn uses_as_amount(&self, column: usize) -> bool {
        match self.amount {
            AmountColumns::Amount(amount) => amount == column,
            AmountColumns::QuantityTimesPrice(quantity, price) => quantity == column || price == column,
            AmountColumns::Absent => false,
        }
    }

    /// Whether the amount is that of the whole order by its name, though it may stand on each of its lines.
    pub(super) fn amount_is_total(&self, header: &[String]) -> bool {
        let AmountColumns::Amount(amount) = self.amount else { return false };
        let name = plain(&header[amount]);
        let has_price = || header.iter().any(|other| PRICE.contains(&plain(other).as_str()));
        ORDER_TOTAL.contains(&name.as_str()) || (TOTAL.contains(&name.as_str()) && has_price())
    }

    /// The name of the amount's column, where there is one alone.
    pub(super) fn amount_name<'a>(&self, header: &'a [String]) -> Option<&'a str> {
        match self.amount {
            AmountColumns::Amount(amount) => Some(&header[amount]),
            _ => None,
        }
    }

    /// The choice in words, with the names of this table.
    pub fn describe<'a>(&'a self, header: &'a [String]) -> impl fmt::Display + 'a {
        Described { columns: self, header }
    }
}

/// Looks for columns.
struct Chooser<'a> {
    table: &'a TableShape,
    names: &'a ColumnNames,
}

impl Chooser<'_> {
    /// A column's name as it is looked at.
    fn plain(&self, column: usize) -> String {
        let name = &self.table.header()[column];
        if self.names.ignore.contains(name) { String::new() } else { plain(name) }
    }

    fn given_or_known(&self, role: &'static str, given: &Option<String>, known: &[&str]) -> Result<Option<usize>> {
        match given {
            Some(name) => self.table.column(name).map(Some),
            None => self.recognised(role, known),
        }
    }

    fn needed(&self, role: &'static str, given: &Option<String>, known: &[&str]) -> Result<usize> {
        self.given_or_known(role, given, known)?.ok_or_else(|| {
            let columns = list(self.table.header());
            Error::data(say!["which column is the {role}? Name it with ", opt(role), "; there are {columns}"])
                .in_file(self.table.name())
        })
    }

    /// What could not be found, with the columns that it may be by their names.
    fn guesses(
        &self,
        customer: Option<usize>,
        date: Option<usize>,
        amount: Option<AmountColumns>,
    ) -> Vec<(Role, Option<usize>)> {
        let mut taken: Vec<usize> = customer.into_iter().chain(date).collect();
        let found =
            [(Role::Customer, customer.is_some()), (Role::Date, date.is_some()), (Role::Amount, amount.is_some())];
        let missing = found.into_iter().filter(|(_, found)| !found);
        let guessed = missing.map(|(role, _)| {
            let column = guess(role, self.table.header(), &taken);
            taken.extend(column);
            (role, column)
        });
        guessed.collect()
    }

    /// All that could not be found at once, with what it may be.
    fn missing(&self, customer: Option<usize>, date: Option<usize>, amount: Option<AmountColumns>) -> Error {
        let header = self.table.header();
        let (roles, guesses): (Vec<Role>, Vec<Option<usize>>) =
            self.guesses(customer, date, amount).into_iter().unzip();
        let names: Vec<String> = roles.iter().map(|role| format!("the {}", role.name())).collect();
        let question = match &names[..] {
            [one] => format!("which column is {one}?"),
            [others @ .., last] => format!("which columns are {} and {last}?", others.join(", ")),
            [] => String::new(),
        };
        let answer = |(role, column): (&Role, &Option<usize>)| match column {
            Some(column) => opt(role.name()).with(header[*column].as_str()),
            None => opt(role.name()),
        };
        let mut answers = roles.iter().zip(&guesses).map(answer);
        let how = if guesses.iter().any(Option::is_some) { " By the names it may be " } else { " Name it with " };
        let mut message = say![question, how, answers.next().expect("something is missing")];
        for answer in answers {
            message = say![message, " ", answer];
        }
        if roles.contains(&Role::Amount) {
            message = say![message, ", or take purchases alone with ", flag("without_amount")];
        }
        Error::data(say![message, format!("; there are {}", list(header))]).in_file(self.table.name())
    }

    /// The column with the first of the known names that any column has.
    ///
    /// # Errors
    /// [`Error::question`] if two have it.
    fn recognised(&self, role: &'static str, known: &[&str]) -> Result<Option<usize>> {
        let columns = 0..self.table.header().len();
        let plain: Vec<String> = columns.map(|column| self.plain(column)).collect();
        let Some(name) = known.iter().find(|&&name| plain.iter().any(|column| column == name)) else { return Ok(None) };
        let found: Vec<usize> = (0..plain.len()).filter(|&column| plain[column] == *name).collect();
        let [first, second, ..] = found[..] else { return Ok(found.first().copied()) };
        let (table, header) = (self.table.name(), self.table.header());
        if header[first] == header[second] {
            let name = &header[first];
            let twice = Error::data(format!("two columns are named `{name}`; give one of them another name"));
            return Err(twice.in_column(name).in_file(table));
        }
        let (one, other) = (&header[first], &header[second]);
        // Of what no option names, one can be left aside.
        let answer = |name: &str, other: &str| match role {
            "currency" => opt("ignore").with(other),
            role => opt(role).with(name),
        };
        let answers = [answer(one, other), answer(other, one)];
        Err(Error::question(format!("is the {role} in `{one}` or in `{other}`?"), answers).in_file(table))
    }

    fn has(&self, known: &[&str]) -> bool {
        (0..self.table.header().len()).any(|column| known.contains(&self.plain(column).as_str()))
    }

    /// All columns with known names.
    fn all(&self, known: &'static [&'static [&'static str]]) -> impl Iterator<Item = usize> {
        let is_known = move |name: &str| known.iter().any(|known| known.contains(&name));
        (0..self.table.header().len()).filter(move |&column| is_known(&self.plain(column)))
    }

    fn line_items(&self) -> Result<AmountColumns> {
        let quantity = self.needed("quantity", &self.names.quantity, QUANTITY)?;
        Ok(AmountColumns::QuantityTimesPrice(quantity, self.needed("price", &self.names.price, PRICE)?))
    }

    /// None if no column says it.
    fn amount(&self) -> Result<Option<AmountColumns>> {
        let names = self.names;
        if names.without_amount {
            return Ok(Some(AmountColumns::Absent));
        }
        if names.amount.is_none() && (names.quantity.is_some() || names.price.is_some()) {
            return self.line_items().map(Some);
        }
        if let Some(amount) = self.given_or_known("amount", &names.amount, AMOUNT)? {
            return Ok(Some(AmountColumns::Amount(amount)));
        }
        // Amazon's price of an item is that of all its pieces.
        if self.has(&["orderitemid", "amazonorderid"])
            && let Some(price) = self.recognised("amount", &["itemprice"])?
        {
            return Ok(Some(AmountColumns::Amount(price)));
        }
        if self.has(QUANTITY) && self.has(PRICE) {
            return self.line_items().map(Some);
        }
        if let Some(price) = self.recognised("amount", &["price"])? {
            return Ok(Some(AmountColumns::Amount(price)));
        }
        if names.optional_amount {
            // A negative quantity tells a return, too.
            let quantity = self.recognised("quantity", QUANTITY)?;
            return Ok(Some(quantity.map_or(AmountColumns::Absent, AmountColumns::Amount)));
        }
        Ok(None)
    }

    fn order(&self) -> Result<Option<usize>> {
        if let Some(name) = &self.names.order {
            return self.table.column(name).map(Some);
        }
        // Shopify calls its orders by name.
        let shopify = self.has(&["lineitemquantity", "lineitemprice", "financialstatus"]);
        match self.recognised("order", ORDER)? {
            None if shopify => self.recognised("order", &["name"]),
            order => Ok(order),
        }
    }

    /// The columns that tell lines apart, as far as it is not known of what the amount is.
    fn items(&self, columns: &Columns) -> Vec<usize> {
        /// Enough of those that no name tells anything of.
        const MOST: usize = 6;
        if columns.order.is_none() || !matches!(columns.amount, AmountColumns::Amount(_)) {
            return Vec::new();
        }
        let known: Vec<usize> = self.all(&[ITEM]).take(2).collect();
        if !known.is_empty() {
            return known;
        }
        let used = columns.numbers();
        (0..self.table.header().len()).filter(|column| !used.contains(column)).take(MOST).collect()
    }
}

struct Described<'a> {
    columns: &'a Columns,
    header: &'a [String],
}

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |i: usize| &self.header[i];
        let columns = self.columns;
        write!(f, "customer `{}`, date `{}`, ", name(columns.customer), name(columns.date))?;
        match columns.amount {
            AmountColumns::Amount(amount) => write!(f, "amount `{}`", name(amount)),
            AmountColumns::QuantityTimesPrice(quantity, price) => {
                write!(f, "amount `{}` x `{}`", name(quantity), name(price))
            }
            AmountColumns::Absent => f.write_str("no amount"),
        }?;
        match columns.order {
            Some(order) => write!(f, ", order `{}`", name(order)),
            None => Ok(()),
        }
    }
}

/// What else is an amount in a table: it is said which one was taken.
pub(super) fn other_amounts<'a>(header: &'a [String], columns: &Columns, names: &ColumnNames) -> Vec<&'a str> {
    let taken = columns.amount_name(header);
    let is_other = |name: &&String| {
        OTHER_AMOUNTS.contains(&plain(name).as_str()) && Some(name.as_str()) != taken && !names.ignore.contains(name)
    };
    if taken.is_none() { Vec::new() } else { header.iter().filter(is_other).map(String::as_str).collect() }
}
