//! The rows of a state's file: what was purchased and returned on each day, what is said of customers, and a checksum at the end.

use std::ops::Range;

use super::checksum::Checksum;
use crate::error::Result;
use crate::parallel::{share_out, threads};
use crate::parts::{Record, RecordReader, Records};
use crate::summary::{Contents, OrderBuffer, PurchaseLog};
use crate::tables::{Batch, Block, OutputFormat, TablePart, TableReader};

/// The kind of the last row: a hash over all others, as its text.
const CHECKSUM: &str = "checksum";

/// Rows of the file.
#[derive(Debug, Default)]
pub(super) struct Rows {
    records: Records,
    /// Of all of them.
    pub(super) checksum: Checksum,
}

impl Rows {
    /// What a log holds of the customers of some shards.
    pub(super) fn of_shards(contents: Contents<'_>, shards: Range<usize>) -> Result<Self> {
        let mut rows = Self::default();
        for shard in shards {
            let (days, values) = contents.shard(shard)?;
            for day in days {
                rows.checksum.add_day(&day);
                rows.records.push_day(day);
            }
            for value in values {
                rows.checksum.add_attribute(&value);
                rows.records.push_attribute(value);
            }
        }
        Ok(rows)
    }

    /// The last row, of a state that says this of itself and whose other rows have this checksum.
    pub(super) fn of_checksum(checksum: Checksum, description: &str) -> Self {
        let mut rows = Self::default();
        rows.records.push_text(CHECKSUM, checksum.with(description));
        rows
    }

    /// In the form in which they are written.
    pub(super) fn encoded(&self) -> Result<TablePart> {
        let table = self.records.table();
        table.encode(OutputFormat::Parquet, 0..table.rows())
    }
}

/// Reads all rows into a log, and returns their checksum and the one that stands among them.
pub(super) fn read_rows(table: &mut TableReader, log: &PurchaseLog) -> Result<(Checksum, Option<String>)> {
    let records = RecordReader::new(table)?;
    let mut blocks = std::iter::from_fn(|| table.next_block().transpose());
    let work = |reader: &mut Reader, _: usize, block: Block| {
        let batch = block.batch(records.columns(), false)?;
        (0..batch.places.len()).try_for_each(|row| reader.read(&records, &batch, row, log))
    };
    let (mut checksum, mut stated) = (Checksum::default(), None);
    for mut reader in share_out(&mut blocks, threads(), Reader::default, work)? {
        log.settle(&mut reader.orders)?;
        checksum.plus(reader.checksum);
        stated = stated.or(reader.stated);
    }
    Ok((checksum, stated))
}

/// What one thread reads.
#[derive(Default)]
struct Reader {
    orders: OrderBuffer,
    checksum: Checksum,
    stated: Option<String>,
}

impl Reader {
    fn read(&mut self, records: &RecordReader, batch: &Batch, row: usize, log: &PurchaseLog) -> Result<()> {
        match records.read(batch, row)? {
            Record::Day(day) => {
                self.checksum.add_day(&day);
                log.add_day(&mut self.orders, &day)
            }
            Record::Said(value) => {
                self.checksum.add_attribute(&value);
                log.add_attribute(&value)
            }
            Record::Text { kind, text } if kind == CHECKSUM => {
                self.stated = Some(text);
                Ok(())
            }
            Record::Text { kind, .. } => Err(records.unknown(batch, row, &kind)),
        }
    }
}
