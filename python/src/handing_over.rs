//! Rows that a program of Python's hands over bit by bit, in the thread that called.
//!
//! Connections belong to their threads, so rows are fetched where the caller is, and read by the engine's threads. A few parts at most wait to
//! be read.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clv::tables::{BytesRead, HeldRows, TableReader};
use clv::{Error, Result};
use pyo3::prelude::*;
use pyo3::types::PyIterator;

use crate::frame::Frame;

/// Parts that wait at most.
const WAITING: usize = 2;

type Rows = Arc<dyn HeldRows>;

#[derive(Default)]
struct State {
    parts: VecDeque<Rows>,
    /// No more will come; and whether that is all of them.
    ended: Option<bool>,
    /// Nobody takes any more.
    abandoned: bool,
}

/// Where parts wait.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is room, now or after a while.
    fn has_room(&self, patience: Duration) -> bool {
        let full = |state: &mut State| state.parts.len() >= WAITING && !state.abandoned;
        let waited = self.changed.wait_timeout_while(self.state(), patience, full);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.parts.len() < WAITING
    }

    fn put(&self, rows: impl Iterator<Item = Rows>) {
        self.state().parts.extend(rows);
        self.changed.notify_all();
    }

    /// Lets whoever waits go: all rows are there, or there will be no more of them.
    pub(crate) fn end(&self, complete: bool) {
        self.state().ended.get_or_insert(complete);
        self.changed.notify_all();
    }

    fn take(&self) -> Option<Result<Rows>> {
        let empty = |state: &mut State| state.parts.is_empty() && state.ended.is_none();
        let mut state = self.changed.wait_while(self.state(), empty).unwrap_or_else(PoisonError::into_inner);
        let next = match (state.parts.pop_front(), state.ended) {
            (Some(rows), _) => Some(Ok(rows)),
            (None, Some(false)) => Some(Err(Error::data("the rows were not all handed over"))),
            (None, _) => None,
        };
        self.changed.notify_all();
        next
    }
}

/// The reader's end.
struct Taken(Arc<Queue>);

impl Iterator for Taken {
    type Item = Result<Rows>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take()
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.state().abandoned = true;
        self.0.changed.notify_all();
    }
}

/// The caller's end: an iterator over frames with the same columns.
pub(crate) struct HandingOver {
    frames: Py<PyIterator>,
    /// The first, by which the columns are known.
    pub(crate) first: Py<Frame>,
    queue: Arc<Queue>,
    has_begun: bool,
}

impl HandingOver {
    /// Of frames that an iterator makes, of which there is at least one.
    pub(crate) fn new(frames: &Bound<'_, PyIterator>) -> PyResult<Self> {
        let first = next_of(frames)?
            .ok_or_else(|| crate::errors::exception(Error::data("there are neither rows nor columns")))?;
        Ok(Self { frames: frames.clone().unbind(), first, queue: Arc::default(), has_begun: false })
    }

    /// The table that is read while its rows are handed over.
    pub(crate) fn table(&self) -> TableReader {
        let first = self.first.get();
        TableReader::handed_over(
            first.name(),
            first.names().to_vec(),
            Taken(Arc::clone(&self.queue)),
            &BytesRead::default(),
        )
    }

    /// Where parts wait.
    pub(crate) fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Hands over another part, if there is room for it within a while; whether there may be more.
    pub(crate) fn step(&mut self, py: Python<'_>, patience: Duration) -> PyResult<bool> {
        let queue = Arc::clone(&self.queue);
        if !py.detach(|| queue.has_room(patience)) {
            return Ok(!self.queue.state().abandoned);
        }
        let frame = match self.has_begun {
            false => Some(self.first.clone_ref(py)),
            true => next_of(self.frames.bind(py))?,
        };
        self.has_begun = true;
        let Some(frame) = frame else {
            self.queue.end(true);
            return Ok(false);
        };
        let (frame, first) = (frame.get(), self.first.get());
        if frame.names() != first.names() {
            let message = format!(
                "the columns changed on the way: first {}, then {}",
                first.names().join(", "),
                frame.names().join(", ")
            );
            return Err(crate::errors::exception(Error::data(message).in_file(first.name())));
        }
        self.queue.put(frame.rows());
        Ok(true)
    }
}

fn next_of(frames: &Bound<'_, PyIterator>) -> PyResult<Option<Py<Frame>>> {
    let next = frames.clone().next().transpose()?;
    Ok(next.map(|frame| frame.cast_into::<Frame>()).transpose().map_err(PyErr::from)?.map(Bound::unbind))
}
