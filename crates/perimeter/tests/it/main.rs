//! The perimeter's tests: what comes in and what becomes of it.

mod jose;
