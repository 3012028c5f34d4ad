//! One row of an export: an order, a line of one, or the reason why it is neither.

use std::borrow::Cow;
use std::sync::Mutex;

use rustc_hash::FxHashSet;

use super::columns::AmountColumns;
use super::conditions::Met;
use super::contract::{Example, Reason, Returns, refused_row};
use super::conventions::Written;
use super::customers::{CustomerReader, Who, is_nothing};
use super::dates::{DateProblem, RecentDays, forms, question};
use super::line_hashes::{item_of, order_of};
use super::open_table::{OpenTable, Rows};
use super::options::OrderOptions;
use super::order_lines::{Kind, Line, LineBuffer, OrderLines};
use super::returns::{Refunded, return_refused};
use super::row_cells::{AmountsOf, CellReader, lossy, plain_number};
use super::seen::Seen;
use super::statuses::is_type;
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::summary::{Code, CustomerId, Day, LARGEST_AMOUNT, OrderBuffer, PurchaseLog};
use crate::tables::{Cells, Ragged, TextColumn, clip, exact_ids};

/// What all threads share.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    pub(super) options: &'a OrderOptions,
    pub(super) log: &'a PurchaseLog,
    pub(super) lines: &'a OrderLines,
    /// Rows met before, if they are looked for.
    pub(super) rows: &'a Mutex<FxHashSet<u128>>,
}

/// Reads rows into a log, for one thread.
pub(super) struct RowReader<'a> {
    shared: Shared<'a>,
    buffer: OrderBuffer,
    lines: LineBuffer,
    recent: RecentDays,
    /// The customer of the line before, which mostly is of the same order.
    known: (String, Code),
    seen: Seen,
}

/// What a row says besides whose it is; or why it is no order and the cell that shows it.
struct Judged {
    day: std::result::Result<Day, (Reason, String)>,
    /// It need not be known where it is not needed.
    amount: std::result::Result<Option<f64>, (Reason, String)>,
}

/// Whether a row meets all conditions.
enum Selected {
    Yes,
    No,
    /// If its order does, or, where it stands alone, so.
    ByOrder(bool),
}

impl<'a> RowReader<'a> {
    pub(super) fn new(shared: Shared<'a>) -> Self {
        let seen = Seen::new(shared.options);
        let (buffer, lines) = (OrderBuffer::default(), LineBuffer::default());
        Self { shared, buffer, lines, recent: RecentDays::default(), known: Default::default(), seen }
    }

    /// Hands the last orders over.
    pub(super) fn finish(mut self) -> Result<Seen> {
        self.shared.log.settle(&mut self.buffer)?;
        self.shared.lines.settle(&mut self.lines)?;
        Ok(self.seen)
    }

    pub(super) fn read(&mut self, rows: Rows<'_>) -> Result<()> {
        let Rows { table, batch, .. } = rows;
        let customers = exact_ids(&batch.columns[0], |row| rows.place(row))?;
        if table.shape.is_typed() && matches!(batch.columns[0], Cells::Text(_)) {
            self.seen.forms(table.number).see_text();
        }
        self.seen.report.count_rows(table.number, (batch.places.len() + batch.ragged.len()) as u64);
        let plain = self.plain_columns(rows, &customers);
        // Whether amounts have been seen to have points, so that another one is no news.
        let mut pointed = plain.is_some() && self.seen.evidence(table.number)[0].has_point();
        let mut ragged = batch.ragged.iter().peekable();
        for row in 0..batch.places.len() {
            while let Some(before) = ragged.next_if(|ragged| ragged.place < batch.places[row]) {
                self.leave_out_ragged(rows, before)?;
            }
            if let Some(&fingerprint) = batch.fingerprints.get(row)
                && !self.shared.rows.lock().expect("no thread panics with it").insert(fingerprint)
            {
                self.leave_out(Reason::Duplicate, rows, row, String::new)?;
                continue;
            }
            let order = plain.and_then(|columns| plain_order(columns, table, pointed, row));
            if let Some((customer, day, amount)) = order {
                self.take(rows, row, customer, day, Some(amount))?;
                continue;
            }
            self.read_row(rows, row, &customers)?;
            pointed = plain.is_some() && self.seen.evidence(table.number)[0].has_point();
        }
        ragged.try_for_each(|after| self.leave_out_ragged(rows, after))
    }

    /// The texts of customers, days and amounts, where nothing else is looked at in a row.
    fn plain_columns<'b>(&self, rows: Rows<'b>, customers: &'b Cells) -> Option<[&'b TextColumn; 3]> {
        let Rows { table, batch, .. } = rows;
        let Shared { options, .. } = self.shared;
        let places = &table.places;
        let others = [places.order, places.email, places.currency, places.unused_refund];
        let is_plain = others.iter().all(Option::is_none)
            && options.columns.conditions.is_empty()
            && table.columns.statuses.is_empty()
            && !options.columns.optional_amount
            && matches!(table.columns.amount, AmountColumns::Amount(_));
        match (customers, &batch.columns[1..]) {
            (Cells::Text(customers), [Cells::Text(days), Cells::Text(amounts), ..]) if is_plain => {
                Some([customers, days, amounts])
            }
            _ => None,
        }
    }

    fn read_row(&mut self, rows: Rows<'_>, row: usize, customers: &Cells) -> Result<()> {
        let places = &rows.table.places;
        let order = rows.column(places.order).and_then(|cells| order_of(cells, row));
        let by_order = match self.selected(rows, row)? {
            Selected::Yes => None,
            Selected::ByOrder(alone) if order.is_some() => Some(alone),
            Selected::ByOrder(true) => None,
            Selected::ByOrder(false) | Selected::No => {
                if let Some(order) = order {
                    self.put_not_selected(rows, row, (order, customers))?;
                }
                return self.leave_out(Reason::NotSelected, rows, row, String::new);
            }
        };
        if let Some(cells) = rows.column(places.unused_refund) {
            self.seen.see_refund(cells, row);
        }
        let who = self.seen.customers.read(customers, rows.column(places.email), row);
        if let Ok(Who { id, guest: false }) = &who
            && let CustomerId::Text(id) = id.id()
        {
            self.seen.forms(rows.table.number).see(id);
        }
        let judged = match &who {
            Err(reason) if order.is_none() => {
                return self.leave_out(*reason, rows, row, || lossy(&rows.batch.columns[0], row));
            }
            _ => self.judge(rows, row)?,
        };
        self.see_statuses(
            rows,
            row,
            judged.amount.as_ref().is_ok_and(|amount| amount.is_some_and(|amount| amount < 0.0)),
        );
        if let Some(order) = order {
            let of_order = OfOrder { order, who, judged, by_order };
            return self.take_line(rows, row, of_order);
        }
        let (Ok(who), Judged { day, amount }) = (who, judged) else { return Ok(()) };
        match day.and_then(|day| Ok((day, amount?))) {
            Ok((day, amount)) => self.take(rows, row, who.id.id(), day, amount),
            Err((reason, value)) => self.leave_out(reason, rows, row, || clip(&value)),
        }
    }

    fn leave_out_ragged(&mut self, rows: Rows<'_>, ragged: &Ragged) -> Result<()> {
        let header = rows.table.shape.header().len();
        let value = || format!("{} fields, the header has {header}", ragged.fields);
        self.leave_out_at(Reason::Ragged, rows, ragged.place, value)
    }

    fn selected(&mut self, rows: Rows<'_>, row: usize) -> Result<Selected> {
        let mut selected = Selected::Yes;
        for (i, condition) in self.shared.options.columns.conditions.iter().enumerate() {
            let cells = &rows.batch.columns[rows.table.places.conditions + i];
            let cell = cells.text(row).filter(|cell| !is_nothing(cell));
            let met = condition.met(cell.as_deref(), &self.shared.options.dates, &mut self.seen.words[i]);
            let met = met.ok_or_else(|| {
                let (text, column) = (clip(&cell.unwrap_or_default()), &condition.column);
                let message = say!["`{text}` in `{column}` cannot be compared (", opt("where"), ")"];
                Error::data(message).at(rows.place(row).in_column(column).of_value(text))
            })?;
            selected = match (selected, met) {
                (_, Met::No) | (Selected::No, _) => Selected::No,
                (selected, Met::Yes) => selected,
                (Selected::ByOrder(false), Met::Blank(_)) => Selected::ByOrder(false),
                (_, Met::Blank(alone)) => Selected::ByOrder(alone),
            };
        }
        Ok(selected)
    }

    fn see_statuses(&mut self, rows: Rows<'_>, row: usize, is_return: bool) {
        let columns = &rows.table.columns.statuses;
        for (i, &column) in columns.iter().enumerate() {
            let name = &rows.table.shape.header()[column];
            // What a refund is called needs no telling where its amount tells it.
            if is_return && is_type(name) {
                continue;
            }
            self.seen.status(name).see(&rows.batch.columns[rows.table.places.statuses + i], row);
        }
    }

    fn cells<'b>(&'b mut self, rows: Rows<'b>) -> CellReader<'b> {
        let Self { shared, recent, seen, .. } = self;
        CellReader { options: shared.options, table: rows.table, recent, seen }
    }

    fn judge(&mut self, rows: Rows<'_>, row: usize) -> Result<Judged> {
        let (batch, options) = (rows.batch, self.shared.options);
        let mut cells = self.cells(rows);
        let day = match cells.day(&batch.columns[1], row) {
            Ok(Some(day)) => Ok(day),
            Ok(None) => Err((Reason::NoDate, String::new())),
            Err((problem, text)) => {
                // What is handed over once is not read again, and may have no end.
                if problem == DateProblem::Ambiguous && !rows.table.origin.is_rereadable() {
                    let (words, answers) = question(&text, &forms(&text));
                    return Err(Error::question(words, answers).at(rows.place(row)).of_value(text));
                }
                if !rows.table.dates.has_format() {
                    cells.seen.dates(rows.table.number).see(&text, rows.block, || rows.place(row));
                }
                Err((Reason::UnreadableDate, text))
            }
        };
        let AmountsOf { number: amount, currency } = match rows.table.columns.amount {
            AmountColumns::Absent => return Ok(Judged { day, amount: Ok(None) }),
            AmountColumns::Amount(_) => cells.number(rows, row, 0),
            AmountColumns::QuantityTimesPrice(..) => {
                let (quantity, price) = (cells.number(rows, row, 0), cells.number(rows, row, 1));
                let number = quantity.number.and_then(|quantity| price.number.map(|price| quantity * price));
                AmountsOf { number, currency: price.currency.or(quantity.currency) }
            }
        };
        if options.columns.optional_amount {
            return Ok(Judged { day, amount: Ok(amount.ok().filter(|amount| amount.abs() <= LARGEST_AMOUNT)) });
        }
        let stated = cells.stated(rows.column(rows.table.places.currency), row);
        let day_of_rate = match &day {
            Ok(day) => Some(Some(*day)),
            // It may stand on another line of the order.
            Err((Reason::NoDate, _)) if rows.table.places.order.is_some() => Some(None),
            Err(_) => None,
        };
        let amount = match (amount, day_of_rate) {
            (Ok(amount), Some(day)) => cells.in_one_currency(rows, row, (amount, day), (currency, stated))?,
            (amount, _) => amount,
        };
        let amount = amount.and_then(|amount| {
            let possible = amount.abs() <= LARGEST_AMOUNT;
            if possible { Ok(Some(amount)) } else { Err((Reason::ImpossibleAmount, amount.to_string())) }
        });
        Ok(Judged { day, amount })
    }

    /// A row that is an order by itself.
    fn take(
        &mut self,
        rows: Rows<'_>,
        row: usize,
        customer: CustomerId<'_>,
        day: Day,
        known: Option<f64>,
    ) -> Result<()> {
        let Shared { options, log, .. } = self.shared;
        let amount = known.unwrap_or(0.0);
        if options.until.is_some_and(|until| day > until) {
            return self.leave_out(Reason::AfterEnd, rows, row, || day.to_string());
        }
        let refund = self.refund(rows, row, Some(day))?;
        if amount < 0.0 {
            match options.returns {
                Returns::Net => self.seen.report.returns += 1,
                Returns::Drop => return self.leave_out(Reason::Return, rows, row, || amount.to_string()),
                Returns::Error => return Err(return_refused(rows.place(row), &amount.to_string())),
            }
        }
        self.seen.report.at_price_zero += u64::from(known == Some(0.0));
        self.seen.report.without_amount += u64::from(known.is_none());
        self.seen.report.used += 1;
        self.seen.days.add(day, rows.block, || rows.place(row));
        if amount >= 0.0 && !self.seen.once.come_back() {
            self.seen.once.see(log.code(customer)?);
        }
        if let Some((refund_day, refund)) = refund.filter(|(_, refund)| *refund != 0.0) {
            if let Some(paid) = known {
                self.seen.report.see_refund(refund, paid, (rows.table.number, rows.batch.places[row]));
            }
            // Nothing is paid back before it was paid.
            let day = refund_day.unwrap_or(day).max(day);
            let refunded = Refunded { customer: log.code(customer)?, day, refund };
            self.seen.report.refund(refunded, options, log, &mut self.buffer, || rows.place(row))?;
        }
        let attributes = &rows.batch.columns[rows.table.places.attributes..];
        if attributes.is_empty() {
            return log.add_to(&mut self.buffer, customer, day, amount);
        }
        let texts: Vec<Option<Cow<'_, str>>> = attributes.iter().map(|cells| cells.text(row)).collect();
        log.add_described(&mut self.buffer, customer, day, amount, texts.iter().map(Option::as_deref))
    }

    /// A line of an order, which may lack what its other lines have.
    fn take_line(&mut self, rows: Rows<'_>, row: usize, of_order: OfOrder<'_>) -> Result<()> {
        let Shared { options, log, .. } = self.shared;
        let OfOrder { order, who, judged: Judged { day, amount }, by_order } = of_order;
        let unread =
            [who.as_ref().err().map(|reason| (*reason, String::new())), day.clone().err(), amount.clone().err()];
        let is_missing = |reason| matches!(reason, Reason::NoCustomer | Reason::NoDate | Reason::NoAmount);
        let mut unread: Vec<(Reason, String)> = unread.into_iter().flatten().collect();
        if let Some(at) = unread.iter().position(|(reason, _)| !is_missing(*reason)) {
            let (reason, value) = unread.swap_remove(at);
            let value = if reason == Reason::NotUtf8 { lossy(&rows.batch.columns[0], row) } else { value };
            return self.leave_out(reason, rows, row, || clip(&value));
        }
        let customer = who.ok().map(|who| self.code(who.id.id())).transpose()?;
        let (day, known) = (day.ok(), amount.ok());
        if let Some(day) = day.filter(|day| options.until.is_some_and(|until| *day > until)) {
            return self.leave_out(Reason::AfterEnd, rows, row, || day.to_string());
        }
        let lacking = unread.first().map(|(reason, _)| *reason).or(by_order.map(|_| Reason::NotSelected));
        let stands_alone = unread.is_empty() && by_order == Some(true);
        let amount = known.flatten();
        let line = Line { customer, day, amount, lacking, stands_alone, ..line_at(rows, row, order) };
        if let (Some(customer), Some(day), None) = (customer, day, lacking) {
            self.seen.days.add(day, rows.block, || rows.place(row));
            let attributes = &rows.batch.columns[rows.table.places.attributes..];
            if !attributes.is_empty() {
                let texts: Vec<Option<Cow<'_, str>>> = attributes.iter().map(|cells| cells.text(row)).collect();
                log.describe(customer, day, texts.iter().map(Option::as_deref));
            }
        }
        if let Some((refund_day, refund)) = self.refund(rows, row, day)? {
            if refund != 0.0 && refund_day != day {
                self.put_line(&Line { kind: Kind::RefundDay, day: refund_day, ..line })?;
            }
            // A line without an amount does not lack one of what was paid back.
            let is_whole = customer.is_some() && day.is_some() && by_order.is_none();
            let lacking = lacking.filter(|_| !is_whole);
            if refund != 0.0 || lacking.is_none() {
                self.put_line(&Line { kind: Kind::Refund, amount: Some(refund), lacking, ..line })?;
            }
        }
        self.put_line(&line)
    }

    /// Takes note that an order does not meet the conditions here: it may in another file.
    fn put_not_selected(&mut self, rows: Rows<'_>, row: usize, (order, customers): (u64, &Cells)) -> Result<()> {
        let Shared { options, .. } = self.shared;
        // Nothing of it is counted.
        let mut reader = CustomerReader { exact: options.exact_ids, ..CustomerReader::default() };
        let who = reader.read(customers, rows.column(rows.table.places.email), row);
        let customer = who.ok().map(|who| self.code(who.id.id())).transpose()?;
        let day = self.cells(rows).day(&rows.batch.columns[1], row).ok().flatten();
        self.put_line(&Line { kind: Kind::NotSelected, customer, day, ..line_at(rows, row, order) })
    }

    fn put_line(&mut self, line: &Line) -> Result<()> {
        self.shared.lines.add(&mut self.lines, line)
    }

    /// The customer's code, new or known.
    fn code(&mut self, customer: CustomerId<'_>) -> Result<Code> {
        let CustomerId::Text(text) = customer else { return self.shared.log.code(customer) };
        let (known, code) = &mut self.known;
        if known != text {
            *code = self.shared.log.code(customer)?;
            text.clone_into(known);
        }
        Ok(*code)
    }

    /// What was paid back, and when; none if nobody asked, or nothing is said.
    fn refund(&mut self, rows: Rows<'_>, row: usize, day: Option<Day>) -> Result<Option<(Option<Day>, f64)>> {
        let places = &rows.table.places;
        if places.refund.is_none() {
            return Ok(None);
        }
        let mut cells = self.cells(rows);
        let wrong = |what: &str, text: &str| {
            let message = say![
                format!("`{}` is no {what}; ", clip(text)),
                opt("refund"),
                " takes a column with what was paid back, and ",
                opt("where"),
                " leaves out rows that are not sales"
            ];
            Err(Error::data(message).at(rows.place(row)).of_value(text))
        };
        let AmountsOf { number, currency } = cells.number(rows, row, 2);
        let refund = match number {
            Ok(refund) => refund.abs(),
            Err((Reason::NoAmount, _)) => return Ok(None),
            Err((_, text)) => return wrong("amount", &text),
        };
        let stated = cells.stated(rows.column(places.currency), row);
        let refund = match cells.in_one_currency(rows, row, (refund, day), (currency, stated))? {
            Ok(refund) => refund,
            Err((_, text)) => return wrong("amount in the currency of the orders", &text),
        };
        let refund_day = match rows.column(places.refund_date).map(|column| cells.day(column, row)) {
            None | Some(Ok(None)) => day,
            Some(Ok(Some(refund_day))) => Some(refund_day),
            Some(Err((_, text))) => return wrong("date", &text),
        };
        Ok(Some((refund_day, refund)))
    }

    fn leave_out(&mut self, reason: Reason, rows: Rows<'_>, row: usize, value: impl FnOnce() -> String) -> Result<()> {
        self.leave_out_at(reason, rows, rows.batch.places[row], value)
    }

    fn leave_out_at(
        &mut self,
        reason: Reason,
        rows: Rows<'_>,
        place: u64,
        value: impl FnOnce() -> String,
    ) -> Result<()> {
        let example = || Example { place: rows.table.shape.place(place), value: value() };
        if self.shared.options.strict && !reason.is_by_option() {
            return Err(refused_row(reason, example()));
        }
        self.seen.report.left_out.count(reason, rows.block, example);
        Ok(())
    }
}

/// A line of an order of which nothing is known.
fn line_at(rows: Rows<'_>, row: usize, order: u64) -> Line {
    Line {
        kind: Kind::Line,
        order,
        table: rows.table.number,
        place: rows.batch.places[row],
        customer: None,
        day: None,
        amount: None,
        item: item_of(rows, row),
        lacking: None,
        stands_alone: false,
    }
}

/// What a line of an order says.
struct OfOrder<'a> {
    order: u64,
    who: std::result::Result<Who<'a>, Reason>,
    judged: Judged,
    /// Whether the order decides if it is selected, and what holds if it is alone.
    by_order: Option<bool>,
}

/// An order of which nothing needs a second look, as nearly all are: a number for the customer, `1997-09-30`, `12.50`.
fn plain_order<'b>(
    [customers, days, amounts]: [&'b TextColumn; 3],
    table: &OpenTable,
    pointed: bool,
    row: usize,
) -> Option<(CustomerId<'b>, Day, f64)> {
    let customer @ CustomerId::Number(_) = CustomerId::of_digits(customers.get(row))? else { return None };
    let day = table.dates.iso_day(days.get(row))?;
    let (amount, news) = plain_number(table.conventions[0], amounts.get(row))?;
    let is_certain = news.is_none() || news == Some(Written::WithPoint) && pointed;
    (is_certain && amount <= LARGEST_AMOUNT).then_some((customer, day, amount))
}
