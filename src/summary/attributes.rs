//! What an export says of customers besides their purchases: where they came from, their country, margin, cost.

use std::collections::HashMap;

use super::Day;

/// One thing said of every customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Name of the column.
    pub name: String,
    /// What is said, each text once.
    pub texts: Vec<Box<str>>,
    /// Number of each customer's text; none where nothing is said.
    pub of: Vec<Option<u32>>,
    /// Customers of whom more than one thing is said.
    pub differing: u64,
}

impl Attribute {
    /// From what is said of each customer.
    pub fn new(name: String, said: &[Option<String>]) -> Self {
        let mut column = Column { name, ..Column::default() };
        let of = said.iter().map(|text| text.as_ref().map(|text| column.number(text))).collect();
        Self { name: column.name, texts: column.texts, of, differing: 0 }
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
    numbers: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
    /// By number of customer.
    said: Vec<Option<Said>>,
}

#[derive(Clone, Copy, Debug)]
struct Said {
    day: Day,
    text: u32,
    differs: bool,
}

impl AttributeLog {
    pub(super) fn new(names: &[String]) -> Self {
        let column = |name: &String| Column { name: name.clone(), ..Column::default() };
        Self { columns: names.iter().map(column).collect() }
    }

    pub(super) fn add<'a>(&mut self, customer: u32, day: Day, texts: impl Iterator<Item = Option<&'a str>>) {
        for (column, text) in self.columns.iter_mut().zip(texts) {
            if let Some(text) = text {
                let text = column.number(text);
                column.say(customer, Said { day, text, differs: false });
            }
        }
    }

    /// Adds what another log says, whose customers have these numbers here. Columns that are missing here are added.
    pub(super) fn merge(&mut self, other: Self, renumbered: &[u32]) {
        for from in other.columns {
            let place = self.columns.iter().position(|column| column.name == from.name).unwrap_or_else(|| {
                self.columns.push(Column { name: from.name.clone(), ..Column::default() });
                self.columns.len() - 1
            });
            let into = &mut self.columns[place];
            for (customer, said) in from.said.iter().enumerate() {
                if let Some(said) = said {
                    let text = into.number(&from.texts[said.text as usize]);
                    into.say(renumbered[customer], Said { text, ..*said });
                }
            }
        }
    }

    /// What is said of these customers up to a day.
    pub(super) fn of(&self, customers: &[u32], until: Day) -> Vec<Attribute> {
        self.columns.iter().map(|column| column.of(customers, until)).collect()
    }
}

impl Column {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }

    fn say(&mut self, customer: u32, new: Said) {
        let customer = customer as usize;
        if self.said.len() <= customer {
            self.said.resize(customer + 1, None);
        }
        let texts = &self.texts;
        let said = &mut self.said[customer];
        *said = Some(match *said {
            None => new,
            Some(old) => {
                let first = |said: &Said| (said.day, &texts[said.text as usize]);
                let kept = if first(&new) < first(&old) { new } else { old };
                Said { differs: old.differs || new.differs || old.text != new.text, ..kept }
            }
        });
    }

    fn of(&self, customers: &[u32], until: Day) -> Attribute {
        let said =
            |customer: &u32| self.said.get(*customer as usize).copied().flatten().filter(|said| said.day <= until);
        Attribute {
            name: self.name.clone(),
            texts: self.texts.clone(),
            of: customers.iter().map(|customer| said(customer).map(|said| said.text)).collect(),
            differing: customers.iter().filter_map(said).filter(|said| said.differs).count() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever their order and division, the rows say the same.
    #[test]
    fn the_earliest_word_counts() {
        let names = ["source".to_owned()];
        let rows = [(0, 5, Some("mail")), (1, 3, None), (0, 2, Some("web")), (1, 9, Some("web")), (0, 2, Some("ad"))];
        let of = |rows: &[(u32, i32, Option<&str>)]| {
            let mut log = AttributeLog::new(&names);
            rows.iter().for_each(|&(customer, day, text)| log.add(customer, Day(day), std::iter::once(text)));
            log
        };
        let said = |log: &AttributeLog| {
            let attribute = log.of(&[1, 0, 7], Day(100)).remove(0);
            let texts: Vec<Option<String>> = (0..3).map(|row| attribute.text(row).map(str::to_owned)).collect();
            (texts, attribute.differing)
        };
        let expected = (vec![Some("web".to_owned()), Some("ad".to_owned()), None], 1);
        assert_eq!(said(&of(&rows)), expected);
        for cut in 0..=rows.len() {
            let mut reversed = rows[cut..].to_vec();
            reversed.reverse();
            let mut log = of(&reversed);
            log.merge(of(&rows[..cut]), &[0, 1]);
            assert_eq!(said(&log), expected, "{cut}");
        }
    }
}
