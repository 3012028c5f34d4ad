//! The rows of orders with ids, as they are held until all are read: in memory or in a temporary file.

use std::sync::{Mutex, MutexGuard};

use super::contract::Reason;
use crate::error::Result;
use crate::parallel::in_parallel;
use crate::summary::{Code, Day, Key, Run, SHARDS, Store, Stored, eight};

/// What a row says of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A line of it.
    Line,
    /// What was paid back, which may be zero.
    Refund,
    /// The day on which that was paid back.
    RefundDay,
    /// That it does not meet the conditions.
    NotSelected,
}

/// A row of an order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) kind: Kind,
    /// A hash of the order's id.
    pub(super) order: u64,
    /// The table and the place of the row in it.
    pub(super) table: usize,
    pub(super) place: u64,
    pub(super) customer: Option<Code>,
    pub(super) day: Option<Day>,
    /// None if it is not known.
    pub(super) amount: Option<f64>,
    /// A hash of what tells it from other lines.
    pub(super) item: u32,
    /// Why it is no order by itself; what it lacks may stand on another line.
    pub(super) lacking: Option<Reason>,
    /// It lacks nothing but what a condition looks at, which it meets without.
    pub(super) stands_alone: bool,
}

/// A line in 36 bytes.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, packed(4))]
pub(super) struct Record {
    order: u64,
    key: Key,
    /// Not a number if it is not known.
    amount: f64,
    item: u32,
    place: u32,
    table: u16,
    flags: u16,
}

const KINDS: [Kind; 4] = [Kind::Line, Kind::Refund, Kind::RefundDay, Kind::NotSelected];

/// Of the flags: the kind is below, the reason above.
const HAS_CUSTOMER: u16 = 1 << 2;
const HAS_DAY: u16 = 1 << 3;
const STANDS_ALONE: u16 = 1 << 4;
const REASON: u32 = 8;

/// Most tables whose orders have ids.
pub(super) const MOST_TABLES: usize = 1 << 16;

impl Record {
    pub(super) fn new(line: &Line) -> Self {
        let flag = |is_set: bool, flag: u16| if is_set { flag } else { 0 };
        let kind = KINDS.iter().position(|kind| *kind == line.kind).unwrap_or(0) as u16;
        let reason = line.lacking.map_or(0, |reason| reason as u16 + 1);
        Self {
            order: line.order,
            key: Key::new(line.customer.unwrap_or_default(), line.day.unwrap_or(Day::FIRST), false),
            amount: line.amount.unwrap_or(f64::NAN),
            item: line.item,
            place: u32::try_from(line.place).unwrap_or(u32::MAX),
            table: line.table as u16,
            flags: kind
                | flag(line.customer.is_some(), HAS_CUSTOMER)
                | flag(line.day.is_some(), HAS_DAY)
                | flag(line.stands_alone, STANDS_ALONE)
                | reason << REASON,
        }
    }

    pub(super) fn line(&self) -> Line {
        let (key, flags, amount) = (self.key, self.flags, self.amount);
        let reason = usize::from(flags >> REASON);
        Line {
            kind: KINDS[usize::from(flags & 3)],
            order: self.order,
            table: self.table.into(),
            place: self.place.into(),
            customer: (flags & HAS_CUSTOMER != 0).then(|| key.customer()),
            day: (flags & HAS_DAY != 0).then(|| key.day()),
            amount: (!amount.is_nan()).then_some(amount),
            item: self.item,
            lacking: reason.checked_sub(1).map(|reason| Reason::ALL[reason]),
            stands_alone: flags & STANDS_ALONE != 0,
        }
    }

    /// By order; in an order by customer and day, and then as they stand.
    fn sorting(&self) -> (u64, Key, u16, u32) {
        (self.order, self.key, self.table, self.place)
    }
}

impl Stored for Record {
    const SIZE: usize = size_of::<Self>();

    fn shard(&self) -> usize {
        const { assert!(SHARDS == 1 << 8) };
        (self.order >> 56) as usize
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        let (order, key, amount) = (self.order, self.key, self.amount);
        for eight in [order, key.bits(), amount.to_bits()] {
            bytes.extend_from_slice(&eight.to_le_bytes());
        }
        let (item, place, table, flags) = (self.item, self.place, self.table, self.flags);
        for four in [item, place, u32::from(table) << 16 | u32::from(flags)] {
            bytes.extend_from_slice(&four.to_le_bytes());
        }
    }

    fn read(bytes: &[u8]) -> Self {
        let of = |i: usize| u64::from_le_bytes(eight(bytes, i));
        let four = |i: usize| u32::from_le_bytes(bytes[4 * i..4 * i + 4].try_into().expect("four bytes"));
        Self {
            order: of(0),
            key: Key::of_bits(of(1)),
            amount: f64::from_bits(of(2)),
            item: four(6),
            place: four(7),
            table: (four(8) >> 16) as u16,
            flags: four(8) as u16,
        }
    }
}

/// Lines on their way into a book, of one thread.
#[derive(Debug, Default)]
pub(super) struct LineBuffer(Vec<Record>);

/// The lines of all orders; many threads add some, in any order.
#[derive(Debug, Default)]
pub(super) struct OrderLines {
    store: Mutex<Store<Record>>,
    /// Bytes to be held in memory, at most.
    memory: Option<usize>,
}

const SOUND: &str = "no thread panics while it holds lines";

impl OrderLines {
    /// Lines of which so many bytes are held in memory.
    pub(super) fn holding(memory: Option<usize>) -> Self {
        Self { memory, ..Self::default() }
    }

    fn store(&self) -> MutexGuard<'_, Store<Record>> {
        self.store.lock().expect(SOUND)
    }

    pub(super) fn add(&self, buffer: &mut LineBuffer, line: &Line) -> Result<()> {
        // What stays in the cache while it is divided.
        const AT_ONCE: usize = 1 << 14;
        buffer.0.push(Record::new(line));
        if buffer.0.len() >= AT_ONCE { self.settle(buffer) } else { Ok(()) }
    }

    /// Takes what is in a buffer.
    pub(super) fn settle(&self, buffer: &mut LineBuffer) -> Result<()> {
        /// What an order takes in the log, to which it will be added.
        const IN_LOG: usize = 16;
        if buffer.0.is_empty() {
            return Ok(());
        }
        let run = Run::new(&buffer.0);
        buffer.0.clear();
        let mut store = self.store();
        store.add_run(run);
        if self.memory.is_some_and(|memory| store.held() * (Record::SIZE + IN_LOG) > memory) {
            store.spill()
        } else {
            Ok(())
        }
    }

    /// Nothing more will be added. What was too much is so for the log, too, which needs the room.
    pub(super) fn whole(self) -> Result<WholeLines> {
        let mut store = self.store.into_inner().expect(SOUND);
        if store.has_spilled() {
            store.spill()?;
        }
        Ok(WholeLines(store))
    }
}

/// The lines of all orders, to be looked at part by part.
#[derive(Debug)]
pub(super) struct WholeLines(Store<Record>);

impl WholeLines {
    /// What `work` makes of each part of the orders, on all cores; in a part the lines stand by order, and come as `sorting` says.
    pub(super) fn in_parallel<R: Send>(
        &self,
        work: impl Fn(&[Record]) -> Result<R> + Sync,
    ) -> impl Iterator<Item = Result<R>> {
        let part = |shard: usize| {
            let mut records = self.0.records(shard)?;
            if records.is_empty() {
                return Ok(None);
            }
            records.sort_unstable_by_key(Record::sorting);
            work(&records).map(Some)
        };
        in_parallel(SHARDS, part).into_iter().filter_map(Result::transpose)
    }
}

/// Each order's lines.
pub(super) fn by_order(records: &[Record]) -> impl Iterator<Item = &[Record]> {
    records.chunk_by(|one, other| one.order == other.order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_hold_what_lines_say() {
        assert_eq!(size_of::<Record>(), 36);
        let full = Line {
            kind: Kind::Refund,
            order: u64::MAX - 7,
            table: MOST_TABLES - 1,
            place: 4_000_000_000,
            customer: Some(Code::default()),
            day: Some(Day(19_000)),
            amount: Some(-0.1),
            item: 77,
            lacking: None,
            stands_alone: false,
        };
        let bare = Line { customer: None, day: None, amount: None, lacking: Some(Reason::AfterEnd), ..full };
        let alone = Line { kind: Kind::NotSelected, stands_alone: true, lacking: Some(Reason::Ragged), ..full };
        for line in [full, bare, alone, Line { kind: Kind::Line, ..full }, Line { kind: Kind::RefundDay, ..full }] {
            let record = Record::new(&line);
            let mut bytes = Vec::new();
            record.write(&mut bytes);
            assert_eq!(bytes.len(), Record::SIZE);
            for record in [record, Record::read(&bytes)] {
                assert_eq!(format!("{:?}", record.line()), format!("{line:?}"));
            }
        }
    }
}
