//! Summaries that add up: everything that has been delivered of an order history, in a Parquet file that can be added to.
//!
//! A state is the multiset of orders, merged by customer and day, with the list of the files they came in. Adding deliveries is
//! associative and commutative: the same files in any order and in any division give the same state, to the bit, and so the
//! summary of everything at once. Sums are exact ([`ExactSum`](crate::summary::ExactSum)), which is what makes that possible. A file that was delivered
//! before is known by its SHA-256 and adds nothing. A customer's day of which an earlier delivery has orders too may be the same
//! orders again in another file; no state can tell, so they are refused unless the caller knows them to be others.

mod checksum;
mod rows;
mod rules;
mod update;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::file_record::FileRecord;
use crate::message::{Message, flag, opt, say};
use crate::orders::{Currency, Duplicates, LONGEST_HOLE, OrderOptions, ReadReport, read_orders};
use crate::parallel::in_turn;
use crate::summary::{CurrencyCode, PurchaseLog};
use crate::tables::{
    BytesRead, FileOptions, Input, OutputFormat, PART_ROWS, Staged, TablePart, TableReader, TableWriter, clip,
};
use checksum::Checksum;
use rows::{Rows, read_rows};
use rules::Rules;
pub use update::{Overlap, StateOptions, StateUpdate};

/// The key of the file's metadata under which the state describes itself.
pub(crate) const KEY: &str = "clv-state";

/// Version 1 has no checksum; version 2 no currency, and fewer rules. What has neither is written as version 2, which older programs
/// read.
const VERSION: u32 = 3;

/// A file that was delivered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// SHA-256 of the file's bytes, as `sha256sum` prints it.
    pub sha256: String,
    /// Its name without folders, when it was delivered.
    pub name: String,
    /// Rows, the header not counted.
    pub rows: u64,
}

/// What became of all rows delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Rows in all.
    pub rows: u64,
    /// Orders used, returns included.
    pub used: u64,
    /// Returns among them.
    pub returns: u64,
    /// Orders among them that cost nothing.
    pub at_price_zero: u64,
    /// Rows left out, by reason.
    pub left_out: BTreeMap<String, u64>,
}

/// What the file says of itself.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    version: u32,
    rules: Rules,
    counts: Counts,
    deliveries: Vec<Delivery>,
    /// Whether customers were text in a table whose columns have types, also where they look like numbers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ids_are_text: bool,
    /// What amounts are in, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    currency: Option<CurrencyCode>,
    /// The sign of it that stands for several, if that is all that is known: `$`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    currency_sign: Option<String>,
}

impl Description {
    /// The oldest version that says as much.
    fn version(&self) -> u32 {
        if self.currency.is_some() || self.currency_sign.is_some() || self.rules.are_more() { VERSION } else { 2 }
    }
}

/// A state in memory, with the lock on its file if it has one.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    rules: Rules,
    counts: Counts,
    deliveries: Vec<Delivery>,
    log: PurchaseLog,
    /// What amounts are in, as far as it is known.
    currency: Option<Currency>,
    lock: Option<Lock>,
}

/// A lock on a file, until it is dropped.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    /// Closing the file is not enough: a process that is being started by another thread has it open, too, for a moment, and the lock
    /// would last as long.
    fn drop(&mut self) {
        // What cannot be unlocked is closed.
        let _ = self.0.unlock();
    }
}

/// What came of a delivery.
#[derive(Debug)]
pub struct Delivered {
    /// What was read; nothing if all files were known.
    pub report: Option<ReadReport>,
    /// Files that had been delivered before, by their names now and then.
    pub known: Vec<(String, String)>,
}

impl StateFile {
    /// A state without orders, to be written to a file that must not exist.
    ///
    /// # Errors
    /// [`Error::usage`] if it does, or has no name of a Parquet file.
    pub fn begin(path: &Path, options: &OrderOptions) -> Result<Self> {
        check_name(path)?;
        if path.exists() {
            return Err(Error::usage(say![
                format!("{} exists: ", path.display()),
                flag("append"),
                " adds orders to it; to begin anew, remove it first"
            ]));
        }
        Ok(Self {
            path: path.to_owned(),
            rules: Rules::of(options),
            counts: Counts::default(),
            deliveries: Vec::new(),
            log: empty_log(options, &Rules::of(options).keep),
            currency: None,
            lock: None,
        })
    }

    /// Reads a state and locks its file; columns kept are those of the state.
    ///
    /// # Errors
    /// [`Error::data`] if it is no state or another run is adding to it, [`Error::io`] if it cannot be read.
    pub fn open(path: &Path, options: &OrderOptions, progress: &BytesRead) -> Result<Self> {
        Self::locked(path, options, progress, true)
    }

    /// Reads a state to which nothing will be added; others may read it meanwhile.
    ///
    /// # Errors
    /// As [`StateFile::open`].
    pub fn open_to_read(path: &Path, options: &OrderOptions, progress: &BytesRead) -> Result<Self> {
        Self::locked(path, options, progress, false)
    }

    fn locked(path: &Path, options: &OrderOptions, progress: &BytesRead, exclusive: bool) -> Result<Self> {
        check_name(path)?;
        let lock = locked(path, exclusive)?;
        let name = path.display().to_string();
        let mut table = TableReader::open(&Input::Path(path.to_owned()), &FileOptions::default(), progress)?;
        let wrong = |what: Message| Error::data(what).in_file(&name);
        let text =
            table.metadata(KEY).ok_or_else(|| wrong(say!["this is not a state that ", opt("state"), " wrote"]))?;
        let version = serde_json::from_str::<serde_json::Value>(&text).ok().and_then(|json| json["version"].as_u64());
        if version.is_some_and(|version| version > VERSION.into()) {
            return Err(wrong("a newer version of clv wrote this state".into()));
        }
        let Description { version, rules, counts, deliveries, ids_are_text, currency, currency_sign } =
            serde_json::from_str(&text).map_err(|error| wrong(say!["a damaged state ({error})"]))?;
        let log = empty_log(options, &rules.keep).with_currency(currency);
        let written = currency.map(|code| code.to_string()).or(currency_sign);
        let currency = written.and_then(|written| Currency::named(&written));
        let log = if ids_are_text { log.with_text_ids() } else { log };
        let (checksum, stated) = read_rows(&mut table, &log)?;
        if log.days().is_none() {
            return Err(wrong("a state without orders, which no run leaves; begin it anew with the orders".into()));
        }
        let expected = (version > 1).then(|| checksum.with(&text));
        if stated != expected {
            return Err(wrong(
                "a damaged state: what is in it is not what was written. Take a copy of it, or begin it anew with \
                 the orders"
                    .into(),
            ));
        }
        Ok(Self { path: path.to_owned(), rules, counts, deliveries, log, currency, lock: Some(lock) })
    }

    /// Names of the columns kept besides.
    pub fn keep(&self) -> &[String] {
        &self.rules.keep
    }

    /// Everything delivered so far.
    pub fn log(&mut self) -> &mut PurchaseLog {
        &mut self.log
    }

    /// The files delivered so far, by hash.
    pub fn deliveries(&self) -> &[Delivery] {
        &self.deliveries
    }

    /// What became of their rows.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Adds files that belong together: of one customer and day several of them may have orders. Files that are known add
    /// nothing. Orders on days of customers that earlier deliveries have orders of are refused, unless they are said to be others.
    ///
    /// # Errors
    /// [`Error::usage`] if orders are read by other rules than those before, or from what is no file; [`Error::data`] for days
    /// delivered before and for a file that changes while it is read; those of [`read_orders`].
    pub fn deliver(
        &mut self,
        files: &[Input],
        options: &OrderOptions,
        others: bool,
        progress: &BytesRead,
    ) -> Result<Delivered> {
        let rules = Rules::of(options);
        if let Some((before, now)) = self.rules.difference(&rules) {
            let message =
                say!["orders were read ", before, ", and these would be ", now, "; a state takes one of them"];
            return Err(Error::usage(message).in_file(self.path.display().to_string()));
        }
        if others && options.duplicates == Duplicates::Drop {
            return Err(Error::usage(say![
                opt("overlap").with("add"),
                " and ",
                opt("duplicates").with("drop"),
                " do not go together: which rows are equal is known of the files of one delivery only"
            ]));
        }
        let (mut new, mut known): (Vec<(Input, Content)>, _) = (Vec::new(), Vec::new());
        for file in files {
            let content = Content::of(file)?;
            let twice =
                new.iter().find(|(_, other)| other.record == content.record).map(|(other, _)| other.to_string());
            let before = self.deliveries.iter().find(|delivery| delivery.sha256 == content.record.sha256);
            match twice.or_else(|| before.map(|delivery| delivery.name.clone())) {
                Some(before) => known.push((file.to_string(), before)),
                None => new.push((file.clone(), content)),
            }
        }
        if new.is_empty() {
            return Ok(Delivered { report: None, known });
        }
        let inputs: Vec<Input> = new.iter().map(|(input, _)| input.clone()).collect();
        let (options, told) = self.rules.taken_over(options);
        let (mut log, mut report) = read_orders(&inputs, &options, progress)?;
        report.told.splice(0..0, told);
        for (input, content) in &new {
            content.check(input)?;
        }
        self.check_hole(&log)?;
        let currency = Currency::of_both(self.currency, report.written_currency).map_err(|error| {
            let advice = ". A state holds what was read in one way: begin it anew so, or another for these files";
            error.reworded(|message| say![message, advice]).in_file(self.path.display().to_string())
        })?;
        if !others && let Some((days, customer, day)) = self.log.shared_days(&mut log)? {
            return Err(Error::data(say![format!("{days} days of customers have orders in these files and in earlier ones (customer `{}` on {day}, for \
                                                 instance). If these are the same orders again, leave the files out; if they are other orders, add ", clip(&customer)), opt("overlap").with("add")]).in_file(self.path.display().to_string()));
        }
        self.log.merge(log)?;
        self.currency = currency;
        self.rules.add(rules);
        for ((input, content), read) in new.into_iter().zip(&report.files) {
            self.deliveries.push(Delivery { sha256: content.record.sha256, name: file_name(&input), rows: read.rows });
        }
        self.deliveries.sort_unstable();
        self.counts.add(&report);
        Ok(Delivered { report: Some(report), known })
    }

    /// Neither these days nor those of earlier deliveries have a hole of years in them; there may be one between them.
    fn check_hole(&self, new: &PurchaseLog) -> Result<()> {
        let (Some(known), Some(new)) = (self.log.days(), new.days()) else { return Ok(()) };
        for (before, after) in [(known.1, new.0), (new.1, known.0)] {
            if after.days_since(before) > LONGEST_HOLE {
                return Err(Error::data(format!(
                    "no order for {} years between {before} and {after}, the days of these files and those of earlier \
                     ones, so dates are probably mistyped; correct them",
                    after.days_since(before) / 365
                ))
                .in_file(self.path.display().to_string()));
            }
        }
        Ok(())
    }

    /// Begins the file of the state; nothing changes before the commit.
    ///
    /// # Errors
    /// [`Error::io`] if it cannot be written.
    pub fn stage(&mut self) -> Result<Staged> {
        let mut description = Description {
            version: VERSION,
            rules: self.rules.clone(),
            counts: self.counts.clone(),
            deliveries: self.deliveries.clone(),
            ids_are_text: self.log.ids_are_text(),
            currency: self.log.currency(),
            currency_sign: self
                .currency
                .filter(|currency| currency.code().is_none())
                .map(|currency| currency.sign().to_owned()),
        };
        description.version = description.version();
        let text = serde_json::to_string(&description).expect("a description is JSON");
        let mut writer = TableWriter::create(&self.path)?.with_metadata(KEY, text.clone());
        let contents = self.log.contents()?;
        let mut checksum = Checksum::default();
        // As many shards together as make a part of a table, by the number of orders.
        let shards = PurchaseLog::shards().len();
        let parts = usize::try_from(self.counts.used).unwrap_or(shards).div_ceil(PART_ROWS).clamp(1, shards);
        let part = |i: usize| {
            let rows = Rows::of_shards(contents, i * shards / parts..(i + 1) * shards / parts)?;
            Ok((rows.encoded()?, rows.checksum))
        };
        in_turn(parts, part, |part: Result<(TablePart, Checksum)>| {
            let (part, of_part) = part?;
            checksum.plus(of_part);
            writer.write(part)
        })?;
        writer.write(Rows::of_checksum(checksum, &text).encoded()?)?;
        let staged = writer.finish()?;
        Ok(if self.lock.is_none() { staged.only_if_new() } else { staged })
    }
}

impl Counts {
    fn add(&mut self, report: &ReadReport) {
        self.rows += report.rows;
        self.used += report.used;
        self.returns += report.returns;
        self.at_price_zero += report.at_price_zero;
        for (reason, rows, _) in report.left_out.reasons() {
            *self.left_out.entry(reason.key().to_owned()).or_default() += rows;
        }
    }
}

fn empty_log(options: &OrderOptions, keep: &[String]) -> PurchaseLog {
    let log = PurchaseLog::with_attributes(options.grain, keep);
    match options.memory {
        Some(bytes) => log.holding(bytes),
        None => log,
    }
}

fn check_name(path: &Path) -> Result<()> {
    match OutputFormat::of(path) {
        Ok(OutputFormat::Parquet) => Ok(()),
        _ => Err(Error::usage("a state is a Parquet file; its name must end in .parquet")
            .in_file(path.display().to_string())),
    }
}

/// Opens a file for which no other run holds the lock. A file that was replaced meanwhile is not the one to be locked.
fn locked(path: &Path, exclusive: bool) -> Result<Lock> {
    let failed = || Error::reading(path.display().to_string());
    let busy =
        || Error::data("another run is adding to it; try again when that is done").in_file(path.display().to_string());
    let file = File::open(path).map_err(failed())?;
    match if exclusive { file.try_lock() } else { file.try_lock_shared() } {
        Ok(()) => {}
        Err(std::fs::TryLockError::WouldBlock) => return Err(busy()),
        Err(std::fs::TryLockError::Error(error)) => return Err(failed()(error)),
    }
    let lock = Lock(file);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let (held, named) = (lock.0.metadata().map_err(failed())?, std::fs::metadata(path).map_err(failed())?);
        if (held.dev(), held.ino()) != (named.dev(), named.ino()) {
            return Err(busy());
        }
    }
    Ok(lock)
}

fn file_name(input: &Input) -> String {
    match input {
        Input::Path(path) => path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        other => other.to_string(),
    }
}

/// What a file holds, and when that was last changed.
#[derive(Debug, PartialEq, Eq)]
struct Content {
    record: FileRecord,
    changed: Option<SystemTime>,
}

impl Content {
    fn of(input: &Input) -> Result<Self> {
        let Input::Path(path) = input else {
            return Err(
                Error::usage("a state takes files, which can be told from one another").in_file(input.to_string())
            );
        };
        let failed = || Error::reading(input.to_string());
        let mut file = File::open(path).map_err(failed())?;
        let metadata = file.metadata().map_err(failed())?;
        if !metadata.is_file() {
            return Err(Error::usage("a state takes files, which can be read twice").in_file(input.to_string()));
        }
        Ok(Self { record: FileRecord::of(&mut file).map_err(failed())?, changed: metadata.modified().ok() })
    }

    /// Whether the file that was read is the one that was hashed.
    fn check(&self, input: &Input) -> Result<()> {
        let Input::Path(path) = input else { return Ok(()) };
        let metadata = std::fs::metadata(path).map_err(Error::reading(input.to_string()))?;
        if metadata.len() == self.record.bytes && metadata.modified().ok() == self.changed {
            return Ok(());
        }
        Err(Error::data("the file changed while it was read; nothing was added").in_file(input.to_string()))
    }
}
