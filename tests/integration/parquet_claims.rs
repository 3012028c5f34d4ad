//! Parquet files whose pages claim more than there is: they end in an error that says where, in little memory.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, Encoding, GzipLevel, ZstdLevel};
use parquet::file::metadata::{
    ColumnChunkMetaData, FileMetaData, ParquetMetaData, ParquetMetaDataWriter, RowGroupMetaData,
};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::SchemaDescriptor;

use crate::command::Folder;

const ROWS: usize = 4;
const HUGE: i64 = i32::MAX as i64;

/// Numbers as Thrift's compact protocol and the delta encodings have them.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 128 {
        bytes.push(number as u8 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn zigzag(number: i64) -> Vec<u8> {
    varint((number << 1 ^ number >> 63) as u64)
}

/// The page's header: its kind (data 0, dictionary 2), both sizes, how many values there are, and their encoding.
struct Page {
    kind: i64,
    size: Option<i64>,
    stored_size: Option<i64>,
    values: i64,
    encoding: i64,
    content: Vec<u8>,
}

const PLAIN: i64 = 0;
const DELTA_BINARY_PACKED: i64 = 5;
const DELTA_LENGTH_BYTE_ARRAY: i64 = 6;
const DELTA_BYTE_ARRAY: i64 = 7;
const RLE_DICTIONARY: i64 = 8;
const RLE: i64 = 3;

impl Page {
    fn data(content: Vec<u8>) -> Self {
        Self { kind: 0, size: None, stored_size: None, values: ROWS as i64, encoding: PLAIN, content }
    }

    /// Fields of a struct, each one number after the one before it.
    fn bytes(&self, codec: Compression) -> Vec<u8> {
        let stored = match codec {
            Compression::ZSTD(_) => zstd::encode_all(&*self.content, 1).unwrap(),
            Compression::GZIP(_) => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(&self.content).unwrap();
                encoder.finish().unwrap()
            }
            _ => self.content.clone(),
        };
        let int = |step: u8, value: i64| [vec![step << 4 | 5], zigzag(value)].concat();
        let sizes = [
            int(1, self.kind),
            int(1, self.size.unwrap_or(self.content.len() as i64)),
            int(1, self.stored_size.unwrap_or(stored.len() as i64)),
        ];
        let counts = [int(1, self.values), int(1, self.encoding)];
        let (step, levels) = if self.kind == 0 { (2, [int(1, RLE), int(1, RLE)].concat()) } else { (4, Vec::new()) };
        [&sizes.concat()[..], &[step << 4 | 12], &counts.concat(), &levels, &[0, 0], &stored].concat()
    }
}

/// A file of three columns, the first two of which have these pages.
fn file(customers: &[Page], days: &Page, codec: Compression, rows: i64) -> Vec<u8> {
    let schema = parse_message_type(
        "message orders { required binary customer_id (UTF8); required int32 order_date (DATE); required double amount; }",
    );
    let schema = Arc::new(SchemaDescriptor::new(Arc::new(schema.unwrap())));
    let mut bytes = b"PAR1".to_vec();
    let amounts = Page::data([10_f64, 20.0, 30.0, 40.0].iter().flat_map(|amount| amount.to_le_bytes()).collect());
    let columns = [customers.iter().collect::<Vec<&Page>>(), vec![days], vec![&amounts]];
    let mut chunks = Vec::new();
    for (pages, described) in columns.into_iter().zip(schema.columns()) {
        let (start, mut data) = (bytes.len(), None);
        for page in &pages {
            if page.kind == 0 {
                data.get_or_insert(bytes.len());
            }
            bytes.extend(page.bytes(codec));
        }
        let size = (bytes.len() - start) as i64;
        let chunk = ColumnChunkMetaData::builder(Arc::clone(described))
            .set_encodings(vec![Encoding::PLAIN])
            .set_compression(codec)
            .set_num_values(rows)
            .set_total_compressed_size(size)
            .set_total_uncompressed_size(size)
            .set_dictionary_page_offset(Some(start as i64).filter(|_| pages[0].kind == 2))
            .set_data_page_offset(data.unwrap() as i64);
        chunks.push(chunk.build().unwrap());
    }
    let group = RowGroupMetaData::builder(Arc::clone(&schema)).set_num_rows(rows).set_column_metadata(chunks);
    let described = FileMetaData::new(2, rows, None, None, schema, None);
    let metadata = ParquetMetaData::new(described, vec![group.build().unwrap()]);
    ParquetMetaDataWriter::new(&mut bytes, &metadata).finish().unwrap();
    bytes
}

fn names() -> Vec<u8> {
    ["a", "b", "a", "b"].iter().flat_map(|name| [&1_u32.to_le_bytes()[..], name.as_bytes()].concat()).collect()
}

fn days() -> Page {
    Page::data((18_000_i32..18_004).flat_map(i32::to_le_bytes).collect())
}

/// The head of a delta encoding that claims so many values, and one block.
fn delta(values: u64) -> Vec<u8> {
    [varint(128), varint(4), varint(values), zigzag(1), zigzag(0), vec![0; 4]].concat()
}

/// With 1.5 GB, of which a page may claim 2.
fn summarize(folder: &Folder) -> (Option<i32>, String, String) {
    let clv = env!("CARGO_BIN_EXE_clv");
    let limited = format!("ulimit -v 1500000; exec '{clv}' summarize orders.parquet");
    let done = std::process::Command::new("sh").args(["-c", &limited]).current_dir(folder.path()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (done.status.code(), text(&done.stdout), text(&done.stderr))
}

const CODECS: [fn() -> Compression; 3] = [
    || Compression::UNCOMPRESSED,
    || Compression::ZSTD(ZstdLevel::default()),
    || Compression::GZIP(GzipLevel::default()),
];

#[test]
fn pages_that_hold_what_they_claim_are_read() {
    let folder = Folder::new();
    for codec in CODECS {
        folder.write("orders.parquet", file(&[Page::data(names())], &days(), codec(), ROWS as i64));
        let (code, stdout, stderr) = summarize(&folder);
        assert_eq!(code, Some(0), "{stderr}");
        assert!(stdout.contains("\na,1,") && stdout.contains("\nb,1,"), "{stdout}");
    }
    let dictionary = Page { kind: 2, values: 2, ..Page::data(names()[..10].to_vec()) };
    // One bit a value, of a run of eight.
    let keys = Page { encoding: RLE_DICTIONARY, ..Page::data(vec![1, 3, 0b1010]) };
    folder.write("orders.parquet", file(&[dictionary, keys], &days(), Compression::UNCOMPRESSED, ROWS as i64));
    let (code, stdout, stderr) = summarize(&folder);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("\na,1,") && stdout.contains("\nb,1,"), "{stdout}");
}

#[test]
fn pages_that_claim_more_than_there_is_are_errors() {
    let folder = Folder::new();
    // A claim that nothing depends on may be false.
    let fails = |what: &str, bytes: Vec<u8>| {
        folder.write("orders.parquet", bytes);
        let (code, stdout, stderr) = summarize(&folder);
        let is_right = code == Some(0) && stdout.contains("\na,1,") && stdout.contains("\nb,1,");
        assert!(is_right || code == Some(1), "{what}: {code:?} {stderr}");
        assert!(stderr.contains("orders.parquet"), "{what}: {stderr}");
        assert!(!stderr.contains("panicked"), "{what}: {stderr}");
    };
    let rows = ROWS as i64;
    for codec in CODECS {
        let with = |page: Page| file(&[page], &days(), codec(), rows);
        fails("size", with(Page { size: Some(HUGE), ..Page::data(names()) }));
        fails("stored size", with(Page { stored_size: Some(HUGE), ..Page::data(names()) }));
        fails("negative size", with(Page { size: Some(-1), ..Page::data(names()) }));
        fails("values", file(&[Page { values: HUGE, ..Page::data(names()) }], &days(), codec(), HUGE));
        fails("rows", file(&[Page::data(names())], &days(), codec(), 1 << 60));
        fails("negative rows", file(&[Page::data(names())], &days(), codec(), -5));
        for values in [HUGE, -1] {
            let dictionary = Page { kind: 2, values, ..Page::data(names()[..10].to_vec()) };
            let keys = Page { encoding: RLE_DICTIONARY, ..Page::data(vec![1, 3, 0b1010]) };
            fails("dictionary", file(&[dictionary, keys], &days(), codec(), rows));
        }
        let long = [&u32::MAX.to_le_bytes()[..], b"a"].concat();
        fails("text", with(Page::data(long)));
        for values in [1 << 34, 1 << 40, u64::MAX] {
            for encoding in [DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY] {
                fails("delta", with(Page { encoding, ..Page::data(delta(values)) }));
            }
            let days = Page { encoding: DELTA_BINARY_PACKED, ..Page::data(delta(values)) };
            let file = file(&[Page::data(names())], &days, codec(), HUGE);
            fails("delta of numbers", file);
        }
    }
}
