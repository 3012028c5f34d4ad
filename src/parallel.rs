//! Independent pieces of work on all cores, with results in order.
//!
//! However deep such work is nested, no more threads than cores work at it: each thread beside the one that asks takes one of a common
//! number of places, and gives it back when it ends. A panic in a piece of work unwinds through whoever asked for it, once all
//! threads have ended; so does what stops a [`Task`]. Both rely on panics that unwind (`panic = "unwind"`).

#[cfg(feature = "files")]
use std::collections::BTreeMap;
use std::panic::resume_unwind;
#[cfg(feature = "files")]
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
#[cfg(feature = "files")]
use std::sync::{Condvar, mpsc};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ScopedJoinHandle};

use crate::task::{Task, checkpoint};

/// Number of cores to work on.
pub(crate) fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Threads that work beside those that asked for them.
static BESIDE: AtomicUsize = AtomicUsize::new(0);

/// The place of a thread that works beside others; free again when it is dropped.
struct Place(());

impl Place {
    /// None if there are as many threads as cores already.
    fn take() -> Option<Self> {
        let most = threads() - 1;
        let one_more = |beside: usize| (beside < most).then_some(beside + 1);
        BESIDE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok().map(|_| Self(()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        BESIDE.fetch_sub(1, Ordering::Relaxed);
    }
}

/// `work(0), …, work(count - 1)`, whatever the number of threads.
pub fn in_parallel<R: Send>(count: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let threads = threads().min(count);
    let work = |i| {
        checkpoint();
        work(i)
    };
    if threads < 2 {
        return (0..count).map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let task = Task::current();
    let worker = || {
        let mut done = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= count {
                return done;
            }
            done.push((i, work(i)));
        }
    };
    let mut results: Vec<(usize, R)> =
        side_by_side(threads, || Task::within(task.clone(), worker)).into_iter().flatten().collect();
    results.sort_unstable_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, result)| result).collect()
}

/// What this thread and others, so many in all, make of the same work. Where there is no place, or the system has no thread to give,
/// fewer do it: it must be work that is shared out, of which each takes what is left.
fn side_by_side<R: Send>(threads: usize, work: impl Fn() -> R + Sync) -> Vec<R> {
    let work = &work;
    thread::scope(|scope| {
        let beside = |_| {
            let place = Place::take()?;
            let work = move || {
                let _place = place;
                work()
            };
            thread::Builder::new().spawn_scoped(scope, work).ok()
        };
        let others: Vec<_> = (1..threads).map_while(beside).collect();
        let own = work();
        std::iter::once(own).chain(others.into_iter().map(joined)).collect()
    })
}

/// What a thread leaves; how it ended is how this one does.
fn joined<R>(thread: ScopedJoinHandle<'_, R>) -> R {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// Two pieces of work side by side, on two cores if there are.
pub(crate) fn both<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    let Some(place) = Place::take() else { return (one(), other()) };
    let task = Task::current();
    // Whoever comes first: the other thread, or this one where there is no other.
    let other = Mutex::new(Some(other));
    let take = || other.lock().unwrap_or_else(PoisonError::into_inner).take();
    let run = || take().map(|other| Task::within(task.clone(), other));
    thread::scope(|scope| {
        let beside = || {
            let _place = place;
            run()
        };
        let thread = thread::Builder::new().spawn_scoped(scope, beside).ok();
        let one = one();
        let other = thread.and_then(joined).or_else(run);
        (one, other.expect("one of the two threads took it"))
    })
}

/// Does `work(0), …, work(count - 1)` on all cores and hands the results to `each` in order, as soon as their turn comes; at no
/// time are many of them waiting.
///
/// # Errors
/// The first error of `each`, after which no more is begun.
#[cfg(feature = "files")]
pub(crate) fn in_turn<R: Send, E>(
    count: usize,
    work: impl Fn(usize) -> R + Sync,
    mut each: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let threads = threads().min(count);
    let work = |i| {
        checkpoint();
        work(i)
    };
    if threads < 2 {
        return (0..count).map(work).try_for_each(each);
    }
    // What has been begun, and what has been handed over.
    let progress = Mutex::new((0, 0));
    let handed_over = Condvar::new();
    let begin = || {
        let mut progress = progress.lock().expect("nothing panics here");
        loop {
            let (begun, done) = *progress;
            if begun >= count {
                return None;
            }
            if begun < done + 2 * threads {
                progress.0 += 1;
                return Some(begun);
            }
            progress = handed_over.wait(progress).expect("nothing panics here");
        }
    };
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        let mut workers = 0;
        for worker in 0..threads {
            // The first takes the place of this thread, which waits for results.
            let place = if worker == 0 { None } else { Some(Place::take()) };
            if let Some(None) = place {
                break;
            }
            let sender = sender.clone();
            let (begin, work, task) = (&begin, &work, Task::current());
            let run = move || {
                let _place = place;
                Task::within(task, || {
                    while let Some(i) = begin() {
                        let result = catch_unwind(AssertUnwindSafe(|| work(i)));
                        let _ = sender.send((i, result));
                    }
                });
            };
            workers += usize::from(thread::Builder::new().spawn_scoped(scope, run).is_ok());
        }
        drop(sender);
        if workers == 0 {
            // The system has no thread to give.
            return (0..count).map(&work).try_for_each(each);
        }
        // However this ends, nothing more is begun.
        let _stop = Stop(|| {
            progress.lock().unwrap_or_else(PoisonError::into_inner).0 = count;
            handed_over.notify_all();
        });
        let mut early = BTreeMap::new();
        for turn in 0..count {
            let result = loop {
                if let Some(result) = early.remove(&turn) {
                    break result;
                }
                let (i, result) = results.recv().expect("work does not panic");
                early.insert(i, result);
            };
            each(result.unwrap_or_else(|panic| resume_unwind(panic)))?;
            progress.lock().expect("nothing panics here").1 = turn + 1;
            handed_over.notify_all();
        }
        Ok(())
    })
}

#[cfg(feature = "files")]
struct Stop<F: FnMut()>(F);

#[cfg(feature = "files")]
impl<F: FnMut()> Drop for Stop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Hands the items of a source to several workers, each as soon as it is free, and returns the workers. What comes first in the
/// source is begun first; items are told their places in it.
///
/// # Errors
/// The first error in the order of the source, whatever the number of workers.
#[cfg(feature = "files")]
pub(crate) fn share_out<T, W: Send, E: Send>(
    source: &mut (impl Iterator<Item = Result<T, E>> + Send),
    workers: usize,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, usize, T) -> Result<(), E> + Sync,
) -> Result<Vec<W>, E> {
    let source = Mutex::new(Some(source.enumerate()));
    let failed: Mutex<Option<(usize, E)>> = Mutex::new(None);
    let next = || source.lock().expect("the source does not panic").as_mut().and_then(Iterator::next);
    let fail = |place: usize, error: E| {
        // Whoever comes next finds no source; what was begun before is earlier in it.
        source.lock().expect("the source does not panic").take();
        let mut failed = failed.lock().expect("nothing panics here");
        if failed.as_ref().is_none_or(|(first, _)| place < *first) {
            *failed = Some((place, error));
        }
    };
    let run = || {
        let mut state = worker();
        while let Some((place, item)) = next() {
            checkpoint();
            if let Err(error) = item.and_then(|item| work(&mut state, place, item)) {
                fail(place, error);
                break;
            }
        }
        state
    };
    let task = Task::current();
    let states = side_by_side(workers, || Task::within(task.clone(), run));
    match failed.into_inner().expect("nothing panics here") {
        Some((_, error)) => Err(error),
        None => Ok(states),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "files")]
    #[test]
    fn results_are_handed_over_in_turn() {
        for count in [0, 1, 2, 1000] {
            let mut seen = Vec::new();
            let all: Result<(), ()> = super::in_turn(
                count,
                |i| i * i,
                |square| {
                    seen.push(square);
                    Ok(())
                },
            );
            assert!(all.is_ok() && seen.iter().enumerate().all(|(i, &square)| square == i * i) && seen.len() == count);
        }
        let failed = super::in_turn(1000, |i| i, |i| if i < 10 { Ok(()) } else { Err(i) });
        assert_eq!(failed, Err(10));
        let panicked = std::panic::catch_unwind(|| super::in_turn(1000, |i| assert!(i != 500), |()| Ok::<(), ()>(())));
        assert!(panicked.is_err());
    }

    #[cfg(feature = "files")]
    #[test]
    fn everything_is_shared_out_once() {
        for workers in [1, 2, 5] {
            let states = super::share_out(
                &mut (0..1000).map(Ok::<u64, ()>),
                workers,
                || 0,
                |sum, place, item| {
                    assert_eq!(place as u64, item);
                    *sum += item;
                    Ok(())
                },
            );
            assert_eq!(states.unwrap().iter().sum::<u64>(), 999 * 1000 / 2);
        }
    }

    #[cfg(feature = "files")]
    #[test]
    fn the_first_error_in_the_source_is_told() {
        for workers in [1, 2, 5] {
            for _ in 0..20 {
                let mut source = (0..1000).map(|i| if i == 40 { Err(i) } else { Ok(i) });
                let bad = |_: &mut (), _, i: u64| if i % 10 == 7 { Err(i) } else { Ok(()) };
                assert_eq!(super::share_out(&mut source, workers, || (), bad).unwrap_err(), 7);
            }
        }
    }

    /// Three levels deep, with work that lasts long enough to meet.
    #[test]
    fn no_more_threads_work_than_there_are_cores() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        use std::time::Duration;
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let leaf = |_| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(1));
            now.fetch_sub(1, Ordering::SeqCst);
        };
        let (rows, columns) = (4, 5);
        super::in_parallel(3, |_| super::in_parallel(rows, |_| super::in_parallel(columns, leaf)));
        assert_eq!(now.load(Ordering::SeqCst), 0);
        let most = most.load(Ordering::SeqCst);
        assert!((1..=super::threads()).contains(&most), "{most} threads on {} cores", super::threads());
    }

    #[test]
    fn results_are_in_order() {
        for count in [0, 1, 2, 1000] {
            let squares = super::in_parallel(count, |i| i * i);
            assert!(squares.iter().enumerate().all(|(i, &square)| square == i * i) && squares.len() == count);
        }
    }
}
