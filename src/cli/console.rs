//! What the command prints, and where: data on standard output, words there too unless data are.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::error::{Error, Result};
use crate::tables::BytesRead;

const STDOUT: &str = "cannot write to standard output";

/// Standard output and standard error.
#[derive(Debug)]
pub(super) struct Console {
    stdout: BufWriter<Stdout>,
    /// Whether results are asked for as JSON.
    pub(super) json: bool,
    quiet: bool,
    words_to_stderr: bool,
}

impl Console {
    pub(super) fn new(json: bool, quiet: bool) -> Self {
        Self { stdout: BufWriter::new(io::stdout()), json, quiet, words_to_stderr: json }
    }

    /// From here on standard output is for data.
    ///
    /// # Errors
    /// [`Error::Usage`] if it is taken by JSON already.
    pub(super) fn reserve_stdout(&mut self, option: &str) -> Result<()> {
        if self.json {
            return Err(Error::Usage(format!("--json takes standard output; name a file for the table with {option}")));
        }
        self.words_to_stderr = true;
        Ok(())
    }

    /// Prints a line of words.
    pub(super) fn say(&mut self, line: impl std::fmt::Display) -> Result<()> {
        if self.quiet {
            Ok(())
        } else if self.words_to_stderr {
            // Standard error that is gone is no reason to stop.
            let _ = writeln!(io::stderr(), "{line}");
            Ok(())
        } else {
            writeln!(self.stdout, "{line}").map_err(Error::io(STDOUT))
        }
    }

    /// Prints a line that wants attention, on standard error.
    pub(super) fn warn(&mut self, line: impl std::fmt::Display) {
        if !self.quiet {
            self.let_words_go_first();
            let _ = writeln!(io::stderr(), "warning: {line}");
        }
    }

    /// Prints an error.
    pub(super) fn error(&mut self, error: &Error) {
        self.let_words_go_first();
        let _ = writeln!(io::stderr(), "error: {error}");
    }

    /// What was said on standard output comes before what follows on standard error. That it cannot be written shows later.
    fn let_words_go_first(&mut self) {
        let _ = self.stdout.flush();
    }

    /// Prints results as JSON, if they are asked for.
    pub(super) fn results(&mut self, results: &serde_json::Value) -> Result<()> {
        if self.json { self.data(format!("{results:#}\n").as_bytes()) } else { Ok(()) }
    }

    /// Prints data.
    pub(super) fn data(&mut self, bytes: &[u8]) -> Result<()> {
        self.stdout.write_all(bytes).map_err(Error::io(STDOUT))
    }

    /// Where data are printed.
    pub(super) fn stdout(&mut self) -> &mut impl Write {
        &mut self.stdout
    }

    /// Makes sure that everything has been printed.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.stdout.flush().map_err(Error::io(STDOUT))
    }

    /// A progress bar over the bytes of the inputs, shown after a second if standard error is a terminal.
    pub(super) fn progress(&self, total: Option<u64>, bytes: &BytesRead) -> Progress {
        let shown = !self.quiet && io::stderr().is_terminal();
        let done = Arc::new(AtomicBool::new(false));
        let thread = shown.then(|| {
            let (done, bytes) = (Arc::clone(&done), bytes.clone());
            thread::spawn(move || watch(total, &bytes, &done))
        });
        Progress { done, thread }
    }
}

/// A progress bar that disappears when dropped.
#[derive(Debug)]
pub(super) struct Progress {
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn watch(total: Option<u64>, bytes: &BytesRead, done: &AtomicBool) {
    thread::park_timeout(Duration::from_secs(1));
    if done.load(Ordering::Relaxed) {
        return;
    }
    let (bar, template) = match total {
        Some(total) => (ProgressBar::new(total), "reading {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}"),
        None => (ProgressBar::no_length(), "reading {spinner} {bytes} {bytes_per_sec}"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    while !done.load(Ordering::Relaxed) {
        bar.set_position(bytes.get());
        thread::park_timeout(Duration::from_millis(100));
    }
    bar.finish_and_clear();
}
