//! Records that found no room in memory, in a temporary file that vanishes with the process, however it ends.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::Mutex;

use super::customer_codes::SHARDS;
use crate::error::{Error, Result};

/// A temporary file of records in rounds, each divided by shard.
#[derive(Debug, Default)]
pub(super) struct Spilled {
    file: Option<Mutex<File>>,
    /// Of each round, where every shard begins, and its end.
    rounds: Vec<Vec<u64>>,
}

fn failed(what: &str) -> impl FnOnce(std::io::Error) -> Error {
    let folder = std::env::temp_dir();
    Error::io(format!("cannot {what} the temporary file in {}; TMPDIR names another folder", folder.display()))
}

impl Spilled {
    /// Whether anything was written.
    pub(super) fn is_some(&self) -> bool {
        self.file.is_some()
    }

    /// Writes a round: of each shard what `records` writes into a buffer.
    pub(super) fn write(&mut self, size: usize, records: impl Fn(usize, &mut Vec<u8>)) -> Result<()> {
        let file = match &mut self.file {
            Some(file) => file.get_mut().expect("no thread panics with it"),
            None => {
                let file = tempfile::tempfile().map_err(failed("create"))?;
                self.file.insert(Mutex::new(file)).get_mut().expect("it is new")
            }
        };
        let mut end = self.rounds.last().map_or(0, |round| round[SHARDS]);
        file.seek(SeekFrom::Start(end)).map_err(failed("write"))?;
        let mut writer = BufWriter::with_capacity(1 << 18, file);
        let mut starts = vec![end];
        let mut bytes = Vec::new();
        for shard in 0..SHARDS {
            bytes.clear();
            records(shard, &mut bytes);
            debug_assert_eq!(bytes.len() % size, 0);
            writer.write_all(&bytes).map_err(failed("write"))?;
            end += bytes.len() as u64;
            starts.push(end);
        }
        writer.flush().map_err(failed("write"))?;
        self.rounds.push(starts);
        Ok(())
    }

    /// Hands over what each round holds of a shard.
    pub(super) fn read(&self, shard: usize, mut take: impl FnMut(&[u8])) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut bytes = Vec::new();
        for round in &self.rounds {
            bytes.resize((round[shard + 1] - round[shard]) as usize, 0);
            {
                let mut file = file.lock().expect("no thread panics with it");
                file.seek(SeekFrom::Start(round[shard])).map_err(failed("read"))?;
                file.read_exact(&mut bytes).map_err(failed("read"))?;
            }
            take(&bytes);
        }
        Ok(())
    }
}
