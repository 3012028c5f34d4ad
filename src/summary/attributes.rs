//! What an export says of customers besides their purchases: where they came from, their country, margin, cost.

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Day;
use super::customer_codes::Code;

/// One thing said of every customer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attribute {
    /// Name of the column.
    pub name: String,
    /// What is said, each text once.
    pub texts: Arc<[Box<str>]>,
    /// Number of each customer's text; none where nothing is said.
    pub of: Vec<Option<u32>>,
    /// Customers of whom more than one thing is said.
    pub differing: u64,
}

impl Attribute {
    /// From what is said of each customer.
    pub fn new(name: String, values: &[Option<String>]) -> Self {
        let mut texts = Texts::default();
        let of = values.iter().map(|text| text.as_ref().map(|text| texts.number(text))).collect();
        Self { name, texts: texts.texts.into(), of, differing: 0 }
    }

    /// What is said of the customers in these rows.
    pub fn select(&self, rows: &[usize]) -> Self {
        let of = rows.iter().map(|&row| self.of[row]).collect();
        Self { name: self.name.clone(), texts: Arc::clone(&self.texts), of, differing: self.differing }
    }

    /// What is said of the customer in this row.
    pub fn text(&self, row: usize) -> Option<&str> {
        self.of[row].map(|text| &*self.texts[text as usize])
    }
}

/// Columns as they are read: of each customer what the earliest order says that says anything, of several on one day the least
/// in the order of text. So neither the order of the rows nor their division matters.
#[derive(Clone, Debug, Default)]
pub(super) struct AttributeLog {
    columns: Vec<Column>,
}

#[derive(Clone, Debug, Default)]
struct Column {
    name: String,
    texts: Texts,
    values: FxHashMap<Code, FirstValue>,
}

/// Distinct texts, numbered as they come.
#[derive(Clone, Debug, Default)]
struct Texts {
    numbers: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Texts {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }
}

/// What is said of a customer in one column.
#[derive(Clone, Copy, Debug)]
struct FirstValue {
    day: Day,
    text: u32,
    differs: bool,
}

/// What a file says of a customer in one column: the customer, the day it was said, the text, and whether something else was said too.
pub(super) type ValueOf<'a> = (Code, Day, &'a str, bool);

impl AttributeLog {
    pub(super) fn new(names: &[String]) -> Self {
        let column = |name: &String| Column { name: name.clone(), ..Column::default() };
        Self { columns: names.iter().map(column).collect() }
    }

    pub(super) fn add<'a>(&mut self, customer: Code, day: Day, texts: impl Iterator<Item = Option<&'a str>>) {
        for (column, text) in self.columns.iter_mut().zip(texts) {
            if let Some(text) = text {
                column.set((customer, day, text, false));
            }
        }
    }

    /// Adds what another log says, whose customers have these codes here. Columns that are missing here are added.
    pub(super) fn merge(&mut self, other: &Self, code: impl Fn(Code) -> Code) {
        for from in &other.columns {
            let into = self.column_named(&from.name);
            from.iter().for_each(|(customer, day, text, differs)| into.set((code(customer), day, text, differs)));
        }
    }

    /// Adds what is said in a column.
    pub(super) fn set(&mut self, column: &str, value: ValueOf<'_>) {
        self.column_named(column).set(value);
    }

    /// Everything that is said, with the columns' names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, ValueOf<'_>)> {
        self.columns.iter().flat_map(|column| column.iter().map(|value| (&*column.name, value)))
    }

    fn column_named(&mut self, name: &str) -> &mut Column {
        let place = self.columns.iter().position(|column| column.name == name).unwrap_or_else(|| {
            self.columns.push(Column { name: name.to_owned(), ..Column::default() });
            self.columns.len() - 1
        });
        &mut self.columns[place]
    }

    /// What these logs, one a shard, say of these customers in a column up to a day.
    pub(super) fn column(shards: &[&Self], name: &str, customers: &[Code], until: Day) -> Attribute {
        let columns: Vec<Option<&Column>> =
            shards.iter().map(|log| log.columns.iter().find(|column| column.name == name)).collect();
        let mut texts = Texts::default();
        let mut differing = 0;
        let of = customers.iter().map(|customer| {
            let column = columns[customer.shard()]?;
            let value = column.values.get(customer).filter(|value| value.day <= until)?;
            differing += u64::from(value.differs);
            Some(texts.number(&column.texts.texts[value.text as usize]))
        });
        let of = of.collect();
        Attribute { name: name.to_owned(), texts: texts.texts.into(), of, differing }
    }
}

impl Column {
    fn set(&mut self, (customer, day, text, differs): ValueOf<'_>) {
        let text = self.texts.number(text);
        let new = FirstValue { day, text, differs };
        let texts = &self.texts.texts;
        let merge = |old: &mut FirstValue| {
            let first = |value: &FirstValue| (value.day, &texts[value.text as usize]);
            let kept = if first(&new) < first(old) { new } else { *old };
            *old = FirstValue { differs: old.differs || new.differs || old.text != new.text, ..kept };
        };
        self.values.entry(customer).and_modify(merge).or_insert(new);
    }

    fn iter(&self) -> impl Iterator<Item = ValueOf<'_>> {
        self.values
            .iter()
            .map(|(&customer, value)| (customer, value.day, &*self.texts.texts[value.text as usize], value.differs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::customer_codes::SHARDS;

    /// Whatever their order and division, the rows say the same.
    #[test]
    fn the_earliest_word_counts() {
        let names = ["source".to_owned()];
        let rows = [(0, 5, Some("mail")), (1, 3, None), (0, 2, Some("web")), (1, 9, Some("web")), (0, 2, Some("ad"))];
        let of = |rows: &[(u64, i32, Option<&str>)]| {
            let mut log = AttributeLog::new(&names);
            rows.iter().for_each(|&(customer, day, text)| log.add(Code(customer), Day(day), std::iter::once(text)));
            log
        };
        let value = |log: &AttributeLog| {
            let attribute = AttributeLog::column(&[log; SHARDS], "source", &[1, 0, 7].map(Code), Day(100));
            let texts: Vec<Option<String>> = (0..3).map(|row| attribute.text(row).map(str::to_owned)).collect();
            (texts, attribute.differing)
        };
        let expected = (vec![Some("web".to_owned()), Some("ad".to_owned()), None], 1);
        assert_eq!(value(&of(&rows)), expected);
        for cut in 0..=rows.len() {
            let mut reversed = rows[cut..].to_vec();
            reversed.reverse();
            let mut log = of(&reversed);
            log.merge(&of(&rows[..cut]), |code| code);
            assert_eq!(value(&log), expected, "{cut}");
        }
    }
}
