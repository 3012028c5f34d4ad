//! Words that tell sales from other rows: they are offered, never applied.

use crate::message::{Message, opt, say};
use crate::number_format::{counted, whole};
use crate::tables::{Cells, TextColumn};

/// What shops say of an order that was not paid, or not kept; as far as the words go, with anything after them.
const NO_SALES: &[&str] = &[
    "refunded",
    "fully refunded",
    "cancelled",
    "canceled",
    "failed",
    "declined",
    "denied",
    "rejected",
    "voided",
    "void",
    "expired",
    "pending",
    "unpaid",
    "on-hold",
    "on hold",
    "onhold",
    "draft",
    "checkout-draft",
    "auto-draft",
    "trash",
    "abandoned",
    "chargeback",
    "charged back",
    "charge back",
    "disputed",
    "reversed",
    "returned",
    "fraud",
    "error",
    "incomplete",
    "blocked",
    "uncaptured",
    "storniert",
    "annulé",
    "annule",
    "cancelado",
    "annullato",
];

/// Of columns that mark tests by yes or no.
const YES: &[&str] = &["true", "yes", "1", "y", "t"];
const NO: &[&str] = &["false", "no", "0", "n", "f"];

/// The words of one column, with the number of rows that have them.
#[derive(Clone, Debug, Default)]
pub(super) struct StatusWords {
    words: Vec<(String, u64)>,
    last: usize,
    /// So many words that they are none of a status.
    too_many: bool,
}

impl StatusWords {
    const MOST: usize = 50;

    /// Counts the word of a row.
    pub(super) fn see(&mut self, cells: &Cells, row: usize) {
        if self.too_many {
            return;
        }
        match cells {
            Cells::Text(column) => self.see_text(column, row),
            cells => self.add(&cells.text(row).unwrap_or_default(), 1),
        }
    }

    fn see_text(&mut self, column: &TextColumn, row: usize) {
        let cell = column.get(row);
        match self.words.get_mut(self.last) {
            Some((word, rows)) if word.as_bytes() == cell => *rows += 1,
            _ => self.add(&String::from_utf8_lossy(cell), 1),
        }
    }

    fn add(&mut self, word: &str, rows: u64) {
        let known = self.words.iter().position(|(known, _)| known == word);
        self.last = known.unwrap_or(self.words.len());
        match known {
            Some(known) => self.words[known].1 += rows,
            None if self.words.len() < Self::MOST => self.words.push((word.to_owned(), rows)),
            None => self.too_many = true,
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.too_many |= other.too_many;
        other.words.iter().for_each(|(word, rows)| self.add(word, *rows));
    }

    /// What to warn of, of the column `name`: rows that are no sales, and how to leave them out.
    pub(super) fn warning(&self, name: &str) -> Option<Message> {
        if self.too_many {
            return None;
        }
        let mut words: Vec<&(String, u64)> = self.words.iter().filter(|(word, _)| !word.is_empty()).collect();
        words.sort_unstable_by(|a, b| (std::cmp::Reverse(a.1), &a.0).cmp(&(std::cmp::Reverse(b.1), &b.0)));
        let counted = |words: &[&(String, u64)]| {
            let each = words.iter().enumerate().map(|(i, (word, rows))| {
                let verb = if *rows == 1 { "says" } else { "say" };
                if i == 0 {
                    format!("{} {verb} `{word}`", counted(*rows, "row"))
                } else {
                    format!("{} {verb} `{word}`", whole(*rows))
                }
            });
            each.collect::<Vec<String>>().join(", ")
        };
        let no_sales: Vec<&(String, u64)> = words.iter().copied().filter(|(word, _)| is_no_sale(name, word)).collect();
        if !no_sales.is_empty() {
            let list: Vec<&str> = no_sales.iter().map(|(word, _)| word.as_str()).collect();
            return Some(say![
                format!("{} in `{name}`, and count like any other. If they are not sales: ", counted(&no_sales)),
                opt("where").with(format!("{name}!={}", list.join(",")))
            ]);
        }
        // Words that nobody knows may be of cancelled orders, too.
        let unknown =
            words.len() > 1 && !is_mark(name) && !is_type(name) && !words.iter().all(|(word, _)| is_sale(word));
        unknown.then(|| {
            let some = &words[..words.len().min(5)];
            say![
                format!(
                    "column `{name}` is ignored, and all its rows count: {}. If some are not sales: ",
                    counted(some)
                ),
                opt("where").with(format!("{name}={}", words[0].0)),
                ", for instance"
            ]
        })
    }
}

fn is_mark(name: &str) -> bool {
    super::known_names::MARKS.contains(&crate::tables::customer_names::plain(name).as_str())
}

/// Whether a column says what its rows are of.
pub(super) fn is_type(name: &str) -> bool {
    super::known_names::TYPES.contains(&crate::tables::customer_names::plain(name).as_str())
}

/// What a row is of that is no payment, by one of its words.
const NO_PAYMENTS: &[&str] = &[
    "refund",
    "refunds",
    "refunded",
    "chargeback",
    "reversal",
    "reversed",
    "payout",
    "withdrawal",
    "void",
    "voided",
    "return",
];

fn is_no_sale(name: &str, word: &str) -> bool {
    let lower = word.to_lowercase().replace('_', " ");
    if is_type(name) {
        return lower.split(|c: char| !c.is_alphanumeric()).any(|word| NO_PAYMENTS.contains(&word));
    }
    let lower = lower.strip_prefix("wc-").unwrap_or(&lower);
    if is_mark(name) {
        let no_sale = if crate::tables::customer_names::plain(name) == "livemode" { NO } else { YES };
        return no_sale.contains(&lower);
    }
    NO_SALES
        .iter()
        .any(|no_sale| lower.strip_prefix(no_sale).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
}

/// Words of orders that count.
fn is_sale(word: &str) -> bool {
    const SALES: &[&str] = &[
        "paid",
        "completed",
        "complete",
        "fulfilled",
        "shipped",
        "delivered",
        "processing",
        "closed",
        "succeeded",
        "success",
        "successful",
        "captured",
        "settled",
        "authorized",
        "partially refunded",
        "partially paid",
        "invoiced",
        "approved",
        "unfulfilled",
        "partial",
    ];
    let lower = word.to_lowercase().replace('_', " ");
    SALES.contains(&lower.strip_prefix("wc-").unwrap_or(&lower))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warning(name: &str, words: &[(&str, u64)]) -> Option<String> {
        let mut seen = StatusWords::default();
        words.iter().for_each(|(word, rows)| seen.add(word, *rows));
        seen.warning(name).map(|warning| warning.plain())
    }

    #[test]
    fn rows_that_are_no_sales_are_offered() {
        let told = warning("Status", &[("completed", 90), ("refunded", 4321), ("wc-cancelled", 7), ("", 3)]).unwrap();
        assert!(told.starts_with("4,321 rows say `refunded`, 7 say `wc-cancelled` in `Status`"), "{told}");
        assert!(told.ends_with("where = Status!=refunded,wc-cancelled"), "{told}");
        assert!(warning("test", &[("true", 2), ("false", 90)]).unwrap().contains("where = test!=true"));
        assert!(warning("livemode", &[("true", 90), ("false", 1)]).unwrap().contains("where = livemode!=false"));
        assert!(warning("status", &[("klar", 90), ("offen", 2)]).unwrap().contains("where = status=klar"));
        for fine in
            [&[("paid", 90)][..], &[("Shipped", 5), ("Delivered", 6)], &[("partially_refunded", 3), ("paid", 9)], &[]]
        {
            assert_eq!(warning("status", fine), None, "{fine:?}");
        }
        assert_eq!(warning("test", &[("false", 90)]), None);
        assert!(warning("refunded", &[("true", 2), ("false", 90)]).unwrap().contains("where = refunded!=true"));
        assert!(
            warning("Type", &[("Payment", 2), ("Payment Refund", 1)]).unwrap().contains("where = Type!=Payment Refund")
        );
        assert_eq!(warning("type", &[("shirt", 90), ("shoe", 2)]), None);
        let many: Vec<(String, u64)> = (0..80).map(|i| (format!("word {i}"), 1)).collect();
        let many: Vec<(&str, u64)> = many.iter().map(|(word, rows)| (word.as_str(), *rows)).collect();
        assert_eq!(warning("status", &many), None);
    }
}
