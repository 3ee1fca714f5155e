//! The perimeter's tests: what comes in and what becomes of it.

mod api_key;
mod clock;
mod dpop;
mod gate;
mod jose;
mod key_cache;
mod limits;
