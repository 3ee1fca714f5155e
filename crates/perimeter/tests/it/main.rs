//! The perimeter's tests: what comes in and what becomes of it.

mod clock;
mod dpop;
mod jose;
mod key_cache;
