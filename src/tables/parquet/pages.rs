//! Pages whose claims are checked before memory is taken for them: running out of it ends the process.

use std::sync::Arc;

use bytes::Bytes;
use parquet::arrow::arrow_reader::RowGroups;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};
use parquet::file::serialized_reader::SerializedPageReader;

use super::bytes::FileBytes;
use super::page_header::{PageHeader, delta_lengths};

/// Some row groups of a file.
pub(super) struct CheckedGroups {
    pub(super) bytes: Arc<FileBytes>,
    pub(super) metadata: Arc<ParquetMetaData>,
    pub(super) groups: Vec<usize>,
}

impl RowGroups for CheckedGroups {
    fn num_rows(&self) -> usize {
        self.row_groups().map(rows_of).sum()
    }

    fn column_chunks(&self, column: usize) -> Result<Box<dyn PageIterator>> {
        let (bytes, metadata) = (Arc::clone(&self.bytes), Arc::clone(&self.metadata));
        Ok(Box::new(CheckedChunks { bytes, metadata, column, groups: self.groups.clone().into_iter() }))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(self.groups.iter().map(|&group| self.metadata.row_group(group)))
    }

    fn metadata(&self) -> &ParquetMetaData {
        &self.metadata
    }
}

/// The chunks of one column.
struct CheckedChunks {
    bytes: Arc<FileBytes>,
    metadata: Arc<ParquetMetaData>,
    column: usize,
    groups: std::vec::IntoIter<usize>,
}

impl Iterator for CheckedChunks {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        let group = self.metadata.row_group(self.groups.next()?);
        let pages = CheckedPages::new(&self.bytes, group.column(self.column), rows_of(group));
        Some(pages.map(|pages| Box::new(pages) as Box<dyn PageReader>))
    }
}

impl PageIterator for CheckedChunks {}

/// The pages of one chunk.
struct CheckedPages {
    pages: SerializedPageReader<FileBytes>,
    bytes: Arc<FileBytes>,
    codec: Compression,
    /// How many kinds of levels stand before the values of a page.
    levels: usize,
    /// Where the next header is, as far as headers can be read, and the end of the chunk.
    next: Option<u64>,
    end: u64,
}

impl CheckedPages {
    fn new(bytes: &Arc<FileBytes>, chunk: &ColumnChunkMetaData, rows: usize) -> Result<Self> {
        let (start, length) = chunk.byte_range();
        let described = chunk.column_descr();
        Ok(Self {
            pages: SerializedPageReader::new(Arc::clone(bytes), chunk, rows, None)?,
            bytes: Arc::clone(bytes),
            codec: chunk.compression(),
            levels: usize::from(described.max_rep_level() > 0) + usize::from(described.max_def_level() > 0),
            next: Some(start),
            end: start.saturating_add(length),
        })
    }

    /// Steps over the header of the next page and what is in the page. A header that cannot be read is left to the reader to complain of.
    fn step(&mut self) -> Option<PageHeader> {
        loop {
            let place = self.next.filter(|&place| place < self.end)?;
            let header = PageHeader::read(&self.bytes, place, self.end);
            self.next = header.as_ref().and_then(|header| place.checked_add(header.length + header.stored_size));
            match header {
                Some(header) if header.is_index => {}
                header => return header,
            }
        }
    }
}

/// Up to so many bytes are no matter.
const SMALL: u64 = 1 << 20;

/// Takes memory for a moment, twice as much, because another thread may do the same.
fn check_memory(bytes: u64, what: &str) -> Result<()> {
    let is_there = bytes < SMALL
        || bytes
            .checked_mul(2)
            .and_then(|bytes| usize::try_from(bytes).ok())
            .is_some_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok());
    if is_there { Ok(()) } else { Err(ParquetError::General(format!("{what} would take {bytes} bytes of memory"))) }
}

/// What a page claims to hold when it is decompressed.
fn check_size(header: &PageHeader, codec: Compression) -> Result<()> {
    let largest_ratio = match codec {
        Compression::UNCOMPRESSED => 1,
        Compression::SNAPPY => 64,
        Compression::LZ4 | Compression::LZ4_RAW => 256,
        Compression::GZIP(_) => 1100,
        _ => u64::MAX,
    };
    let PageHeader { size, stored_size, .. } = *header;
    if size > SMALL && size / largest_ratio > stored_size {
        return Err(ParquetError::General(format!("a page of {stored_size} bytes claims to hold {size}")));
    }
    check_memory(size, "a page")
}

/// What is in a page: numbers of values for which memory would be taken.
fn check_values(page: &Page, levels: usize) -> Result<()> {
    let (buffer, encoding, most) = match page {
        // A value takes a bit at least.
        Page::DictionaryPage { buf, num_values, .. } => {
            let most = 8 * buf.len() as u64;
            let fits = u64::from(*num_values) <= most;
            return if fits { Ok(()) } else { Err(too_many(u64::from(*num_values), buf.len())) };
        }
        Page::DataPage { buf, num_values, encoding, .. } => (after_levels(buf, levels), encoding, num_values),
        Page::DataPageV2 { buf, num_values, encoding, def_levels_byte_len, rep_levels_byte_len, .. } => {
            let start = (*def_levels_byte_len as usize).saturating_add(*rep_levels_byte_len as usize);
            (buf.get(start..), encoding, num_values)
        }
    };
    // Lengths of texts; or of what they have in common with those before, and of the rest.
    let lists = match encoding {
        Encoding::DELTA_LENGTH_BYTE_ARRAY => 1,
        Encoding::DELTA_BYTE_ARRAY => 2,
        _ => 0,
    };
    let mut rest = buffer.unwrap_or_default();
    for _ in 0..lists {
        let Some((count, after)) = delta_lengths(rest) else { return Ok(()) };
        if count > u64::from(*most) {
            return Err(too_many(count, rest.len()));
        }
        check_memory(8 * count, "a page of text")?;
        rest = after;
    }
    Ok(())
}

fn too_many(values: u64, bytes: usize) -> ParquetError {
    ParquetError::General(format!("a page of {bytes} bytes claims {values} values"))
}

/// The values of a page of the first version, whose levels say how long they are.
fn after_levels(page: &Bytes, levels: usize) -> Option<&[u8]> {
    (0..levels).try_fold(&page[..], |rest, _| {
        let (length, rest) = rest.split_first_chunk()?;
        rest.get(u32::from_le_bytes(*length) as usize..)
    })
}

impl Iterator for CheckedPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for CheckedPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        if let Some(header) = self.step() {
            check_size(&header, self.codec)?;
        }
        let page = self.pages.get_next_page()?;
        page.iter().try_for_each(|page| check_values(page, self.levels))?;
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.step();
        self.pages.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}

pub(super) fn rows_of(group: &RowGroupMetaData) -> usize {
    usize::try_from(group.num_rows()).unwrap_or(0)
}
