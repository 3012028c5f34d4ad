//! What the command prints, and where: data on standard output, words there too unless data are.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::as_flag::as_flag;
use super::table;
use crate::error::{Error, Result, Row};
use crate::message::Message;
use crate::number_format::whole;
use crate::report::TableView;
use crate::tables::BytesRead;

const STDOUT: &str = "cannot write to standard output";

/// Standard output and standard error.
#[derive(Debug)]
pub(crate) struct Console {
    stdout: BufWriter<Stdout>,
    /// Whether results are asked for as JSON.
    pub(crate) json: bool,
    /// Whether files may be replaced that clv did not make.
    pub(crate) overwrite: bool,
    /// Whether text in CSV is written as it is.
    pub(crate) raw_text: bool,
    quiet: bool,
    words_to_stderr: bool,
    begun: Instant,
    /// Rows read and customers found, if any.
    read: Option<(u64, u64)>,
    /// What was warned of.
    warnings: Vec<Message>,
}

impl Console {
    pub(crate) fn new(json: bool, quiet: bool, overwrite: bool, raw_text: bool) -> Self {
        let stdout = BufWriter::new(io::stdout());
        Self {
            stdout,
            json,
            overwrite,
            raw_text,
            quiet,
            words_to_stderr: json,
            begun: Instant::now(),
            read: None,
            warnings: Vec::new(),
        }
    }

    /// Takes note of what was read, to be told at the end.
    pub(crate) fn count(&mut self, rows: u64, customers: u64) {
        self.read = Some((rows, customers));
    }

    /// From here on standard output is for data.
    ///
    /// # Errors
    /// [`Error::usage`] if it is taken by JSON already.
    pub(crate) fn reserve_stdout(&mut self, option: &str) -> Result<()> {
        if self.json {
            return Err(Error::usage(format!("--json takes standard output; name a file for the table with {option}")));
        }
        self.words_to_stderr = true;
        Ok(())
    }

    /// Prints a line of words.
    pub(crate) fn say(&mut self, line: impl Into<Message>) -> Result<()> {
        let line = line.into().render(as_flag);
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

    /// Prints a table under its caption, with a blank line before it.
    pub(crate) fn table(&mut self, view: &TableView) -> Result<()> {
        self.say("")?;
        if !view.caption.is_empty() {
            self.say(&*view.caption)?;
        }
        table::lines(view, table::terminal_width()).into_iter().try_for_each(|line| self.say(line))
    }

    /// Prints a line that wants attention, on standard error; it is among the results, too.
    pub(crate) fn warn(&mut self, line: impl Into<Message>) {
        let line = line.into();
        if !self.quiet {
            self.let_words_go_first();
            let _ = writeln!(io::stderr(), "warning: {}", line.render(as_flag));
        }
        self.warnings.push(line);
    }

    /// Whether a warning was this sentence.
    pub(crate) fn has_warned_of(&self, text: &Message) -> bool {
        self.warnings.iter().any(|warning| warning.clone().into_sentence() == *text)
    }

    /// Prints an error: in words on standard error, and as an object on standard output where results are asked for as JSON. A
    /// question comes with its answers, an option each.
    pub(crate) fn error(&mut self, error: &Error) {
        let answers: Vec<String> = error.answers().iter().map(as_flag).collect();
        let message = error.message().render(as_flag);
        if self.json {
            let place = error.place();
            let error = json!({
                "kind": error.kind().name(),
                "message": message,
                "option": error.option().map(|option| as_flag(&option.without_value())),
                "file": place.file,
                "row": place.row.map(Row::number),
                "column": place.column,
                "value": place.value,
                "answers": answers,
            });
            // Standard output that is gone cannot be told so.
            let _ = writeln!(self.stdout, "{:#}", json!({ "error": error }));
        }
        self.let_words_go_first();
        let _ = writeln!(io::stderr(), "error: {message}");
        for answer in answers {
            let _ = writeln!(io::stderr(), "  {answer}");
        }
    }

    /// What was said on standard output comes before what follows on standard error. That it cannot be written shows later.
    fn let_words_go_first(&mut self) {
        let _ = self.stdout.flush();
    }

    /// Prints results as JSON, if they are asked for, with all that was warned of.
    pub(crate) fn results(&mut self, results: &serde_json::Value) -> Result<()> {
        if !self.json {
            return Ok(());
        }
        let mut results = results.clone();
        if let Some(results) = results.as_object_mut() {
            results.insert(
                "warnings".to_owned(),
                json!(self.warnings.iter().map(|warning| warning.render(as_flag)).collect::<Vec<String>>()),
            );
        }
        self.data(format!("{results:#}\n").as_bytes())
    }

    /// Prints data.
    pub(crate) fn data(&mut self, bytes: &[u8]) -> Result<()> {
        self.stdout.write_all(bytes).map_err(Error::io(STDOUT))
    }

    /// Where data are printed.
    pub(crate) fn stdout(&mut self) -> &mut impl Write {
        &mut self.stdout
    }

    /// Makes sure that everything has been printed, and says on standard error what the run took.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.stdout.flush().map_err(Error::io(STDOUT))?;
        if let Some((rows, customers)) = self.read.filter(|_| !self.quiet) {
            let memory = peak_memory().map(|bytes| format!(", {:.0} MB of memory at most", bytes as f64 / 1e6));
            let _ = writeln!(
                io::stderr(),
                "{} rows, {} customers in {:.2} s{}",
                whole(rows),
                whole(customers),
                self.begun.elapsed().as_secs_f64(),
                memory.unwrap_or_default()
            );
        }
        Ok(())
    }

    /// A progress bar over the bytes of the inputs, shown after a second if standard error is a terminal.
    pub(crate) fn progress(&self, total: Option<u64>, bytes: &BytesRead) -> Progress {
        let shown = !self.quiet && io::stderr().is_terminal();
        let done = Arc::new(AtomicBool::new(false));
        let watched = (Arc::clone(&done), bytes.clone());
        let watch = move || watch(total, &watched.1, &watched.0);
        // A system without a thread to give shows no bar.
        let thread = shown.then(|| thread::Builder::new().spawn(watch).ok()).flatten();
        Progress { done, thread }
    }
}

/// The most memory that the process has held, in bytes, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * kilobytes)
}

/// A progress bar that disappears when dropped.
#[derive(Debug)]
pub(crate) struct Progress {
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
