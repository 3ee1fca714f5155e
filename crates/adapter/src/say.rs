//! Words for whoever runs the process.

use std::fmt::Arguments;
use std::io::Write;

/// A line on standard error, written as `eprintln!` has it. That nobody can hear it, because a disk is full or its reader
/// has gone, is no reason to stop, where `eprintln!` would panic.
#[macro_export]
macro_rules! say {
    ($($piece:tt)*) => {
        $crate::to_standard_error(::std::format_args!($($piece)*))
    };
}

/// What [`say!`](crate::say) does.
pub fn to_standard_error(line: Arguments<'_>) {
    // In one piece, so that lines of several threads do not mix.
    let _ = std::io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}
