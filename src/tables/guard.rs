//! Libraries that give up on damaged files by a panic.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// What `work` returns, or what it said when it panicked.
pub(super) fn guarded<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    let before = GUARDED.replace(true);
    // What was being made is dropped; the file's bytes are never changed.
    let done = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(before);
    done.map_err(|panic| panic_message(&*panic))
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("the reader gave up").to_owned()
}

/// Whether a panic of this thread becomes an error, and so is not to be printed.
pub(crate) fn is_guarded() -> bool {
    GUARDED.get()
}
