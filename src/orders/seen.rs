//! What a thread sees of rows besides their orders.

use super::amounts::AmountReader;
use super::conditions::WordsSeen;
use super::conventions::Evidence;
use super::currencies::{CurrenciesSeen, Stated};
use super::customer_counts::CustomersSeen;
use super::customers::CustomerReader;
use super::date_forms::DateEvidence;
use super::days_seen::DaysSeen;
use super::id_forms::IdForms;
use super::options::OrderOptions;
use super::report::ReadReport;
use super::statuses::StatusWords;
use crate::message::Message;
use crate::tables::Cells;

/// What was seen of some rows.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) report: ReadReport,
    pub(super) days: DaysSeen,
    pub(super) currencies: CurrenciesSeen,
    /// A currency's cell met last, and what it states.
    pub(super) recent_currency: Option<(String, Option<Stated>)>,
    pub(super) customers: CustomerReader,
    pub(super) once: CustomersSeen,
    /// Rows that say they were paid back, where nobody asked.
    pub(super) unused_refunds: u64,
    /// Of each condition.
    pub(super) words: Vec<WordsSeen>,
    /// Of each column by its name.
    statuses: Vec<(String, StatusWords)>,
    /// Of each table.
    id_forms: Vec<IdForms>,
    evidence: Vec<[Evidence; 3]>,
    dates: Vec<DateEvidence>,
}

impl Seen {
    pub(super) fn new(options: &OrderOptions) -> Self {
        let customers = CustomerReader { exact: options.exact_ids, ..CustomerReader::default() };
        Self { customers, words: vec![WordsSeen::default(); options.columns.conditions.len()], ..Self::default() }
    }

    /// The forms of ids in a table.
    pub(super) fn forms(&mut self, table: usize) -> &mut IdForms {
        of_table(&mut self.id_forms, table)
    }

    /// How amounts are written in a table.
    pub(super) fn evidence(&mut self, table: usize) -> &mut [Evidence; 3] {
        of_table(&mut self.evidence, table)
    }

    /// How dates are written in a table.
    pub(super) fn dates(&mut self, table: usize) -> &mut DateEvidence {
        of_table(&mut self.dates, table)
    }

    /// The words of a column.
    pub(super) fn status(&mut self, name: &str) -> &mut StatusWords {
        let known = self.statuses.iter().position(|(known, _)| known == name);
        let place = known.unwrap_or_else(|| {
            self.statuses.push((name.to_owned(), StatusWords::default()));
            self.statuses.len() - 1
        });
        &mut self.statuses[place].1
    }

    /// Takes note of what was paid back.
    pub(super) fn see_refund(&mut self, cells: &Cells, row: usize) {
        let refund = match cells {
            Cells::Text(column) if matches!(column.get(row), b"" | b"0" | b"0.00" | b"0,00" | b"0.0") => return,
            cells => cells.text(row).and_then(|text| AmountReader::default().read(&text)),
        };
        self.unused_refunds += u64::from(refund.is_some_and(|refund| refund.number != 0.0));
    }

    /// Warnings of rows that are no sales.
    pub(super) fn status_warnings(&self) -> impl Iterator<Item = Message> {
        self.statuses.iter().filter_map(|(name, words)| words.warning(name))
    }

    pub(super) fn id_forms(&self) -> &[IdForms] {
        &self.id_forms
    }

    /// Adds what was seen of other blocks.
    pub(super) fn merge(&mut self, other: Self) {
        self.report.add(other.report);
        self.days.merge(other.days);
        self.currencies.merge(other.currencies);
        self.customers.merge(other.customers);
        self.once.merge(other.once);
        self.unused_refunds += other.unused_refunds;
        if self.words.is_empty() {
            self.words = other.words;
        } else {
            self.words.iter_mut().zip(other.words).for_each(|(words, others)| words.merge(others));
        }
        other.statuses.iter().for_each(|(name, words)| self.status(name).merge(words));
        for (table, forms) in other.id_forms.into_iter().enumerate() {
            let ours = self.forms(table);
            *ours = ours.and(forms);
        }
        for (table, evidence) in other.evidence.into_iter().enumerate() {
            self.evidence(table).iter_mut().zip(evidence).for_each(|(ours, theirs)| ours.merge(theirs));
        }
        other.dates.into_iter().enumerate().for_each(|(table, dates)| self.dates(table).merge(dates));
    }
}

fn of_table<T: Default>(tables: &mut Vec<T>, table: usize) -> &mut T {
    if tables.len() <= table {
        tables.resize_with(table + 1, T::default);
    }
    &mut tables[table]
}
