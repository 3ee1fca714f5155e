//! Codes about frontdesk.yaml (FD10xx) and service schemas (FD11xx).

use super::Page;

pub const PAGES: &[Page] = &[];
