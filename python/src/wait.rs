//! Work without Python's lock, which can be watched and interrupted.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use clv::task::{Progress, Task};
use pyo3::exceptions::{PyKeyboardInterrupt, PyOSError};
use pyo3::prelude::*;

use crate::errors::exception;
use crate::handing_over::HandingOver;

/// How often signals are looked for.
const TICK: Duration = Duration::from_millis(50);

/// Work that takes longer is shown.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Does the work in a thread of its own while this one waits without Python's lock, looks for Ctrl-C and shows how far it is.
///
/// # Errors
/// The work's own, as exceptions; `KeyboardInterrupt`, after the work has ended.
pub(crate) fn wait<R: Send>(py: Python<'_>, work: impl FnOnce() -> clv::Result<R> + Send) -> PyResult<R> {
    wait_handing_over(py, None, work)
}

/// The same, while this thread hands over the rows that the work reads.
///
/// # Errors
/// As of [`wait`]; first of all what was raised where rows are fetched.
pub(crate) fn wait_handing_over<R: Send>(
    py: Python<'_>,
    mut rows: Option<&mut HandingOver>,
    work: impl FnOnce() -> clv::Result<R> + Send,
) -> PyResult<R> {
    let task = Task::default();
    let mut failed = None;
    let done = py.detach(|| {
        thread::scope(|scope| {
            let (sender, receiver) = sync_channel(1);
            let running = &task;
            let run = move || {
                let _ = sender.send(running.run(work));
            };
            thread::Builder::new().spawn_scoped(scope, run).map_err(|error| {
                PyOSError::new_err(format!(
                    "the system has no thread to give ({error}); try again when it is less busy"
                ))
            })?;
            let mut bar = Bar { began: Instant::now(), shown: false };
            loop {
                let more = rows.as_mut().map(|rows| Python::attach(|py| rows.step(py, TICK)));
                match more {
                    Some(Ok(true)) => {}
                    Some(Ok(false)) => rows = None,
                    Some(Err(error)) => {
                        rows.take().expect("they failed").queue().end(false);
                        failed = Some(error);
                    }
                    None => {}
                }
                // Whoever hands rows over has waited already.
                let patience = if rows.is_some() { Duration::ZERO } else { TICK };
                match receiver.recv_timeout(patience) {
                    Ok(done) => {
                        bar.close();
                        break Ok(done);
                    }
                    // The work panicked, and the scope will say so.
                    Err(RecvTimeoutError::Disconnected) => break Err(PyKeyboardInterrupt::new_err(())),
                    Err(RecvTimeoutError::Timeout) => {
                        if let Err(interrupt) = bar.tick(task.progress()) {
                            task.stop();
                            if let Some(rows) = &rows {
                                rows.queue().end(false);
                            }
                            let _ = receiver.recv();
                            bar.close();
                            break Err(interrupt);
                        }
                    }
                }
            }
        })
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    match done {
        Ok(result) => result.map_err(exception),
        Err(_) => Err(PyKeyboardInterrupt::new_err(())),
    }
}

/// What the package shows of the progress.
struct Bar {
    began: Instant,
    shown: bool,
}

impl Bar {
    fn tick(&mut self, progress: Progress) -> PyResult<()> {
        Python::attach(|py| {
            py.check_signals()?;
            let waited = self.began.elapsed();
            if waited < PATIENCE {
                return Ok(());
            }
            let Progress { phase, done, total } = progress;
            let shown = py
                .import("clv.progress")
                .and_then(|shown| shown.call_method1("_show", (phase, done, total, waited.as_secs_f64())));
            // Nobody's work is lost because it cannot be shown.
            self.shown = shown.is_ok();
            Ok(())
        })
    }

    fn close(&self) {
        if self.shown {
            Python::attach(|py| drop(py.import("clv.progress").and_then(|shown| shown.call_method0("_close"))));
        }
    }
}
