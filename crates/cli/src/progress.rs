//! A sign of life for what takes longer than a second; on a terminal only.

use std::io::IsTerminal;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use indicatif::ProgressBar;

/// Shows `message` with a spinner once a second has passed, until the guard is dropped.
#[must_use]
pub fn after_a_second(message: &'static str) -> Option<Sender<()>> {
    if !std::io::stderr().is_terminal() {
        return None;
    }
    let (guard, done) = channel::<()>();
    std::thread::spawn(move || {
        if let Err(RecvTimeoutError::Timeout) = done.recv_timeout(Duration::from_secs(1)) {
            let spinner = ProgressBar::new_spinner().with_message(message);
            while let Err(RecvTimeoutError::Timeout) = done.recv_timeout(Duration::from_millis(100)) {
                spinner.tick();
            }
            spinner.finish_and_clear();
        }
    });
    Some(guard)
}
