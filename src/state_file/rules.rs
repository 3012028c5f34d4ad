//! How the orders of a state are read, which must be the same for all of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::message::{Message, opt, say};
use crate::orders::{AmountPer, Convention, Currency, Duplicates, OrderOptions, Rates, RepeatedOrders, Returns};
use crate::tables::hex;

/// How the orders of a state were read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    returns: String,
    duplicates: String,
    /// Columns kept besides.
    pub(super) keep: Vec<String>,
    /// Other options that were given and bear on customers or amounts, with their values, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    given: BTreeMap<String, Vec<String>>,
}

/// Options that settle what is otherwise found in the orders, or asked: deliveries may do without, and take over what was given before.
const SETTLING: [&str; 4] = ["amount-per", "refund-per", "repeated-orders", "thousands"];

impl Rules {
    pub(super) fn of(options: &OrderOptions) -> Self {
        let returns = match options.returns {
            Returns::Net => "net",
            Returns::Drop => "drop",
            Returns::Error => "error",
        };
        let duplicates = match options.duplicates {
            Duplicates::Keep => "keep",
            Duplicates::Drop => "drop",
        };
        let mut keep = options.attributes.clone();
        keep.sort_unstable();
        let given = given(options).map(|(name, values)| (name.to_owned(), values)).collect();
        Self { returns: returns.to_owned(), duplicates: duplicates.to_owned(), keep, given }
    }

    /// Whether they say what those of earlier programs do not.
    pub(super) fn are_more(&self) -> bool {
        !self.given.is_empty()
    }

    /// The first option in which two differ, in the words of each: with `returns = net`, without `where`.
    pub(super) fn difference(&self, other: &Self) -> Option<(Message, Message)> {
        let keep = |rules: &Self| if rules.keep.is_empty() { "nothing".to_owned() } else { rules.keep.join(",") };
        let always = [
            ("returns", self.returns.clone(), other.returns.clone()),
            ("duplicates", self.duplicates.clone(), other.duplicates.clone()),
            ("keep", keep(self), keep(other)),
        ];
        let with = |name: &str, value: String| written(name, Some(&vec![value]));
        let differing = always.into_iter().find(|(_, this, that)| this != that);
        differing.map(|(name, this, that)| (with(name, this), with(name, that))).or_else(|| self.given_otherwise(other))
    }

    fn given_otherwise(&self, other: &Self) -> Option<(Message, Message)> {
        let names = self.given.keys().chain(other.given.keys());
        let both = names.map(|name| (name.as_str(), self.given.get(name), other.given.get(name)));
        let agree = |name: &str, this: Option<_>, that: Option<_>| {
            this == that || (SETTLING.contains(&name) && (this.is_none() || that.is_none()))
        };
        let mut differing = both.filter(|(name, this, that)| !agree(name, *this, *that));
        differing.next().map(|(name, this, that)| (written(name, this), written(name, that)))
    }

    /// These options with what was settled before where they say nothing of it; and that in words.
    pub(super) fn taken_over(&self, options: &OrderOptions) -> (OrderOptions, Vec<Message>) {
        let mut all = options.clone();
        let value = |name: &str| self.given.get(name).and_then(|values| values.first()).map(String::as_str);
        let per =
            |name: &str| [AmountPer::Order, AmountPer::Line].into_iter().find(|per| Some(name_of(*per)) == value(name));
        all.amount_per = all.amount_per.or_else(|| per("amount-per"));
        if all.columns.refund.is_some() {
            all.refund_per = all.refund_per.or_else(|| per("refund-per"));
        }
        let repeated = [RepeatedOrders::First, RepeatedOrders::Last, RepeatedOrders::Add].into_iter();
        let repeated =
            || repeated.clone().find(|repeated| Some(name_of_repeated(*repeated)) == value("repeated-orders"));
        all.repeated_orders = all.repeated_orders.or_else(repeated);
        let conventions = [Convention::Point, Convention::Comma, Convention::Either].into_iter();
        let convention = || conventions.clone().find(|convention| Some(separator(*convention)) == value("thousands"));
        all.convention = all.convention.or_else(convention);
        let was_given: BTreeMap<_, _> = given(options).collect();
        let new = given(&all).filter(|(name, _)| !was_given.contains_key(name));
        let told: Vec<Message> = new.map(|(name, values)| say!["as before, ", written(name, Some(&values))]).collect();
        all.may_be_idle |= !told.is_empty();
        (all, told)
    }

    /// Adds what these settle, and what differs in nothing else.
    pub(super) fn add(&mut self, other: Self) {
        self.given.extend(other.given);
    }
}

/// An option in a message.
fn written(name: &str, values: Option<&Vec<String>>) -> Message {
    let option = || opt(name.replace('-', "_"));
    // A condition stands in quotes in the file.
    let unquoted = |value: &str| match value.strip_prefix('\'').and_then(|value| value.strip_suffix('\'')) {
        Some(inside) if name == "where" => inside.to_owned(),
        _ => value.to_owned(),
    };
    match values.map(Vec::as_slice) {
        None => say!["without ", option()],
        Some([]) => say!["with ", option().with(true)],
        Some([hash]) if name == "rates" => say!["with ", option(), " of SHA-256 {hash}"],
        Some(values) => {
            let options = values.iter().map(|value| option().with(unquoted(value)).into());
            say!["with ", Message::joined(options, " and ")]
        }
    }
}

/// The options that were given, with their values; flags have none.
fn given(options: &OrderOptions) -> impl Iterator<Item = (&'static str, Vec<String>)> {
    let columns = &options.columns;
    let one = |value: &Option<String>| value.clone().map(|value| vec![value]);
    let per = |per: Option<AmountPer>| per.map(|per| vec![name_of(per).to_owned()]);
    let mut conditions: Vec<String> =
        options.columns.conditions.iter().map(|condition| format!("'{}'", condition.text())).collect();
    conditions.sort_unstable();
    conditions.dedup();
    [
        ("where", Some(conditions).filter(|conditions| !conditions.is_empty())),
        ("currency", options.currency.map(|currency| vec![code(currency)])),
        ("rates", options.rates.as_deref().map(|rates| vec![hash(rates)])),
        ("order", one(&columns.order)),
        ("amount-per", per(options.amount_per)),
        ("refund", one(&columns.refund)),
        ("refund-date", one(&columns.refund_date)),
        ("refund-per", per(options.refund_per)),
        ("repeated-orders", options.repeated_orders.map(|repeated| vec![name_of_repeated(repeated).to_owned()])),
        ("thousands", options.convention.map(|convention| vec![separator(convention).to_owned()])),
        ("exact-ids", options.exact_ids.then(Vec::new)),
    ]
    .into_iter()
    .filter_map(|(name, values)| values.map(|values| (name, values)))
}

fn name_of(per: AmountPer) -> &'static str {
    match per {
        AmountPer::Order => "order",
        AmountPer::Line => "line",
    }
}

fn name_of_repeated(repeated: RepeatedOrders) -> &'static str {
    match repeated {
        RepeatedOrders::First => "first",
        RepeatedOrders::Last => "last",
        RepeatedOrders::Add => "add",
    }
}

/// What separates thousands: a decimal comma leaves them the point.
fn separator(convention: Convention) -> &'static str {
    match convention {
        Convention::Point => ",",
        Convention::Comma => ".",
        Convention::Either => "' '",
    }
}

/// The code, however the currency was written; a sign that has several stands for itself.
fn code(currency: Currency) -> String {
    match currency.codes() {
        [code] => (*code).to_owned(),
        _ => currency.to_string(),
    }
}

/// Of what the table says, whatever its name and the order of its rows.
fn hash(rates: &Rates) -> String {
    hex(&Sha256::digest(rates.content()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::flag;
    use crate::orders::ColumnNames;

    fn options(conditions: &[&str], change: impl FnOnce(&mut OrderOptions)) -> Rules {
        let conditions = conditions.iter().map(|text| text.parse().unwrap()).collect();
        let columns = ColumnNames { conditions, ..ColumnNames::default() };
        let mut options = OrderOptions { columns, ..OrderOptions::default() };
        change(&mut options);
        Rules::of(&options)
    }

    #[test]
    fn what_is_usual_is_not_written() {
        let usual = serde_json::to_string(&options(&[], |_| ())).unwrap();
        assert_eq!(usual, r#"{"returns":"net","duplicates":"keep","keep":[]}"#);
        assert_eq!(serde_json::from_str::<Rules>(&usual).unwrap(), options(&[], |_| ()));
        let other = options(&["b=1", "a>2"], |options| {
            (options.exact_ids, options.currency) = (true, Currency::named("€"));
        });
        let text = serde_json::to_string(&other).unwrap();
        assert!(text.ends_with(r#""given":{"currency":["EUR"],"exact-ids":[],"where":["'a>2'","'b=1'"]}}"#), "{text}");
        assert_eq!(serde_json::from_str::<Rules>(&text).unwrap(), other);
    }

    #[test]
    fn what_differs_is_said() {
        let usual = options(&[], |_| ());
        let where_a = options(&["a=1"], |_| ());
        let refund = options(&[], |options| {
            options.columns = ColumnNames { refund: Some("back".to_owned()), ..ColumnNames::default() };
        });
        let of_both = |this: &Rules, that: &Rules| this.difference(that);
        let both = |this: Message, that: Message| Some((this, that));
        assert_eq!(of_both(&where_a, &where_a), None);
        assert_eq!(
            of_both(&usual, &where_a),
            both(say!["without ", opt("where")], say!["with ", opt("where").with("a=1")])
        );
        assert_eq!(
            of_both(&refund, &usual),
            both(say!["with ", opt("refund").with("back")], say!["without ", opt("refund")])
        );
        let exact = options(&[], |options| options.exact_ids = true);
        assert_eq!(of_both(&exact, &usual), both(say!["with ", flag("exact_ids")], say!["without ", opt("exact_ids")]));
    }

    #[test]
    fn what_is_found_in_one_delivery_may_be_said_of_another() {
        let usual = options(&[], |_| ());
        let [line, order] =
            [AmountPer::Line, AmountPer::Order].map(|per| options(&[], |options| options.amount_per = Some(per)));
        assert_eq!((usual.difference(&line), line.difference(&usual)), (None, None));
        let differ = line.difference(&order).unwrap();
        let with = |per: &str| say!["with ", opt("amount_per").with(per)];
        assert_eq!(differ, (with("line"), with("order")));
        let mut together = usual.clone();
        together.add(line.clone());
        assert_eq!(together, line);
        together.add(usual);
        assert_eq!(together, line);
    }

    #[test]
    fn what_was_settled_is_taken_over() {
        let usual = OrderOptions::default();
        let settled = options(&[], |options| {
            options.columns.refund = Some("back".to_owned());
            (options.amount_per, options.refund_per) = (Some(AmountPer::Order), Some(AmountPer::Line));
            (options.repeated_orders, options.convention) = (Some(RepeatedOrders::Last), Some(Convention::Either));
        });
        let (all, told) = settled.taken_over(&usual);
        assert_eq!((all.amount_per, all.repeated_orders), (Some(AmountPer::Order), Some(RepeatedOrders::Last)));
        assert_eq!((all.convention, all.refund_per), (Some(Convention::Either), None));
        assert_eq!(told[0], say!["as before, with ", opt("amount_per").with("order")]);
        assert_eq!(told.len(), 3);
        let own = OrderOptions { amount_per: Some(AmountPer::Line), ..OrderOptions::default() };
        assert_eq!(settled.taken_over(&own).0.amount_per, Some(AmountPer::Line));
        let (same, told) = Rules::of(&usual).taken_over(&usual);
        assert_eq!((Rules::of(&same), told.len()), (Rules::of(&usual), 0));
    }
}
