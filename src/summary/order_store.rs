//! Orders as they are held until they are counted: by shard, in memory or in a temporary file.

use super::customer_codes::{Code, SHARDS};
use super::radix::radix_sort;
use super::{Day, ExactSum};
use crate::error::Result;

/// Customer, day and whether it is a return, in one number. Keys sort by customer, then day, purchases before returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(u64);

impl Key {
    const DAY_BITS: u32 = u64::BITS - Code::BITS - 1;

    pub(crate) fn new(customer: Code, day: Day, is_return: bool) -> Self {
        let day = (day.0 - Day::FIRST.0) as u64;
        Self((customer.0 << Self::DAY_BITS | day) << 1 | u64::from(is_return))
    }

    pub(crate) fn customer(self) -> Code {
        Code(self.0 >> (Self::DAY_BITS + 1))
    }

    pub(crate) fn day(self) -> Day {
        Day((self.0 >> 1 & ((1 << Self::DAY_BITS) - 1)) as i32 + Day::FIRST.0)
    }

    pub(crate) fn is_return(self) -> bool {
        self.0 & 1 == 1
    }

    /// The number itself.
    #[cfg(feature = "files")]
    pub(crate) fn bits(self) -> u64 {
        self.0
    }

    /// From the number.
    #[cfg(feature = "files")]
    pub(crate) fn of_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The key of another customer with this day and kind.
    pub(super) fn of_customer(self, customer: Code) -> Self {
        Self::new(customer, self.day(), self.is_return())
    }
}

/// What is held of one customer and day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Record<A> {
    pub(super) key: Key,
    pub(super) amount: A,
}

/// One order, or one return.
pub(super) type Order = Record<f64>;

/// All orders, or all returns, of one customer on one day.
pub(super) type Merged = Record<Several>;

/// What several orders amount to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Several {
    pub(super) orders: u32,
    pub(super) sum: ExactSum,
}

/// What is held of many, by shard, and how that is kept in a file.
pub(crate) trait Stored: Copy + Default + Send + Sync {
    /// Bytes in a file.
    #[cfg(feature = "files")]
    const SIZE: usize;

    /// Where it belongs, below [`SHARDS`].
    fn shard(&self) -> usize;
    #[cfg(feature = "files")]
    fn write(&self, bytes: &mut Vec<u8>);
    /// Of `SIZE` bytes.
    #[cfg(feature = "files")]
    fn read(bytes: &[u8]) -> Self;
}

/// How much is ordered, and how that is kept in a file.
pub(super) trait Amount: Copy + Default + Send + Sync {
    /// Bytes in a file.
    #[cfg(feature = "files")]
    const SIZE: usize;

    #[cfg(feature = "files")]
    fn write(&self, bytes: &mut Vec<u8>);
    /// Of `SIZE` bytes.
    #[cfg(feature = "files")]
    fn read(bytes: &[u8]) -> Self;
}

/// Eight bytes of a record.
#[cfg(feature = "files")]
pub(crate) fn eight(bytes: &[u8], i: usize) -> [u8; 8] {
    bytes[8 * i..8 * i + 8].try_into().expect("eight bytes")
}

impl Amount for f64 {
    #[cfg(feature = "files")]
    const SIZE: usize = 8;

    #[cfg(feature = "files")]
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.to_le_bytes());
    }

    #[cfg(feature = "files")]
    fn read(bytes: &[u8]) -> Self {
        Self::from_le_bytes(eight(bytes, 0))
    }
}

impl Amount for Several {
    #[cfg(feature = "files")]
    const SIZE: usize = 24;

    #[cfg(feature = "files")]
    fn write(&self, bytes: &mut Vec<u8>) {
        let (high, low) = self.sum.halves();
        bytes.extend_from_slice(&u64::from(self.orders).to_le_bytes());
        bytes.extend_from_slice(&high.to_le_bytes());
        bytes.extend_from_slice(&low.to_le_bytes());
    }

    #[cfg(feature = "files")]
    fn read(bytes: &[u8]) -> Self {
        Self {
            orders: u64::from_le_bytes(eight(bytes, 0)) as u32,
            sum: ExactSum::from_halves(i64::from_le_bytes(eight(bytes, 1)), u64::from_le_bytes(eight(bytes, 2))),
        }
    }
}

impl<A: Amount> Stored for Record<A> {
    #[cfg(feature = "files")]
    const SIZE: usize = size_of::<u64>() + A::SIZE;

    fn shard(&self) -> usize {
        self.key.customer().shard()
    }

    #[cfg(feature = "files")]
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.key.0.to_le_bytes());
        self.amount.write(bytes);
    }

    #[cfg(feature = "files")]
    fn read(bytes: &[u8]) -> Self {
        Self { key: Key(u64::from_le_bytes(eight(bytes, 0))), amount: A::read(&bytes[size_of::<u64>()..]) }
    }
}

/// Records divided by shard.
#[derive(Debug)]
pub(crate) struct Run<R> {
    records: Vec<R>,
    /// Where each shard begins, and the end.
    starts: Vec<usize>,
}

impl<R: Stored> Run<R> {
    pub(crate) fn new(records: &[R]) -> Self {
        let mut starts = vec![0; SHARDS + 1];
        records.iter().for_each(|record| starts[record.shard() + 1] += 1);
        for shard in 0..SHARDS {
            starts[shard + 1] += starts[shard];
        }
        let mut places = starts.clone();
        let mut divided = vec![R::default(); records.len()];
        for record in records {
            let place = &mut places[record.shard()];
            divided[*place] = *record;
            *place += 1;
        }
        Self { records: divided, starts }
    }

    fn of_shard(&self, shard: usize) -> &[R] {
        &self.records[self.starts[shard]..self.starts[shard + 1]]
    }
}

/// Records of one kind: runs in memory, and earlier ones in a temporary file.
#[derive(Debug)]
pub(crate) struct Store<R> {
    runs: Vec<Run<R>>,
    held: usize,
    #[cfg(feature = "files")]
    spilled: super::spill::Spilled,
}

impl<R> Default for Store<R> {
    fn default() -> Self {
        Self {
            runs: Vec::new(),
            held: 0,
            #[cfg(feature = "files")]
            spilled: super::spill::Spilled::default(),
        }
    }
}

impl<R: Stored> Store<R> {
    /// Adds records in any order.
    pub(crate) fn add(&mut self, records: &[R]) {
        if !records.is_empty() {
            self.add_run(Run::new(records));
        }
    }

    /// Adds records that are divided already.
    pub(crate) fn add_run(&mut self, run: Run<R>) {
        self.held += run.records.len();
        self.runs.push(run);
    }

    /// Number of records in memory.
    #[cfg(feature = "files")]
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// Whether some are in a temporary file.
    #[cfg(feature = "files")]
    pub(crate) fn has_spilled(&self) -> bool {
        self.spilled.is_some()
    }

    /// Puts what is in memory into a temporary file.
    #[cfg(feature = "files")]
    pub(crate) fn spill(&mut self) -> Result<()> {
        let runs = std::mem::take(&mut self.runs);
        self.held = 0;
        self.spilled.write(R::SIZE, |shard, bytes| {
            runs.iter().flat_map(|run| run.of_shard(shard)).for_each(|record| record.write(bytes));
        })
    }

    /// All records of one shard, in any order.
    pub(crate) fn records(&self, shard: usize) -> Result<Vec<R>> {
        let held = self.runs.iter().map(|run| run.of_shard(shard));
        let mut records = Vec::with_capacity(held.clone().map(<[R]>::len).sum());
        #[cfg(feature = "files")]
        self.spilled.read(shard, |bytes| records.extend(bytes.chunks_exact(R::SIZE).map(R::read)))?;
        held.for_each(|run| records.extend_from_slice(run));
        Ok(records)
    }
}

impl<A: Amount> Store<Record<A>> {
    /// Bytes held in memory.
    #[cfg(feature = "files")]
    pub(super) fn bytes(&self) -> usize {
        self.held * size_of::<Record<A>>()
    }

    /// All records of one shard, sorted by key.
    pub(super) fn shard(&self, shard: usize) -> Result<Vec<Record<A>>> {
        let mut records = self.records(shard)?;
        sort(&mut records);
        Ok(records)
    }
}

/// Sorts by key. Orders that come by customer are found sorted; if they come by day, the digits of the day are as soon done
/// with as those that all keys share.
fn sort<A: Amount>(records: &mut Vec<Record<A>>) {
    if records.is_sorted_by_key(|record| record.key) {
        return;
    }
    let Some(first) = records.first().map(|record| record.key.0) else { return };
    let varying = records.iter().fold(0, |varying, record| varying | (record.key.0 ^ first));
    const FEW: usize = 1 << 10;
    if records.len() < FEW {
        records.sort_unstable_by_key(|record| record.key);
    } else {
        let packing = Packing::of(varying);
        radix_sort(records, packing.bits, |record| packing.pack(record.key.0));
    }
}

/// The bits in which keys differ, without those between: of customers and of days.
#[derive(Clone, Copy)]
struct Packing {
    day_mask: u64,
    day_shift: u32,
    day_bits: u32,
    customer_shift: u32,
    bits: u32,
}

impl Packing {
    fn of(varying: u64) -> Self {
        let day_mask = varying & ((1 << (Key::DAY_BITS + 1)) - 1);
        let day_shift = day_mask.trailing_zeros().min(63);
        let day_bits = (u64::BITS - day_mask.leading_zeros()).saturating_sub(day_shift);
        let customers = varying >> (Key::DAY_BITS + 1);
        let shared = if customers == 0 { 0 } else { customers.trailing_zeros() };
        Self {
            day_mask: (1 << day_bits) - 1,
            day_shift,
            day_bits,
            customer_shift: Key::DAY_BITS + 1 + shared,
            bits: day_bits + (u64::BITS - customers.leading_zeros()).saturating_sub(shared),
        }
    }

    fn pack(self, key: u64) -> u64 {
        let day = key >> self.day_shift & self.day_mask;
        (key >> self.customer_shift) << self.day_bits | day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_hold_what_they_are_made_of() {
        for customer in [0, 1, (1 << Code::BITS) - 1].map(Code) {
            for day in [Day::FIRST, Day(0), Day(-1), Day::LAST] {
                for is_return in [false, true] {
                    let key = Key::new(customer, day, is_return);
                    assert_eq!((key.customer(), key.day(), key.is_return()), (customer, day, is_return));
                }
            }
        }
        let key = |customer, day, is_return| Key::new(Code(customer), Day(day), is_return);
        assert!(
            key(1, 5, false) < key(1, 5, true)
                && key(1, 5, true) < key(1, 6, false)
                && key(1, 6, true) < key(2, -9, false)
        );
    }

    #[cfg(feature = "files")]
    #[test]
    fn records_are_read_as_written() {
        let order = Order { key: Key(u64::MAX - 3), amount: -0.1 };
        let merged = Merged { key: Key(7), amount: Several { orders: u32::MAX, sum: ExactSum::new(-12.34).unwrap() } };
        let (mut a, mut b) = (Vec::new(), Vec::new());
        order.write(&mut a);
        merged.write(&mut b);
        assert_eq!((a.len(), b.len()), (Order::SIZE, Merged::SIZE));
        assert_eq!((Order::read(&a).key, Order::read(&a).amount), (order.key, order.amount));
        assert_eq!(Merged::read(&b), merged);
    }

    #[test]
    fn shards_come_sorted_and_whole() {
        let random = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        // Many orders of few customers fill a shard beyond what is sorted by comparing.
        for customers in [3, 100_000] {
            let orders: Vec<Order> = (0..20_000)
                .map(|i| Order {
                    key: Key::new(Code(random(i) % customers), Day(random(3 * i) as i32 % 1000), i % 7 == 0),
                    amount: i as f64,
                })
                .collect();
            let mut store = Store::default();
            orders.chunks(777).for_each(|chunk| store.add(chunk));
            let mut all = 0;
            for shard in 0..SHARDS {
                let records = store.shard(shard).unwrap();
                assert!(records.is_sorted_by_key(|order| order.key));
                assert!(records.iter().all(|order| order.key.customer().shard() == shard));
                all += records.len();
            }
            assert_eq!(all, orders.len());
        }
    }
}
