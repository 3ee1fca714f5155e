//! The arena of a request, used again by the next one on the same thread.

use std::cell::RefCell;
use std::ops::Deref;

use bumpalo::Bump;

thread_local! {
    static SPARE: RefCell<Vec<Bump>> = const { RefCell::new(Vec::new()) };
}

/// An arena that grew larger than this is given back to the allocator, so that one huge answer does not cost its
/// memory for ever.
const LARGEST_KEPT: usize = 1024 * 1024;
const MOST_KEPT: usize = 64;

/// An empty arena that goes back to its thread's spares when it is dropped.
pub(super) struct Recycled(Bump);

impl Recycled {
    pub fn take() -> Self {
        Self(SPARE.with_borrow_mut(Vec::pop).unwrap_or_else(|| Bump::with_capacity(16 * 1024)))
    }
}

impl Deref for Recycled {
    type Target = Bump;

    fn deref(&self) -> &Bump {
        &self.0
    }
}

impl Drop for Recycled {
    fn drop(&mut self) {
        let mut arena = std::mem::take(&mut self.0);
        arena.reset();
        if arena.allocated_bytes() > LARGEST_KEPT {
            return;
        }
        // At the end of a thread there may be no spares to go back to.
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < MOST_KEPT {
                spare.push(arena);
            }
        });
    }
}
