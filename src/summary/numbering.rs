//! Numbers for the distinct values of a long column.

use std::hash::{BuildHasher, Hash};

use rustc_hash::{FxBuildHasher, FxHashMap};

/// Gives equal keys equal numbers, counted from 0 as they come.
#[derive(Debug)]
pub(crate) struct Numbering<K> {
    numbers: FxHashMap<K, u32>,
    keys: Vec<K>,
    /// Keys met last, by a few bits of their hash: columns of a calendar have few distinct ones.
    recent: Vec<Option<(K, u32)>>,
}

impl<K: Copy + Eq + Hash> Numbering<K> {
    const RECENT_BITS: u32 = 12;

    pub(crate) fn new() -> Self {
        Self { numbers: FxHashMap::default(), keys: Vec::new(), recent: vec![None; 1 << Self::RECENT_BITS] }
    }

    pub(crate) fn number(&mut self, key: K) -> u32 {
        let hash = FxBuildHasher.hash_one(key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = (hash >> (u64::BITS - Self::RECENT_BITS)) as usize;
        if let Some((known, number)) = self.recent[place]
            && known == key
        {
            return number;
        }
        let keys = &mut self.keys;
        let number = *self.numbers.entry(key).or_insert_with(|| {
            keys.push(key);
            keys.len() as u32 - 1
        });
        self.recent[place] = Some((key, number));
        number
    }

    /// The distinct keys, by number.
    pub(crate) fn keys(&self) -> &[K] {
        &self.keys
    }
}
