//! What the files of a BFF define: endpoints, and the BFF itself.
//!
//! A definition is a call with an object literal that holds plain data and at most one function. This module
//! reads the data; the function is left to `check`.

pub(crate) mod answer;
pub(crate) mod config;
pub(crate) mod context;
pub(crate) mod deprecated;
pub(crate) mod endpoint;
pub(crate) mod input;
pub(crate) mod perimeter;
pub(crate) mod policy;
pub(crate) mod route;
pub(crate) mod written;

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_diagnostics::{Diagnostics, FileId};
use oxc_ast::ast::{CallExpression, Expression};

/// What a definition is read with: where it stands, what `frontdesk`'s names are called there, and where
/// problems go.
pub(crate) struct Reader<'r> {
    pub(crate) file: FileId,
    /// Local name → name in the module `frontdesk`.
    pub(crate) builtins: &'r HashMap<Arc<str>, Arc<str>>,
    pub(crate) found: &'r mut Diagnostics,
    /// Services that are not there may be once the catalogue is mended.
    pub(crate) catalog_is_broken: bool,
}

impl Reader<'_> {
    /// The function of `frontdesk` that a call applies: `view` for `view(…)`, also under another local name.
    pub(crate) fn builtin(&self, call: &CallExpression<'_>) -> Option<&str> {
        self.builtin_name(&call.callee)
    }

    /// The name in `frontdesk` of what an expression mentions.
    pub(crate) fn builtin_name(&self, expression: &Expression<'_>) -> Option<&str> {
        match expression {
            Expression::Identifier(name) => self.builtins.get(name.name.as_str()).map(|name| &**name),
            _ => None,
        }
    }
}
