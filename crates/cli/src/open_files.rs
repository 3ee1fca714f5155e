//! How many files the process may have open. Each connection is one, of clients as of services.

/// How many clients there may be at once, of as many as are `wanted`: no more than half of the files that the process may
/// have open, after asking the system for all that it gives. The other half is for services, stores and files: who is let
/// in can also be served, and who is not is sent away at once rather than left before a closed door.
pub fn clients(wanted: u32) -> u32 {
    let Ok(files) = rlimit::increase_nofile_limit(u64::MAX) else { return wanted };
    wanted.min(u32::try_from(files / 2).unwrap_or(u32::MAX).max(1))
}
