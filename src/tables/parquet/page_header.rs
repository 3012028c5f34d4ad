//! The headers of pages and of delta encodings, as far as sizes stand in them.

use parquet::file::reader::Length;

use super::bytes::FileBytes;

/// What a page's header says of sizes (Thrift's compact protocol; the structure `PageHeader` of the Parquet format).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PageHeader {
    /// Bytes of the page when it is decompressed.
    pub(super) size: u64,
    /// Its bytes in the file.
    pub(super) stored_size: u64,
    /// Bytes of the header itself.
    pub(super) length: u64,
    /// Whether it is an index, which readers step over.
    pub(super) is_index: bool,
}

/// Headers are short, unless they have long texts for statistics.
const LENGTHS: [usize; 3] = [256, 1 << 14, 1 << 20];

const INDEX_PAGE: i64 = 1;

impl PageHeader {
    /// At a place of a file, before the end of the chunk; nothing if there is no header.
    pub(super) fn read(bytes: &FileBytes, place: u64, end: u64) -> Option<Self> {
        let end = end.min(bytes.len());
        let most = usize::try_from(end.saturating_sub(place)).unwrap_or(usize::MAX);
        LENGTHS.into_iter().find_map(|length| Self::parse(&bytes.up_to(place, length.min(most)).ok()?))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        const I32: u8 = 5;
        let mut reader = Compact(bytes);
        let (mut kind, mut size, mut stored_size) = (None, None, None);
        let mut id = 0;
        while let Some(field) = reader.field(&mut id)? {
            match (id, field) {
                (1, I32) => kind = Some(reader.zigzag()?),
                (2, I32) => size = Some(reader.zigzag()?),
                (3, I32) => stored_size = Some(reader.zigzag()?),
                (_, field) => reader.skip(field, 8)?,
            }
        }
        let length = (bytes.len() - reader.0.len()) as u64;
        let (size, stored_size) = (u64::try_from(size?).ok()?, u64::try_from(stored_size?).ok()?);
        Some(Self { size, stored_size, length, is_index: kind? == INDEX_PAGE })
    }
}

/// Thrift's compact protocol.
struct Compact<'a>(&'a [u8]);

impl Compact<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 127).checked_shl(shift)?;
            if byte < 128 {
                return Some(number);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let number = self.varint()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn drop(&mut self, bytes: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(bytes).ok()?..)?;
        Some(())
    }

    /// The kind of the next field, whose number is counted from the one before; no kind at the end of the structure.
    #[expect(clippy::option_option, reason = "the bytes end, or the structure does")]
    fn field(&mut self, id: &mut i64) -> Option<Option<u8>> {
        let head = self.byte()?;
        if head == 0 {
            return Some(None);
        }
        let step = i64::from(head >> 4);
        *id = if step == 0 { self.zigzag()? } else { *id + step };
        Some(Some(head & 15))
    }

    /// Steps over a value; structures in structures no deeper than this.
    fn skip(&mut self, kind: u8, depth: u32) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            // True and false are the field's kind itself.
            1 | 2 => Some(()),
            3 => self.drop(1),
            4..=6 => self.varint().map(|_| ()),
            7 => self.drop(8),
            8 => {
                let length = self.varint()?;
                self.drop(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                (0..count).try_for_each(|_| self.element(head & 15, depth))
            }
            11 => {
                let count = self.varint()?;
                let kinds = if count == 0 { 0 } else { self.byte()? };
                (0..count).try_for_each(|_| {
                    self.element(kinds >> 4, depth)?;
                    self.element(kinds & 15, depth)
                })
            }
            12 => {
                let mut id = 0;
                while let Some(field) = self.field(&mut id)? {
                    self.skip(field, depth)?;
                }
                Some(())
            }
            _ => None,
        }
    }

    /// In lists, true and false are bytes.
    fn element(&mut self, kind: u8, depth: u32) -> Option<()> {
        if matches!(kind, 1 | 2) { self.drop(1) } else { self.skip(kind, depth) }
    }
}

/// How many numbers a delta encoding claims, and what follows it: `DELTA_BINARY_PACKED` of the Parquet format. Nothing if it cannot be
/// read.
pub(super) fn delta_lengths(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut reader = Compact(bytes);
    let (block, parts, count) = (reader.varint()?, reader.varint()?, reader.varint()?);
    reader.zigzag()?;
    let part = block.checked_div(parts)?;
    let mut left = count.saturating_sub(1);
    // What is cut short is for the decoder to find; of a claim, the number alone matters.
    while left > 0 && !reader.0.is_empty() {
        let Some(widths) = reader.zigzag().and_then(|_| reader.0.get(..usize::try_from(parts).ok()?)) else {
            return Some((count, &[]));
        };
        reader.0 = &reader.0[widths.len()..];
        for &width in widths {
            if left == 0 {
                break;
            }
            let bits = part.saturating_mul(width.into());
            if reader.drop(bits / 8).is_none() {
                return Some((count, &[]));
            }
            left = left.saturating_sub(part);
        }
        if part == 0 {
            return Some((count, &[]));
        }
    }
    Some((count, reader.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_found_behind_any_other_field() {
        // Kind 0, sizes 300 and 7; then a structure with a text, a list of two numbers, a map and a truth.
        let header = [
            0x15, 0x00, 0x15, 0xd8, 0x04, 0x15, 0x0e, 0x2c, 0x18, 0x02, b'a', b'b', 0x19, 0x25, 0x02, 0x04, 0x1b, 0x01,
            0x58, 0x02, 0x01, b'x', 0x11, 0x00, 0x00, 0xff,
        ];
        let found = PageHeader::parse(&header);
        assert_eq!(found, Some(PageHeader { size: 300, stored_size: 7, length: 25, is_index: false }));
        for length in 0..25 {
            assert_eq!(PageHeader::parse(&header[..length]), None, "{length}");
        }
    }

    #[test]
    fn delta_encodings_end_where_they_end() {
        // Blocks of 128 in 4 parts; five numbers from 7 on, in one part of 2 bits a number (8 bytes).
        let mut bytes = vec![0x80, 0x01, 0x04, 0x05, 0x0e, 0x00, 2, 0, 0, 0];
        bytes.extend([0xaa; 8]);
        bytes.extend([1, 2, 3]);
        assert_eq!(delta_lengths(&bytes), Some((5, &[1, 2, 3][..])));
        assert_eq!(delta_lengths(&bytes[..12]), Some((5, &[][..])));
        assert_eq!(delta_lengths(&[0x80]), None);
    }
}
