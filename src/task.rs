//! A long piece of work that somebody waits for: how far it is, and how it is stopped.
//!
//! Work that is stopped unwinds, from the next checkpoint of each of its threads, to where it began: nothing in between has to know,
//! and what it held is dropped on the way.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A piece of work, seen from outside.
#[derive(Clone, Debug, Default)]
pub struct Task(Arc<State>);

#[derive(Debug, Default)]
struct State {
    stopped: AtomicBool,
    phase: Mutex<&'static str>,
    done: AtomicU64,
    total: AtomicU64,
}

/// How far a piece of work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done; empty before it says.
    pub phase: &'static str,
    /// Steps done of it.
    pub done: u64,
    /// Steps in all; 0 if that is not known.
    pub total: u64,
}

/// The work was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

thread_local! {
    static CURRENT: RefCell<Option<Task>> = const { RefCell::new(None) };
}

impl Task {
    /// Asks the work to end.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::Relaxed);
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let phase = *self.0.phase.lock().unwrap_or_else(PoisonError::into_inner);
        Progress { phase, done: self.0.done.load(Ordering::Relaxed), total: self.0.total.load(Ordering::Relaxed) }
    }

    /// Does the work in this thread and in those that it starts.
    ///
    /// # Errors
    /// [`Stopped`] if it was stopped before it was done.
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> Result<R, Stopped> {
        catch_unwind(AssertUnwindSafe(|| Self::within(Some(self.clone()), work)))
            .map_err(|panic| if panic.is::<Stopped>() { Stopped } else { resume_unwind(panic) })
    }

    /// The task that this thread works on.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Works on a task: what a new thread does with that of the thread which started it.
    pub(crate) fn within<R>(task: Option<Self>, work: impl FnOnce() -> R) -> R {
        let _restore = Restore(CURRENT.replace(task));
        work()
    }
}

/// The task that this thread worked on before.
struct Restore(Option<Task>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Ends here if the work was stopped.
pub(crate) fn checkpoint() {
    let stopped = CURRENT.with_borrow(|task| task.as_ref().is_some_and(|task| task.0.stopped.load(Ordering::Relaxed)));
    if stopped {
        resume_unwind(Box::new(Stopped));
    }
}

/// Says what is being done, and in how many steps, if that is known; what is done of the same already adds to it.
pub(crate) fn phase(name: &'static str, total: u64) {
    CURRENT.with_borrow(|task| {
        let Some(Task(state)) = task else { return };
        let mut phase = state.phase.lock().unwrap_or_else(PoisonError::into_inner);
        let going_on = state.done.load(Ordering::Relaxed) < state.total.load(Ordering::Relaxed);
        if *phase == name && going_on {
            state.total.fetch_add(total, Ordering::Relaxed);
            return;
        }
        *phase = name;
        state.done.store(0, Ordering::Relaxed);
        state.total.store(total, Ordering::Relaxed);
    });
}

/// Counts steps of the phase.
pub(crate) fn step(steps: u64) {
    CURRENT.with_borrow(|task| task.iter().for_each(|task| _ = task.0.done.fetch_add(steps, Ordering::Relaxed)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel::in_parallel;

    #[test]
    fn stopped_work_ends_in_all_its_threads() {
        let task = Task::default();
        let begun = AtomicU64::new(0);
        let ended = task.run(|| {
            in_parallel(1000, |i| {
                begun.fetch_add(1, Ordering::Relaxed);
                if i == 10 {
                    task.stop();
                }
                checkpoint();
            })
        });
        assert_eq!(ended, Err(Stopped));
        assert!(begun.load(Ordering::Relaxed) < 100);
        // Elsewhere nothing is stopped.
        checkpoint();
        assert_eq!(Task::default().run(|| in_parallel(10, |i| i)).map(|all| all.len()), Ok(10));
    }

    #[test]
    fn progress_is_that_of_all_threads() {
        let task = Task::default();
        assert_eq!(task.progress(), Progress { phase: "", done: 0, total: 0 });
        task.run(|| {
            phase("counting", 20);
            in_parallel(10, |_| step(1));
            phase("counting", 5);
        })
        .unwrap();
        assert_eq!(task.progress(), Progress { phase: "counting", done: 10, total: 25 });
        task.run(|| phase("resting", 0)).unwrap();
        assert_eq!(task.progress(), Progress { phase: "resting", done: 0, total: 0 });
    }

    #[test]
    fn a_panic_remains_one() {
        let said = catch_unwind(|| Task::default().run(|| -> () { resume_unwind(Box::new("mine")) })).unwrap_err();
        assert_eq!(said.downcast_ref(), Some(&"mine"));
    }
}
