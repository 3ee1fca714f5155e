//! The perimeter's tests: what comes in and what becomes of it.

#![allow(clippy::unwrap_used, reason = "tests")]

mod api_key;
mod backchannel;
mod bearer;
mod bff;
mod certificate;
mod clock;
mod credentials;
mod device;
mod dpop;
mod gate;
mod http;
mod interop;
mod jose;
mod key_cache;
mod limits;
mod login;
mod logout;
mod provider;
mod provider_process;
mod redis_process;
mod session;
