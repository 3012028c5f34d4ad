//! Gzip, as files hold it: one member after the other, and zeros after the last that fill a block.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

/// Decompresses all members of a file.
pub(super) struct Members<R: Read> {
    /// None after the last.
    member: Option<GzDecoder<BufReader<R>>>,
}

const BUFFER: usize = 1 << 18;

impl<R: Read> Members<R> {
    pub(super) fn new(raw: R) -> Self {
        Self { member: Some(GzDecoder::new(BufReader::with_capacity(BUFFER, raw))) }
    }
}

impl<R: Read> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            if let Some(mut raw) = self.member.take().map(GzDecoder::into_inner)
                && next_member(&mut raw)?
            {
                self.member = Some(GzDecoder::new(raw));
            }
        }
        Ok(0)
    }
}

/// Skips zeros; whether anything follows.
fn next_member(raw: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = raw.fill_buf()?;
        if bytes.is_empty() {
            return Ok(false);
        }
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let is_more = zeros < bytes.len();
        raw.consume(zeros);
        if is_more {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn member(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        Members::new(bytes).read_to_string(&mut text).map(|_| text)
    }

    #[test]
    fn members_follow_each_other_and_zeros_the_last() {
        let zeros = vec![0; BUFFER + 3];
        assert_eq!(read(&member("a\n")).unwrap(), "a\n");
        assert_eq!(read(&[member("a\n"), member(""), member("b\n"), zeros].concat()).unwrap(), "a\nb\n");
        assert!(read(&[member("a\n"), b"rest".to_vec()].concat()).is_err());
        let cut = member("a\nb\nc\n");
        assert_eq!(read(&cut[..cut.len() - 3]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
