//! Codes about what the planner finds (FD15xx).

use super::Page;

pub const PAGES: &[Page] = &[];
