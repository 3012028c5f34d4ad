//! The fold of a part.

use std::borrow::Cow;

use super::options::FoldOptions;
use super::records::{Record, RecordReader, Records};
use crate::error::{Error, Place, Result};
use crate::message::{opt, say};
use crate::summary::{CustomerId, Day, LARGEST_AMOUNT, OrderBuffer, PurchaseLog, Summary, Window};
use crate::tables::{Batch, Cells, TableReader};

/// Bytes of orders held in memory by a fold; more go to a temporary file. There may be one on each core.
const MEMORY: usize = 256 << 20;

/// Records handed over together, about.
const AT_ONCE: usize = 1 << 16;

/// Orders of a part on their way to customers, or to records.
#[derive(Debug)]
pub struct Fold {
    options: FoldOptions,
    log: PurchaseLog,
    buffer: OrderBuffer,
}

impl Fold {
    /// A fold without orders.
    ///
    /// # Errors
    /// [`Error::usage`] if the days of the cohort cut a period in two.
    pub fn new(options: FoldOptions) -> Result<Self> {
        options.cohort.check(options.grain)?;
        let log = PurchaseLog::with_attributes(options.grain, &options.attributes).holding(MEMORY);
        Ok(Self { options, log, buffer: OrderBuffer::default() })
    }

    /// Adds orders: rows with a customer, a day and an amount.
    ///
    /// # Errors
    /// [`Error::data`] with the place of a row that is no order, or if a column is of a type that leaves something to be found out;
    /// [`Error::io`] if a temporary file fails.
    pub fn add(&mut self, table: &mut TableReader) -> Result<()> {
        let FoldOptions { customer, date, amount, without_amount, attributes, .. } = &self.options;
        let amount = Some(amount).filter(|_| !without_amount);
        let names: Vec<String> = [customer, date].into_iter().chain(attributes).chain(amount).cloned().collect();
        let shape = (**table).clone();
        let columns = names.iter().map(|name| shape.column(name)).collect::<Result<Vec<usize>>>()?;
        while let Some(batch) = table.next_batch(&columns, false)? {
            let place = |row: usize, column: usize| shape.place(batch.places[row]).in_column(&*names[column]);
            self.add_batch(&batch, &place)?;
        }
        Ok(())
    }

    fn add_batch(&mut self, batch: &Batch, place: &dyn Fn(usize, usize) -> Place) -> Result<()> {
        let kept = self.options.attributes.len();
        let said = |row: usize| batch.columns[2..2 + kept].iter().map(move |cells| cells.text(row));
        for row in 0..batch.places.len() {
            let customer = customer(&batch.columns[0], row, &|| place(row, 0))?;
            let day = day(&batch.columns[1], row, &|| place(row, 1))?;
            let amount = match batch.columns.get(2 + kept) {
                Some(cells) => amount(cells, row, &|| place(row, 2 + kept))?,
                None => 0.0,
            };
            let id = match &customer {
                Customer::Number(number) => CustomerId::Number(*number),
                Customer::Text(text) => CustomerId::Text(text),
            };
            match kept {
                0 => self.log.add_to(&mut self.buffer, id, day, amount)?,
                _ => {
                    let texts: Vec<Option<Cow<'_, str>>> = said(row).collect();
                    self.log.add_described(&mut self.buffer, id, day, amount, texts.iter().map(Option::as_deref))?;
                }
            }
        }
        Ok(())
    }

    /// Adds what other folds recorded.
    ///
    /// # Errors
    /// [`Error::data`] with the place of what is no record; otherwise as [`Fold::add`].
    pub fn add_records(&mut self, table: &mut TableReader) -> Result<()> {
        let reader = RecordReader::new(table)?;
        while let Some(batch) = table.next_batch(reader.columns(), false)? {
            for row in 0..batch.places.len() {
                match reader.read(&batch, row)? {
                    Record::Day(day) => self.log.add_day(&mut self.buffer, &day)?,
                    Record::Said(value) => self.log.add_attribute(&value)?,
                    Record::Text { kind, .. } => return Err(reader.unknown(&batch, row, &kind)),
                }
            }
        }
        Ok(())
    }

    /// What its orders come to, by customer and day, in one part or several; without a record if there were no orders.
    ///
    /// # Errors
    /// [`Cause::Amount`](crate::error::Cause::Amount) if sums overflow; [`Error::io`] if a temporary file fails.
    pub fn records(&mut self) -> Result<Vec<Records>> {
        self.log.settle(&mut self.buffer)?;
        let contents = self.log.contents()?;
        let mut all = vec![Records::default()];
        for shard in PurchaseLog::shards() {
            if all.last().is_some_and(|records| records.len() >= AT_ONCE) {
                all.push(Records::default());
            }
            let (days, values) = contents.shard(shard)?;
            if let Some(records) = all.last_mut() {
                days.into_iter().for_each(|day| records.push_day(day));
                values.into_iter().for_each(|value| records.push_attribute(value));
            }
        }
        Ok(all)
    }

    /// One row per customer, without a row if nobody in this part purchased, as may be where others did.
    ///
    /// # Errors
    /// [`Error::usage`] if the last day of the observation was not said; otherwise as [`Fold::records`].
    pub fn summary(&mut self) -> Result<Summary> {
        let end = self.options.end()?;
        self.log.settle(&mut self.buffer)?;
        let (mut summary, _) = self.log.summary_of_part(self.options.unit, end, &self.options.cohort)?;
        summary.knows_spend = !self.options.without_amount;
        if self.options.sum_log_interpurchase {
            summary.sum_log_interpurchase = Some(self.log.sum_log_interpurchase(&summary)?);
        }
        Ok(summary)
    }
}

/// What customers did after the observation.
impl Fold {
    /// Purchases and net value of the customers of a summary of this fold, after its end and up to the end of the holdout, if there is one.
    ///
    /// # Errors
    /// [`Error::usage`] if the holdout ends before it begins; otherwise as [`Fold::records`].
    pub fn holdout(&mut self, summary: &Summary) -> Result<Option<Window>> {
        let Some(until) = self.options.holdout else { return Ok(None) };
        let end = self.options.end()?;
        if until <= end {
            return Err(Error::usage(say![
                opt("holdout").with(until.to_string()),
                format!(" is no day after {end}, on which the observation ends")
            ])
            .of_option(opt("holdout")));
        }
        Ok(self.log.windows(summary, &[(end, until)])?.pop())
    }
}

/// Whose an order is.
enum Customer<'a> {
    Number(i64),
    Text(Cow<'a, str>),
}

fn customer<'a>(cells: &'a Cells, row: usize, place: &dyn Fn() -> Place) -> Result<Customer<'a>> {
    let customer = match cells {
        Cells::Integer(numbers) => numbers[row].map(Customer::Number),
        Cells::Text(_) | Cells::Decimal(_) => cells.text(row).map(Customer::Text),
        Cells::Real(_) | Cells::Date(_) | Cells::Moment { .. } => {
            return Err(Error::data(
                "customers are text, or whole numbers, and these are neither: convert them before",
            )
            .at(place()));
        }
    };
    customer.ok_or_else(|| missing("customer", place))
}

fn day(cells: &Cells, row: usize, place: &dyn Fn() -> Place) -> Result<Day> {
    let day = match cells {
        Cells::Date(days) => days[row],
        Cells::Moment { micros, zone: None } => {
            micros[row].and_then(|micros| i32::try_from(micros.div_euclid(86_400_000_000)).ok())
        }
        Cells::Moment { zone: Some(_), .. } => {
            return Err(Error::data(
                "these are moments, whose day is another one in another zone: convert them to dates before",
            )
            .at(place()));
        }
        // Written with the year first there is nothing to be found out.
        Cells::Text(_) => match cells.text(row) {
            Some(text) => match text.parse::<Day>() {
                Ok(day) => Some(day.0),
                Err(_) => {
                    let error = Error::data(format!("`{text}` is no date like 1997-09-30: convert them before"));
                    return Err(error.at(place().of_value(text)));
                }
            },
            None => None,
        },
        Cells::Integer(_) | Cells::Real(_) | Cells::Decimal(_) => {
            return Err(Error::data("these are numbers, and no dates: convert them before").at(place()));
        }
    };
    day.and_then(Day::new).ok_or_else(|| missing("date", place))
}

fn amount(cells: &Cells, row: usize, place: &dyn Fn() -> Place) -> Result<f64> {
    let amount = match cells {
        Cells::Integer(numbers) => numbers[row].map(|number| number as f64),
        Cells::Real(numbers) => numbers[row],
        Cells::Decimal(numbers) => numbers.real(row),
        // `1.234` is one thing in one country, and another in the next.
        Cells::Text(_) | Cells::Date(_) | Cells::Moment { .. } => {
            return Err(Error::data("amounts are numbers, and these are none: convert them before").at(place()));
        }
    };
    match amount {
        Some(amount) if amount.abs() <= LARGEST_AMOUNT => Ok(amount),
        Some(amount) => Err(Error::data(format!("{amount} is no amount of money: leave such rows out before"))
            .at(place().of_value(amount.to_string()))),
        None => Err(missing("amount", place)),
    }
}

fn missing(what: &'static str, place: &dyn Fn() -> Place) -> Error {
    let option = opt(what);
    Error::data(say!["there is no {what} here, so it is no order: leave such rows out before"])
        .at(place())
        .of_option(option)
}

#[cfg(test)]
mod tests {
    use std::ops::Range;
    use std::sync::Arc;

    use super::*;
    use crate::summary::{Cohort, Grain, TimeUnit};
    use crate::tables::{BytesRead, HeldRows, TextColumn};

    type Row = (Option<&'static str>, Option<&'static str>, Option<f64>);

    /// Orders in memory, of which the source is `web`.
    #[derive(Debug)]
    struct Orders(Vec<Row>);

    impl HeldRows for Orders {
        fn rows(&self) -> usize {
            self.0.len()
        }

        fn cells(&self, column: usize, rows: Range<usize>) -> Result<Cells> {
            let rows = self.0[rows].iter();
            Ok(match column {
                0 => Cells::Text(TextColumn::from_cells(rows.map(|row| row.0))?),
                1 => Cells::Date(rows.map(|row| row.1.map(|day| day.parse::<Day>().unwrap().0)).collect()),
                2 => Cells::Real(rows.map(|row| row.2).collect()),
                _ => Cells::Text(TextColumn::from_cells(rows.map(|_| Some("web")))?),
            })
        }
    }

    fn table(rows: &[Row]) -> TableReader {
        let header = ["customer_id", "order_date", "amount", "source"].map(str::to_owned).to_vec();
        TableReader::held("part", header, vec![Arc::new(Orders(rows.to_vec()))], &BytesRead::default())
    }

    fn options() -> FoldOptions {
        let until = Some("2024-03-31".parse().unwrap());
        FoldOptions { until, unit: TimeUnit::Day, attributes: vec!["source".to_owned()], ..FoldOptions::default() }
    }

    fn fold_of(rows: &[Row]) -> Result<Fold> {
        let mut fold = Fold::new(options())?;
        fold.add(&mut table(rows)).map(|()| fold)
    }

    fn row(customer: &'static str, day: &'static str, amount: f64) -> Row {
        (Some(customer), Some(day), Some(amount))
    }

    #[test]
    fn nobody_who_purchased_is_no_row() {
        assert!(fold_of(&[row("a", "2024-01-01", -3.0)]).unwrap().summary().unwrap().is_empty());
        assert!(fold_of(&[]).unwrap().summary().unwrap().is_empty());
        assert!(fold_of(&[]).unwrap().records().unwrap()[0].is_empty());
        let cohort = Cohort { from: Some("2025-01-01".parse().unwrap()), first_purchase_before: None };
        let mut fold = Fold::new(FoldOptions { cohort, ..options() }).unwrap();
        fold.add(&mut table(&[row("a", "2024-01-01", 3.0)])).unwrap();
        assert!(fold.summary().unwrap().is_empty());
        let without_end = Fold::new(FoldOptions { until: None, ..options() }).unwrap().summary();
        assert_eq!(without_end.unwrap_err().option().unwrap().name(), "until");
    }

    #[test]
    fn what_is_no_order_is_refused_with_its_row() {
        for (wrong, part) in [
            (row("a", "2024-01-01", f64::NAN), "no amount of money"),
            (row("a", "2024-01-01", -1e14), "no amount of money"),
            ((None, Some("2024-01-01"), Some(1.0)), "no customer"),
            (row("", "2024-01-01", 1.0), "no customer"),
            ((Some("a"), None, Some(1.0)), "no date"),
            ((Some("a"), Some("2024-01-01"), None), "no amount"),
        ] {
            let error = fold_of(&[row("b", "2024-01-01", 1.0), wrong]).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
            assert_eq!(error.place().row.map(|row| row.number()), Some(2), "{error}");
        }
        let cohort = Cohort { from: Some("2024-01-02".parse().unwrap()), first_purchase_before: None };
        assert!(Fold::new(FoldOptions { grain: Grain::Month, cohort, ..options() }).is_err());
    }
}
