//! Pacts, both ways, with the Pact project's own verifier.
//!
//! What `frontdesk gen pact` writes of Harbor's BFFs is verified against Harbor's services, and against services that
//! changed; pacts of consumers are verified against a BFF by `frontdesk test --pact`.

mod consumer;
mod harbor;
mod provider;
mod verifier;
