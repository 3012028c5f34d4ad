//! Standard input, output and error that whoever started the program has closed.

/// Opens those that are closed onto nothing. Their numbers would be given to the next files that are opened, and what is printed
/// would end up in those. A program of Rust's does this itself; in Python's interpreter nobody does.
#[cfg(unix)]
pub(crate) fn open_closed_ones() {
    use std::fs::File;
    use std::os::fd::{AsRawFd, IntoRawFd};
    const STANDARD_ERROR: i32 = 2;
    // The lowest number that is free is the one that is given.
    while let Ok(file) = File::options().read(true).write(true).open("/dev/null") {
        if file.as_raw_fd() > STANDARD_ERROR {
            return;
        }
        let _ = file.into_raw_fd();
    }
}

#[cfg(not(unix))]
pub(crate) fn open_closed_ones() {}
