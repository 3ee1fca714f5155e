//! What `bff.ts` says of versions: of the client that asks, or of the contract that it asks for.

use std::sync::Arc;

use frontdesk_diagnostics::Span;
use frontdesk_types::{Date, Type, Version};

use super::Lambda;

/// `versions: { … }` of `bff.ts`.
#[derive(Clone, Debug, Default)]
pub enum Versions {
    /// Every client is served alike.
    #[default]
    None,
    Client(ClientVersions),
    Dated(DatedVersions),
}

impl Versions {
    /// Where `bff.ts` says it.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::None => None,
            Self::Client(versions) => Some(versions.span),
            Self::Dated(versions) => Some(versions.span),
        }
    }
}

/// `{ header: "X-Client-Version", minimum: "4.2.0", supported: ["4.2.0", "5.0.0"] }`: the app says which one it is, and
/// `since(…)` and `until(…)` in views go by it.
#[derive(Clone, Debug)]
pub struct ClientVersions {
    /// As it is written in `bff.ts`.
    pub header: Arc<str>,
    /// Older ones are told to upgrade.
    pub minimum: Option<Version>,
    /// In the field, ascending. What a change would break is told by them.
    pub supported: Vec<Version>,
    /// Where a newer one is to be had.
    pub upgrade: Option<Arc<str>>,
    pub span: Span,
}

impl ClientVersions {
    /// What a request that does not say is taken for: the oldest that is still served.
    pub fn oldest(&self) -> Version {
        self.minimum.or_else(|| self.supported.first().copied()).unwrap_or_default()
    }
}

/// `{ header: "Partner-Version", dates: ["2026-11-01", "2026-05-01"] }`: the contract as it was on a day.
#[derive(Clone, Debug)]
pub struct DatedVersions {
    /// As it is written in `bff.ts`.
    pub header: Arc<str>,
    /// Newest first. The newest is what the endpoints answer; each older one has its file `versions/<date>.ts`.
    pub dates: Vec<Date>,
    pub span: Span,
}

/// An endpoint as it was on a day.
#[derive(Clone, Debug)]
pub struct DatedEndpoint {
    pub date: Date,
    /// `None`: there was no such endpoint yet.
    pub answer: Option<DatedAnswer>,
}

/// The endpoint's own function with every conversion down to the date applied to its result.
#[derive(Clone, Debug)]
pub struct DatedAnswer {
    pub function: Lambda,
    pub response: Type,
    /// One past the highest local of the function.
    pub locals: u32,
    /// The date's file has a line for it; otherwise it is as on the next newer date.
    pub is_converted: bool,
    /// Of the last conversion, for diagnostics.
    pub span: Span,
}
