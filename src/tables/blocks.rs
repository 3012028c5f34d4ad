//! Delimited text in blocks that end where records end, so that each can be parsed by itself.

use std::io::Read;

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use super::source::unreadable;
use crate::error::{Error, Place, Result, Row};

/// Bytes of a block, about: enough to pay for handing it over, few enough for a core's cache.
const BLOCK: usize = 1 << 19;

/// No record is longer: what goes on for so long is no table of orders.
const LONGEST_RECORD: usize = 1 << 24;

/// A record that runs over this many lines has a quote that was never closed.
pub(super) const LINES_IN_A_RECORD: u64 = 100;

/// Whole records, and the line on which they begin.
#[derive(Debug)]
pub(super) struct RawBlock {
    pub(super) bytes: Vec<u8>,
    pub(super) line: u64,
}

/// Cuts text into blocks.
pub(super) struct BlockReader {
    name: String,
    text: Box<dyn Read + Send>,
    delimiter: u8,
    /// The beginning of a record whose end has not been read.
    rest: Vec<u8>,
    /// The line on which it begins.
    line: u64,
}

/// Number of line feeds.
pub(super) fn lines(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

impl BlockReader {
    pub(super) fn new(name: &str, text: Box<dyn Read + Send>, delimiter: u8) -> Self {
        Self { name: name.to_owned(), text, delimiter, rest: Vec::new(), line: 1 }
    }

    /// The next block, none at the end of the text.
    pub(super) fn next(&mut self) -> Result<Option<RawBlock>> {
        loop {
            let before = self.rest.len();
            // A long record is looked at again each time, so the steps become longer too.
            let step = BLOCK.max(before);
            let read = (&mut self.text).take(step as u64).read_to_end(&mut self.rest);
            read.map_err(|error| unreadable(self.place(self.rest.len()), error))?;
            if let Some(nul) = memchr(0, &self.rest[before..]) {
                return Err(
                    Error::data("a NUL byte, which no text contains; the file is damaged").at(self.place(before + nul))
                );
            }
            let at_end = self.rest.len() - before < step;
            let scan = Scan::of(&self.rest, self.delimiter);
            if at_end {
                if let Some(quote) = scan.open_quote {
                    return Err(self.never_closed(quote, "the file"));
                }
                return Ok(self.cut(self.rest.len()));
            }
            if let Some(quote) = scan.open_quote
                && lines(&self.rest[quote..]) > LINES_IN_A_RECORD
            {
                return Err(self.never_closed(quote, &format!("{LINES_IN_A_RECORD} lines")));
            }
            if scan.records_end > 0 {
                return Ok(self.cut(scan.records_end));
            }
            if self.rest.len() > LONGEST_RECORD {
                return Err(Error::data(format!(
                    "a line of more than {} MB; this is not a table of orders",
                    LONGEST_RECORD >> 20
                ))
                .at(self.place(0)));
            }
        }
    }

    fn cut(&mut self, end: usize) -> Option<RawBlock> {
        if end == 0 {
            return None;
        }
        let mut rest = Vec::with_capacity(2 * BLOCK);
        rest.extend_from_slice(&self.rest[end..]);
        let mut bytes = std::mem::replace(&mut self.rest, rest);
        bytes.truncate(end);
        let block = RawBlock { line: self.line, bytes };
        self.line += lines(&block.bytes);
        Some(block)
    }

    fn place(&self, offset: usize) -> Place {
        Place::new(&self.name, Row::Line(self.line + lines(&self.rest[..offset])))
    }

    fn never_closed(&self, quote: usize, reach: &str) -> Error {
        Error::data(format!("a quote opened here is not closed within {reach}")).at(self.place(quote))
    }
}

/// Where records end in text that begins with one.
#[derive(Debug, PartialEq, Eq)]
struct Scan {
    /// Behind the last line feed that ends a record.
    records_end: usize,
    /// The quote within which the text ends.
    open_quote: Option<usize>,
}

impl Scan {
    /// A quote at the start of a field opens it, and the next quote closes it unless another follows; all other quotes are
    /// text. As the parser of records has it.
    fn of(text: &[u8], delimiter: u8) -> Self {
        if memchr(b'"', text).is_none() {
            return Self { records_end: memrchr(b'\n', text).map_or(0, |end| end + 1), open_quote: None };
        }
        let mut records_end = 0;
        let mut at = 0;
        loop {
            // At the start of a field.
            if text.get(at) == Some(&b'"') {
                let opened = at;
                at += 1;
                loop {
                    let Some(quote) = memchr(b'"', &text[at..]) else {
                        return Self { records_end, open_quote: Some(opened) };
                    };
                    at += quote + 1;
                    if text.get(at) != Some(&b'"') {
                        break;
                    }
                    at += 1;
                }
            }
            let Some(end) = memchr2(delimiter, b'\n', &text[at..]) else {
                return Self { records_end, open_quote: None };
            };
            at += end + 1;
            if text[at - 1] == b'\n' {
                records_end = at;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &'static [u8]) -> Result<Vec<(String, u64)>> {
        let mut reader = BlockReader::new("orders.csv", Box::new(text), b',');
        let mut blocks = Vec::new();
        while let Some(block) = reader.next()? {
            blocks.push((String::from_utf8(block.bytes).unwrap(), block.line));
        }
        Ok(blocks)
    }

    #[test]
    fn records_end_at_line_feeds_outside_quotes() {
        let both = |text: &str, whole: &str, open_quote| {
            let records_end = whole.len();
            assert_eq!(Scan::of(text.as_bytes(), b','), Scan { records_end, open_quote }, "{text}");
        };
        both("a,b\nc", "a,b\n", None);
        both("a,\"b\nc\",d\ne", "a,\"b\nc\",d\n", None);
        both("a,b\nc,\"d\ne", "a,b\n", Some(6));
        // Quotes within a field are text; two in a quoted field are one.
        both("a\"b,c\nd", "a\"b,c\n", None);
        both("\"a\"\"\nb\",c\nd", "\"a\"\"\nb\",c\n", None);
        both("\"a\"b\"\n\"", "\"a\"b\"\n", Some(6));
        both("", "", None);
    }

    #[test]
    fn long_text_is_cut_between_records() {
        let rows: String = (0..100_000).map(|i| format!("{i},\"x\ny\",{}\n", i * 7)).collect();
        let text: &'static str = rows.leak();
        let blocks = blocks(text.as_bytes()).unwrap();
        assert!(blocks.len() > 1);
        let mut line = 1;
        for (block, first) in &blocks {
            assert_eq!(*first, line);
            assert!(block.ends_with('\n') && block.as_bytes()[0].is_ascii_digit());
            line += block.matches('\n').count() as u64;
        }
        assert_eq!(blocks.iter().map(|(block, _)| block.as_str()).collect::<String>(), text);
    }

    #[test]
    fn what_is_no_text_is_named_with_its_line() {
        let message = |text: Vec<u8>| blocks(text.leak()).unwrap_err().to_string();
        assert!(message(b"a\nb\nc\0d\n".to_vec()).starts_with("orders.csv line 3: a NUL byte"));
        assert!(
            message([b"a\n".to_vec(), vec![b'x'; 40 << 20]].concat()).starts_with("orders.csv line 2: a line of more")
        );
        assert!(message(b"a\nb,\"c\n".to_vec()).starts_with("orders.csv line 2: a quote opened here is not closed"));
        let open = [b"a\n\"b".to_vec(), b"c\n".repeat(1 << 20)].concat();
        assert!(message(open).starts_with("orders.csv line 2: a quote opened here is not closed within 100 lines"));
    }
}
