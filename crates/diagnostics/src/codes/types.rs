//! Codes about types and names in expressions (FD12xx).

use super::Page;

pub const PAGES: &[Page] = &[];
