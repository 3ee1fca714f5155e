//! The engine from outside: selection against a JSON tree.

mod select;
