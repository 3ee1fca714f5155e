//! Codes about view, action, shape, bff definitions (FD14xx).

use super::Page;

pub const PAGES: &[Page] = &[];
