//! Codes about constructs that the language refuses (FD13xx).

use super::Page;

pub const PAGES: &[Page] = &[];
