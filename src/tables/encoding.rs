//! Text in other encodings than UTF-8, as UTF-8.

use std::fmt;
use std::io::{self, Read};
use std::sync::{Arc, OnceLock};

use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::Error;
use crate::message::{opt, say};
use crate::options::as_text;

/// How characters are written as bytes: the encodings of the web, by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.name().to_lowercase())
    }
}

as_text!(Encoding);

impl std::str::FromStr for Encoding {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        encoding_rs::Encoding::for_label(text.as_bytes())
            .filter(|encoding| encoding.name() != "replacement")
            .map(Self)
            .ok_or_else(|| {
                Error::usage(say![
                    opt("encoding"),
                    " is `",
                    text.to_owned(),
                    "`, which is none; name one like utf-8, windows-1252, iso-8859-2, utf-16le or shift_jis"
                ])
            })
    }
}

impl Encoding {
    /// Whether it is one of two bytes a character, which is found without doubt.
    pub(super) fn is_utf16(self) -> bool {
        self.0 == UTF_16LE || self.0 == UTF_16BE
    }
}

/// The encoding that was found in a text, for whoever tells of it.
pub(super) type Found = Arc<OnceLock<Encoding>>;

/// UTF-16 that says so in its first bytes, or of whose first bytes nearly every other one is zero, as those of Latin letters are.
fn utf16(start: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    match start {
        [0xff, 0xfe, ..] => return Some(UTF_16LE),
        [0xfe, 0xff, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let start = &start[..start.len().min(4096)];
    let zeros = |from: usize| start.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let many = start.len() / 4;
    match (even > many, odd > many) {
        (false, true) if even == 0 => Some(UTF_16LE),
        (true, false) if odd == 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// A text as UTF-8. Whatever is given is what it is decoded from; else UTF-16 is told by its first bytes, and what turns out at its first
/// byte beyond ASCII not to be UTF-8 is Windows' western encoding, as spreadsheets write it.
pub(super) struct AsUtf8 {
    raw: Box<dyn Read + Send>,
    state: State,
    /// Read and not decoded yet.
    bytes: Vec<u8>,
    at_end: bool,
    /// Decoded, and from where on not handed out.
    text: Vec<u8>,
    given: usize,
    found: Found,
}

enum State {
    /// Nothing beyond ASCII was seen.
    Ascii,
    /// As it is.
    Utf8,
    Decoded(Decoder, &'static encoding_rs::Encoding),
}

/// Bytes decoded at once.
const AT_ONCE: usize = 1 << 16;

impl AsUtf8 {
    /// Of bytes that begin with `start`, and so are read from there.
    pub(super) fn new(start: &[u8], raw: Box<dyn Read + Send>, given: Option<Encoding>, found: Found) -> Self {
        let decoded = |encoding: &'static encoding_rs::Encoding| State::Decoded(encoding.new_decoder(), encoding);
        let state = match given.map(|encoding| encoding.0) {
            Some(encoding) if encoding == UTF_8 => State::Utf8,
            Some(encoding) => decoded(encoding),
            None => utf16(start).map_or(State::Ascii, decoded),
        };
        if let State::Decoded(_, encoding) = &state
            && given.is_none()
        {
            let _ = found.set(Encoding(encoding));
        }
        Self { raw, state, bytes: Vec::new(), at_end: false, text: Vec::new(), given: 0, found }
    }

    /// Whether bytes are handed out as they are.
    fn is_plain(&self) -> bool {
        matches!(self.state, State::Utf8) && self.bytes.is_empty() && self.given == self.text.len()
    }

    fn fill(&mut self) -> io::Result<()> {
        let before = self.bytes.len();
        (&mut self.raw).take(AT_ONCE as u64).read_to_end(&mut self.bytes)?;
        self.at_end = self.bytes.len() - before < AT_ONCE;
        if matches!(self.state, State::Ascii) && !self.bytes.is_ascii() {
            self.look()?;
        }
        self.text.clear();
        self.given = 0;
        match &mut self.state {
            State::Ascii | State::Utf8 => std::mem::swap(&mut self.text, &mut self.bytes),
            State::Decoded(decoder, encoding) => {
                let most = decoder.max_utf8_buffer_length_without_replacement(self.bytes.len());
                self.text.resize(most.unwrap_or(4 * self.bytes.len() + 16), 0);
                let (result, read, written) =
                    decoder.decode_to_utf8_without_replacement(&self.bytes, &mut self.text, self.at_end);
                self.text.truncate(written);
                if let DecoderResult::Malformed(..) = result {
                    let what = format!("its bytes are no {} text", encoding.name().to_lowercase());
                    return Err(io::Error::new(io::ErrorKind::InvalidData, what));
                }
                self.bytes.drain(..read);
            }
        }
        Ok(())
    }

    /// Looks at the first byte beyond ASCII.
    fn look(&mut self) -> io::Result<()> {
        let first = self.bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or_default();
        // A character may go on behind what was read.
        if self.bytes.len() - first < 4 && !self.at_end {
            let more = (&mut self.raw).take(4).read_to_end(&mut self.bytes)?;
            self.at_end = more < 4;
        }
        let valid = match std::str::from_utf8(&self.bytes[first..]) {
            Ok(_) => true,
            Err(error) => error.valid_up_to() > 0,
        };
        self.state = if valid { State::Utf8 } else { State::Decoded(WINDOWS_1252.new_decoder(), WINDOWS_1252) };
        if !valid {
            let _ = self.found.set(Encoding(WINDOWS_1252));
        }
        Ok(())
    }
}

impl Read for AsUtf8 {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.is_plain() {
            return self.raw.read(buffer);
        }
        while self.given == self.text.len() {
            if self.at_end && self.bytes.is_empty() {
                return Ok(0);
            }
            self.fill()?;
        }
        let length = buffer.len().min(self.text.len() - self.given);
        buffer[..length].copy_from_slice(&self.text[self.given..self.given + length]);
        self.given += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], given: Option<&str>) -> io::Result<(String, Option<String>)> {
        let found = Found::default();
        let given = given.map(|name| name.parse().unwrap());
        let raw = Box::new(io::Cursor::new(bytes.to_vec()));
        let mut text = String::new();
        AsUtf8::new(&bytes[..bytes.len().min(100)], raw, given, Arc::clone(&found)).read_to_string(&mut text)?;
        Ok((text, found.get().map(Encoding::to_string)))
    }

    fn of(bytes: &[u8]) -> (String, Option<String>) {
        read(bytes, None).unwrap()
    }

    const TEXT: &str = "id;Käufer\n1;Zoë €\n";

    #[test]
    fn marks_and_bytes_tell() {
        let utf16 = |write: fn(u16) -> [u8; 2]| TEXT.encode_utf16().flat_map(write).collect::<Vec<u8>>();
        let (little, big) = (utf16(u16::to_le_bytes), utf16(u16::to_be_bytes));
        for (bytes, name) in [
            ([b"\xff\xfe".to_vec(), little.clone()].concat(), "utf-16le"),
            ([b"\xfe\xff".to_vec(), big.clone()].concat(), "utf-16be"),
            (little, "utf-16le"),
            (big, "utf-16be"),
            (b"id;K\xe4ufer\n1;Zo\xeb \x80\n".to_vec(), "windows-1252"),
        ] {
            assert_eq!(of(&bytes), (TEXT.to_owned(), Some(name.to_owned())));
        }
        assert_eq!(of(TEXT.as_bytes()), (TEXT.to_owned(), None));
        assert_eq!(of(b"a,b\n"), ("a,b\n".to_owned(), None));
    }

    #[test]
    fn what_is_given_is_taken() {
        let polish = read(b"\xa3\xf3d\x9f", Some("windows-1250")).unwrap();
        assert_eq!(polish, ("Łódź".to_owned(), None));
        assert_eq!(read(TEXT.as_bytes(), Some("latin1")).unwrap().0, "id;KÃ¤ufer\n1;ZoÃ« â‚¬\n");
        // Half a pair.
        let error = read(&[0x00, 0xd8, 0x41, 0x00], Some("utf-16le")).unwrap_err();
        assert_eq!(error.to_string(), "its bytes are no utf-16le text");
        assert!("klingon".parse::<Encoding>().is_err() && "iso-2022-kr".parse::<Encoding>().is_err());
    }

    #[test]
    fn characters_may_come_late_and_in_two_parts() {
        for (before, after) in [(AT_ONCE - 1, 10), (AT_ONCE - 2, 0), (3 * AT_ONCE, 5), (2 * AT_ONCE - 1, 3 * AT_ONCE)] {
            let text = format!("{}€{}", "a".repeat(before), "bä".repeat(after));
            assert_eq!(of(text.as_bytes()), (text.clone(), None));
            let western: Vec<u8> = WINDOWS_1252.encode(&text).0.into_owned();
            assert_eq!(of(&western), (text, Some("windows-1252".to_owned())));
        }
    }
}
