//! Which marks of a program ([`Op::Mark`](frontdesk_plan::Op::Mark)) were passed on this thread: what tests have tried
//! of it. Programs that are served have none, and pay nothing.

use std::cell::RefCell;

thread_local! {
    static PASSED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

#[cold]
pub(crate) fn note(mark: u32) {
    PASSED.with_borrow_mut(|passed| {
        let at = mark as usize;
        if passed.len() <= at {
            passed.resize(at + 1, 0);
        }
        if let Some(times) = passed.get_mut(at) {
            *times += 1;
        }
    });
}

/// How often each mark was passed since this was asked last, by number.
pub fn take() -> Vec<u64> {
    PASSED.take()
}
