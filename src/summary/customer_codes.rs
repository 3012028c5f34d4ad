//! Customers by number: an id that is a number is its own code, any other is the place of its name.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

/// Parts into which customers are divided by a hash of their ids, the same for every log.
pub(crate) const SHARDS: usize = 1 << SHARD_BITS;

const SHARD_BITS: u32 = 8;

/// Spreads the bits of a product over the upper ones (2⁶⁴ by the golden ratio).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a log calls a customer: 40 bits. The upper half of the codes are places of names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Code(pub(super) u64);

impl Code {
    /// Bits of a code.
    pub(super) const BITS: u32 = 40;

    const NAMED: u64 = 1 << (Self::BITS - 1);

    /// Of a number that is not too large.
    pub(super) fn of_number(number: i64) -> Option<Self> {
        u64::try_from(number).ok().filter(|&number| number < Self::NAMED).map(Self)
    }

    /// Of an id written as whole numbers are: digits without a sign or leading zeros, not too large.
    pub(super) fn of_digits(id: &[u8]) -> Option<Self> {
        const MOST_DIGITS: usize = 12;
        let canonical = id == b"0" || (id.len() <= MOST_DIGITS && id.first().is_some_and(|first| *first != b'0'));
        if !canonical {
            return None;
        }
        let mut number = 0u64;
        for byte in id {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            number = 10 * number + u64::from(digit);
        }
        (number < Self::NAMED).then_some(Self(number))
    }

    /// Of the name at a place in a shard.
    pub(super) fn of_name(shard: usize, place: u32) -> Self {
        Self(Self::NAMED | u64::from(place) << SHARD_BITS | shard as u64)
    }

    /// The number that is the id, or where its name is.
    pub(super) fn id(self) -> Id {
        if self.0 & Self::NAMED == 0 {
            Id::Number(self.0)
        } else {
            Id::Name { place: ((self.0 & !Self::NAMED) >> SHARD_BITS) as u32 }
        }
    }

    /// The shard the customer belongs to.
    pub(super) fn shard(self) -> usize {
        if self.0 & Self::NAMED == 0 {
            (self.0.wrapping_mul(GOLDEN) >> (u64::BITS - SHARD_BITS)) as usize
        } else {
            self.0 as usize % SHARDS
        }
    }
}

/// What a code stands for.
pub(super) enum Id {
    /// The number itself.
    Number(u64),
    /// A name, in the shard's [`Names`].
    Name {
        /// Its place there.
        place: u32,
    },
}

/// The shard of a name, and the part of its hash that tells it from others there.
pub(super) fn hashed(name: &str) -> (usize, u32) {
    let hash = FxBuildHasher.hash_one(name).wrapping_mul(GOLDEN);
    ((hash >> (u64::BITS - SHARD_BITS)) as usize, (hash >> 16) as u32)
}

/// The distinct names of one shard, in one allocation.
#[derive(Debug, Default)]
pub(super) struct Names {
    slots: HashTable<Slot>,
    /// Length and text of each name.
    arena: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    place: u32,
}

impl Slot {
    fn spread(hash: u32) -> u64 {
        u64::from(hash).wrapping_mul(GOLDEN)
    }
}

const LENGTH: usize = size_of::<u32>();

impl Names {
    /// The place of a name with this hash, new or known; none if there is no room for another.
    pub(super) fn place(&mut self, hash: u32, name: &str) -> Option<u32> {
        const ROOM: usize = 1 << (Code::BITS - 1 - SHARD_BITS);
        let Self { slots, arena } = self;
        let known =
            slots.find(Slot::spread(hash), |slot| slot.hash == hash && at(arena, slot.place) == name.as_bytes());
        if let Some(slot) = known {
            return Some(slot.place);
        }
        let place = u32::try_from(arena.len()).ok().filter(|_| arena.len() + LENGTH + name.len() <= ROOM)?;
        arena.extend_from_slice(&u32::try_from(name.len()).ok()?.to_le_bytes());
        arena.extend_from_slice(name.as_bytes());
        slots.insert_unique(Slot::spread(hash), Slot { hash, place }, |slot| Slot::spread(slot.hash));
        Some(place)
    }

    /// The name at a place.
    pub(super) fn name(&self, place: u32) -> &str {
        std::str::from_utf8(at(&self.arena, place)).expect("names are text")
    }

    /// All names with their hashes and places.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u32, &str)> {
        self.slots.iter().map(|slot| (slot.hash, slot.place, self.name(slot.place)))
    }
}

fn at(arena: &[u8], place: u32) -> &[u8] {
    let (length, rest) = arena[place as usize..].split_first_chunk::<LENGTH>().expect("a length before each name");
    &rest[..u32::from_le_bytes(*length) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_their_own_codes_and_nothing_else_is() {
        for id in ["0", "7", "10", "549755813887"] {
            let code = Code::of_digits(id.as_bytes()).unwrap();
            assert!(matches!(code.id(), Id::Number(number) if number.to_string() == id));
            assert!(code.shard() < SHARDS);
        }
        for id in ["", "00", "07", "-1", "+1", "1.0", "1e3", " 1", "549755813888", "99999999999999999999", "é"] {
            assert_eq!(Code::of_digits(id.as_bytes()), None, "{id}");
        }
    }

    #[test]
    fn names_keep_their_places() {
        let mut names = Names::default();
        let ids: Vec<String> = (0..10_000).map(|i| format!("customer-{i}")).chain([String::new()]).collect();
        let places: Vec<u32> = ids.iter().map(|id| names.place(hashed(id).1, id).unwrap()).collect();
        for (id, &place) in ids.iter().zip(&places) {
            assert_eq!(names.place(hashed(id).1, id), Some(place));
            assert_eq!(names.name(place), id);
            let code = Code::of_name(hashed(id).0, place);
            assert_eq!(code.shard(), hashed(id).0);
            assert!(matches!(code.id(), Id::Name { place: found } if found == place));
        }
        assert_eq!(names.iter().count(), ids.len());
    }
}
