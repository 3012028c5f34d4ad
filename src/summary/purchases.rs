//! The fold from orders to customers.
//!
//! Its state is the multiset of orders (customer, day, amount), in which equal customer-days may be merged into one record
//! with their number and exact sum. Adding an order and merging two states are associative and commutative, so that batches,
//! files, threads and partitions may come in any order.

use std::sync::{Mutex, MutexGuard};

use rustc_hash::FxHashMap;

use super::attributes::AttributeLog;
use super::customer_codes::{Code, Id, Names, SHARDS, hashed};
use super::order_store::{Amount, Key, Merged, Order, Record, Store};
use super::radix::radix_sort;
#[cfg(feature = "files")]
use super::whole_number;
use super::{Attribute, CurrencyCode, Day, ExactSum, Grain};
use crate::error::{Cause, Result};

/// Who ordered, as an export says it. A number is the same customer as its digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomerId<'a> {
    /// A whole number.
    Number(i64),
    /// Any text.
    Text(&'a str),
}

impl CustomerId<'_> {
    /// The number that these digits spell as numbers are spelt; none if they spell none, or a very large one.
    pub fn of_digits(digits: &[u8]) -> Option<Self> {
        Code::of_digits(digits).map(|code| Self::Number(code.0.cast_signed()))
    }

    /// The code of an id that is its own.
    fn code(self) -> Option<Code> {
        match self {
            Self::Number(number) => Code::of_number(number),
            Self::Text(text) => Code::of_digits(text.as_bytes()),
        }
    }
}

impl<'a> From<&'a str> for CustomerId<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

/// Orders on their way into a log, of one thread.
#[derive(Debug, Default)]
pub struct OrderBuffer {
    orders: Vec<Order>,
    pub(super) merged: Vec<Merged>,
    /// Orders whose customers have names, which are looked up together: one lock a shard, and no wait for the memory between.
    named: Vec<Named>,
    names: String,
    pub(super) days: Span,
}

/// An order of a customer whose name is in the buffer.
#[derive(Clone, Copy, Debug)]
struct Named {
    name: (usize, usize),
    shard: usize,
    hash: u32,
    day: Day,
    amount: f64,
}

/// The first and the last of some days.
pub(super) type Span = Option<(Day, Day)>;

pub(super) fn span(a: Span, b: Span) -> Span {
    match (a, b) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (a, b) => a.or(b),
    }
}

/// The names of a shard's customers, and what else is said of them.
#[derive(Debug, Default)]
pub(super) struct Shard {
    pub(super) names: Names,
    pub(super) attributes: AttributeLog,
}

/// What is held of the orders.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) orders: Store<Order>,
    pub(super) merged: Store<Merged>,
    days: Span,
}

/// The order history: every customer's orders, which merge into purchases by day (or another grain) when they are counted.
#[derive(Debug)]
pub struct PurchaseLog {
    pub(super) grain: Grain,
    /// Columns kept besides.
    attributes: Vec<String>,
    /// Whether ids are text even if all of them are spelt as numbers are.
    pub(super) ids_are_text: bool,
    /// What amounts are in, if it is known.
    pub(super) currency: Option<CurrencyCode>,
    pub(super) shards: Vec<Mutex<Shard>>,
    pub(super) held: Mutex<Held>,
    /// Orders added one by one.
    buffer: OrderBuffer,
    /// Bytes of orders held in memory, at most; more go to a temporary file.
    #[cfg(feature = "files")]
    memory: Option<usize>,
}

impl Default for PurchaseLog {
    fn default() -> Self {
        Self::new(Grain::default())
    }
}

pub(super) const SOUND: &str = "no thread panics while it holds the log";

impl PurchaseLog {
    /// An empty log whose orders merge within periods of `grain`.
    pub fn new(grain: Grain) -> Self {
        Self::with_attributes(grain, &[])
    }

    /// An empty log that also keeps what orders say of their customers in columns with these names.
    pub fn with_attributes(grain: Grain, names: &[String]) -> Self {
        let shard = |_| Mutex::new(Shard { attributes: AttributeLog::new(names), ..Shard::default() });
        Self {
            grain,
            attributes: names.to_vec(),
            ids_are_text: false,
            currency: None,
            shards: (0..SHARDS).map(shard).collect(),
            held: Mutex::default(),
            buffer: OrderBuffer::default(),
            #[cfg(feature = "files")]
            memory: None,
        }
    }

    /// Sets a limit to memory: the log holds about so many bytes of orders (each thread adds a megabyte or two), and the
    /// others in a temporary file. Names of customers, and what else is said of them, stay in memory.
    #[cfg(feature = "files")]
    pub fn holding(self, bytes: usize) -> Self {
        Self { memory: Some(bytes), ..self }
    }

    /// Takes ids of customers for text, however they are spelt.
    pub fn with_text_ids(self) -> Self {
        Self { ids_are_text: true, ..self }
    }

    /// Whether ids are text even if all of them are spelt as numbers are.
    pub fn ids_are_text(&self) -> bool {
        self.ids_are_text
    }

    /// Sets the currency that amounts are in, if it is known.
    pub fn with_currency(self, currency: Option<CurrencyCode>) -> Self {
        Self { currency, ..self }
    }

    /// What amounts are in, if it is known.
    pub fn currency(&self) -> Option<CurrencyCode> {
        self.currency
    }

    /// Takes ids like `13085.0` for what they are: whole numbers, of tools that had gaps between them.
    ///
    /// # Errors
    /// Those of [`PurchaseLog::add_to`].
    #[cfg(feature = "files")]
    pub(crate) fn with_whole_ids(mut self) -> Result<Self> {
        let mut whole = Self::with_attributes(self.grain, &self.attributes);
        (whole.ids_are_text, whole.memory, whole.currency) = (self.ids_are_text, self.memory, self.currency);
        let id = |id: &mut String| {
            if let Some(number) = whole_number(id) {
                id.truncate(number.len());
            }
        };
        let mut buffer = OrderBuffer::default();
        let contents = self.contents()?;
        for shard in Self::shards() {
            let (days, values) = contents.shard(shard)?;
            for mut day in days {
                id(&mut day.customer);
                whole.add_day(&mut buffer, &day)?;
            }
            for mut value in values {
                id(&mut value.customer);
                whole.add_attribute(&value)?;
            }
        }
        whole.settle(&mut buffer)?;
        Ok(whole)
    }

    /// Period within which orders are one purchase.
    pub fn grain(&self) -> Grain {
        self.grain
    }

    /// Names of the columns kept besides.
    pub fn attributes(&self) -> &[String] {
        &self.attributes
    }

    /// Adds an order. A negative amount is a return: it lowers the customer's spend and is no purchase.
    ///
    /// # Errors
    /// [`Cause::Amount`](crate::error::Cause::Amount) if the amount is not a finite amount of money.
    pub fn add(&mut self, customer: &str, day: Day, amount: f64) -> Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let added = self.add_to(&mut buffer, customer.into(), day, amount);
        self.buffer = buffer;
        added
    }

    /// Adds an order by way of a thread's buffer, whose last orders enter with [`PurchaseLog::settle`].
    ///
    /// # Errors
    /// As [`PurchaseLog::add`]; [`Cause::TooManyCustomers`](crate::error::Cause::TooManyCustomers), and [`Error::io`](crate::Error::io) if a temporary file fails.
    pub fn add_to(&self, buffer: &mut OrderBuffer, customer: CustomerId<'_>, day: Day, amount: f64) -> Result<()> {
        match (customer.code(), customer) {
            (Some(code), _) => self.put(buffer, code, day, amount),
            (None, CustomerId::Number(number)) => self.put_named(buffer, &number.to_string(), day, amount),
            (None, CustomerId::Text(text)) => self.put_named(buffer, text, day, amount),
        }
    }

    fn put_named(&self, buffer: &mut OrderBuffer, customer: &str, day: Day, amount: f64) -> Result<()> {
        ExactSum::check(amount)?;
        buffer.days = span(buffer.days, Some((day, day)));
        let (shard, hash) = hashed(customer);
        let start = buffer.names.len();
        buffer.names.push_str(customer);
        buffer.named.push(Named { name: (start, buffer.names.len()), shard, hash, day, amount });
        self.settle_if_full(buffer)
    }

    /// Makes orders of those with names.
    fn look_up(&self, buffer: &mut OrderBuffer) -> Result<()> {
        let OrderBuffer { orders, named, names, .. } = buffer;
        radix_sort(named, SHARDS.ilog2(), |named| named.shard as u64);
        for of_shard in named.chunk_by(|a, b| a.shard == b.shard) {
            let shard = of_shard[0].shard;
            let mut known = self.shard(shard);
            for named in of_shard {
                let name = &names[named.name.0..named.name.1];
                let place = known.names.place(named.hash, name).ok_or(Cause::TooManyCustomers)?;
                let key = Key::new(Code::of_name(shard, place), named.day, named.amount < 0.0);
                orders.push(Order { key, amount: named.amount });
            }
        }
        named.clear();
        names.clear();
        Ok(())
    }

    /// Adds an order, with what it says of the customer in each of the columns kept.
    ///
    /// # Errors
    /// As [`PurchaseLog::add_to`].
    pub fn add_described<'a>(
        &self,
        buffer: &mut OrderBuffer,
        customer: CustomerId<'_>,
        day: Day,
        amount: f64,
        attributes: impl Iterator<Item = Option<&'a str>>,
    ) -> Result<()> {
        let code = self.code(customer)?;
        self.shard(code.shard()).attributes.add(code, day, attributes);
        self.put(buffer, code, day, amount)
    }

    /// Takes note of what an order says of its customer, before the order itself is added.
    #[cfg(feature = "files")]
    pub(crate) fn describe<'a>(&self, customer: Code, day: Day, attributes: impl Iterator<Item = Option<&'a str>>) {
        self.shard(customer.shard()).attributes.add(customer, day, attributes);
    }

    /// Adds an order of a customer whose code is known.
    ///
    /// # Errors
    /// As [`PurchaseLog::add_to`].
    pub(crate) fn put(&self, buffer: &mut OrderBuffer, customer: Code, day: Day, amount: f64) -> Result<()> {
        ExactSum::check(amount)?;
        buffer.days = span(buffer.days, Some((day, day)));
        buffer.orders.push(Order { key: Key::new(customer, day, amount < 0.0), amount });
        self.settle_if_full(buffer)
    }

    pub(super) fn settle_if_full(&self, buffer: &mut OrderBuffer) -> Result<()> {
        // A megabyte, which stays in the cache while it is divided.
        const AT_ONCE: usize = 1 << 16;
        let held = buffer.orders.len() + 2 * buffer.merged.len() + buffer.named.len();
        if held >= AT_ONCE { self.settle(buffer) } else { Ok(()) }
    }

    /// Takes what is in a buffer.
    ///
    /// # Errors
    /// [`Error::io`](crate::Error::io) if a temporary file fails.
    pub fn settle(&self, buffer: &mut OrderBuffer) -> Result<()> {
        self.look_up(buffer)?;
        let mut held = self.held.lock().expect(SOUND);
        held.days = span(held.days, buffer.days);
        held.orders.add(&buffer.orders);
        held.merged.add(&buffer.merged);
        buffer.orders.clear();
        buffer.merged.clear();
        self.bound(&mut held)
    }

    fn bound(&self, held: &mut Held) -> Result<()> {
        #[cfg(feature = "files")]
        if self.memory.is_some_and(|memory| held.orders.bytes() + held.merged.bytes() > memory) {
            held.orders.spill()?;
            held.merged.spill()?;
        }
        let _ = held;
        Ok(())
    }

    /// The customer's code, new or known.
    pub(crate) fn code(&self, customer: CustomerId<'_>) -> Result<Code> {
        match (customer.code(), customer) {
            (Some(code), _) => Ok(code),
            (None, CustomerId::Number(number)) => self.code_of_name(&number.to_string()),
            (None, CustomerId::Text(text)) => self.code_of_name(text),
        }
    }

    fn code_of_name(&self, customer: &str) -> Result<Code> {
        let (shard, hash) = hashed(customer);
        let place = self.shard(shard).names.place(hash, customer).ok_or(Cause::TooManyCustomers)?;
        Ok(Code::of_name(shard, place))
    }

    pub(super) fn shard(&self, shard: usize) -> MutexGuard<'_, Shard> {
        self.shards[shard].lock().expect(SOUND)
    }

    /// Adds everything another log holds. Sums are exact: in whatever order and division logs are merged, what comes out is the same
    /// to the bit.
    ///
    /// ```
    /// use clv::summary::{Cohort, Grain, PurchaseLog, TimeUnit};
    ///
    /// let (mut monday, mut tuesday) = (PurchaseLog::new(Grain::Day), PurchaseLog::new(Grain::Day));
    /// monday.add("ada", "2024-01-01".parse()?, 20.0)?;
    /// tuesday.add("ada", "2024-01-02".parse()?, 35.0)?;
    /// monday.merge(tuesday)?;
    /// let (summary, _) = monday.summary(TimeUnit::Day, "2024-01-31".parse()?, &Cohort::default())?;
    /// assert_eq!((summary.frequency[0], summary.recency[0], summary.T[0]), (1, 1.0, 30.0));
    /// # Ok::<(), clv::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Cause::Grain`](crate::error::Cause::Grain) if the two merge orders by different periods; otherwise as [`PurchaseLog::add_to`].
    pub fn merge(&mut self, mut other: Self) -> Result<()> {
        if self.grain != other.grain {
            return Err(Cause::Grain { this: self.grain.name(), other: other.grain.name() }.into());
        }
        self.currency = CurrencyCode::of_both(self.currency, other.currency)?;
        other.settle_all()?;
        self.ids_are_text |= other.ids_are_text;
        for name in &other.attributes {
            if !self.attributes.contains(name) {
                self.attributes.push(name.clone());
            }
        }
        let held = other.held.into_inner().expect(SOUND);
        for (number, shard) in other.shards.into_iter().enumerate() {
            let shard = shard.into_inner().expect(SOUND);
            let mut places = FxHashMap::default();
            for (hash, theirs, name) in shard.names.iter() {
                let ours = self.shard(number).names.place(hash, name).ok_or(Cause::TooManyCustomers)?;
                places.insert(theirs, ours);
            }
            let code = |code: Code| match code.id() {
                Id::Number(_) => code,
                Id::Name { place } => Code::of_name(number, places[&place]),
            };
            self.shard(number).attributes.merge(&shard.attributes, code);
            self.take(number, &held.orders, |held| &mut held.orders, code)?;
            self.take(number, &held.merged, |held| &mut held.merged, code)?;
        }
        let ours = self.held.get_mut().expect(SOUND);
        ours.days = span(ours.days, held.days);
        Ok(())
    }

    /// Adds one shard of another store, whose customers have other codes here.
    fn take<A: Amount>(
        &self,
        shard: usize,
        from: &Store<Record<A>>,
        into: impl Fn(&mut Held) -> &mut Store<Record<A>>,
        code: impl Fn(Code) -> Code,
    ) -> Result<()> {
        let recoded = |Record { key, amount }| Record { key: key.of_customer(code(key.customer())), amount };
        let records: Vec<Record<A>> = from.shard(shard)?.into_iter().map(recoded).collect();
        let mut held = self.held.lock().expect(SOUND);
        into(&mut held).add(&records);
        self.bound(&mut held)
    }

    pub(super) fn settle_all(&mut self) -> Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        self.settle(&mut buffer)
    }

    /// The last day with an order or a return, if there is one.
    pub fn last_day(&self) -> Option<Day> {
        self.days().map(|(_, last)| last)
    }

    /// The first and the last day with an order or a return.
    pub fn days(&self) -> Option<(Day, Day)> {
        span(self.held.lock().expect(SOUND).days, self.buffer.days)
    }

    /// The first day of orders, and the last, or `until`, or the end of the last period of the grain before it that is over: of others
    /// nothing can be said.
    ///
    /// # Panics
    /// If there is no order.
    pub fn whole_periods(&self, until: Option<Day>) -> (Day, Day) {
        let (begin, last) = self.days().expect("there are orders");
        let (until, grain) = (until.unwrap_or(last), self.grain);
        (begin, if grain.last_day(until) == until { until } else { Day(grain.start(until).0 - 1) })
    }

    /// What is said of these customers up to a day.
    pub(super) fn attributes_of(&self, customers: &[Code], until: Day) -> Vec<Attribute> {
        let shards: Vec<MutexGuard<'_, Shard>> = (0..SHARDS).map(|shard| self.shard(shard)).collect();
        let logs: Vec<&AttributeLog> = shards.iter().map(|shard| &shard.attributes).collect();
        let column = |name: &String| AttributeLog::column(&logs, name, customers, until);
        self.attributes.iter().map(column).collect()
    }
}

/// A customer's id as text.
pub(super) fn id(shard: &Shard, customer: Code) -> String {
    match customer.id() {
        Id::Number(number) => number.to_string(),
        Id::Name { place } => shard.names.name(place).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{Cohort, CustomerIds, Excluded, Summary, TimeUnit};

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn log(orders: &[(&str, &str, f64)]) -> PurchaseLog {
        let mut log = PurchaseLog::new(Grain::Day);
        for &(customer, date, amount) in orders {
            log.add(customer, day(date), amount).unwrap();
        }
        log
    }

    const ORDERS: [(&str, &str, f64); 9] = [
        ("b", "2020-01-05", 10.0),
        ("a", "2020-03-01", 0.1),
        ("a", "2020-01-01", 7.0),
        ("a", "2020-03-01", 0.2),
        ("a", "2020-02-01", 30.0),
        ("b", "2020-01-20", -4.0),
        ("a", "2020-02-10", -10.0),
        ("c", "2019-12-31", -5.0),
        ("b", "2020-01-05", 2.5),
    ];

    fn summary(log: &mut PurchaseLog) -> (Summary, Excluded) {
        log.summary(TimeUnit::Day, day("2020-03-31"), &Cohort::default()).unwrap()
    }

    #[test]
    fn orders_of_a_day_merge_and_returns_are_netted() {
        let (summary, excluded) = summary(&mut log(&ORDERS));
        assert_eq!(summary.customers, CustomerIds::new(vec!["a", "b"]));
        assert_eq!(summary.frequency, [2, 0]);
        assert_eq!(summary.recency, [60.0, 0.0]);
        assert_eq!(summary.T, [90.0, 86.0]);
        // a: repeat purchases 30 - 10 and 0.1 + 0.2
        assert_eq!(summary.monetary_value, [20.3 / 2.0, 0.0]);
        let purchases = summary.purchases.unwrap();
        assert_eq!(purchases.orders, [4, 2]);
        assert_eq!(purchases.total, [27.3, 8.5]);
        assert_eq!(excluded, Excluded { unmatched_returns: 1, ..Excluded::default() });
    }

    #[test]
    fn order_and_partition_do_not_matter() {
        let whole = summary(&mut log(&ORDERS));
        for cut in 0..ORDERS.len() {
            let (left, right) = ORDERS.split_at(cut);
            let mut merged = log(right);
            merged.merge(log(left)).unwrap();
            assert_eq!(summary(&mut merged), whole, "cut at {cut}");
        }
    }

    #[test]
    fn later_orders_and_other_cohorts_are_left_out() {
        let mut log = log(&ORDERS);
        let cohort = Cohort { from: Some(day("2020-01-02")), first_purchase_before: None };
        let (summary, excluded) = log.summary(TimeUnit::Day, day("2020-02-29"), &cohort).unwrap();
        assert_eq!(summary.customers, CustomerIds::new(vec!["b"]));
        assert_eq!((excluded.customers, excluded.orders, excluded.example.as_deref()), (1, 3, Some("a")));
        let (summary, _) = log.summary(TimeUnit::Day, day("2020-02-29"), &Cohort::default()).unwrap();
        let spans = [(day("2020-02-29"), day("2020-03-31")), (day("2019-12-31"), day("2020-02-29"))];
        let windows = log.windows(&summary, &spans).unwrap();
        assert_eq!(windows[0].purchases, [1, 0]);
        // What came before the end adds up to the total.
        assert_eq!(windows[1].value, summary.purchases.unwrap().total);
        assert_eq!(windows[1].purchases, summary.frequency.iter().map(|x| x + 1).collect::<Vec<u32>>());
    }
}
