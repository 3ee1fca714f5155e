//! `since` and `until` against the versions that a BFF serves.

use frontdesk_diagnostics::codes::versions as codes;
use frontdesk_diagnostics::{Diagnostic, Span};

use super::Compiler;
use crate::check::VersionUse;
use crate::model::{BffConfig, Versions};

impl Compiler<'_> {
    /// Reports uses in a BFF whose clients have no versions, and uses that decide nothing there.
    pub(super) fn version_uses(&mut self, uses: &[VersionUse], bff: &str, config: &BffConfig) {
        for applied in uses {
            let name = if applied.is_since { "since" } else { "until" };
            let at = match &config.versions {
                Versions::Client(versions) => {
                    // A helper that several BFFs share may decide something for another of them.
                    let is_own = self
                        .modules
                        .iter()
                        .any(|module| module.file == applied.span.file && module.bff.as_ref() == bff);
                    if let Some(minimum) =
                        versions.minimum.filter(|least| is_own && applied.version <= *least)
                    {
                        self.decides_nothing(*applied, name, &minimum.to_string(), versions.span);
                    }
                    continue;
                }
                Versions::Dated(dated) => (dated.span, "it has dates, which `versions/<date>.ts` goes by"),
                Versions::None => (config.span, "it says nothing of versions"),
            };
            self.found.push(
                Diagnostic::error(
                    codes::NO_CLIENT_VERSIONS,
                    format!("the clients of `{bff}` have no versions"),
                    applied.span,
                    format!("`{name}` goes by the version of the client"),
                )
                .label(at.0, at.1)
                .help("add `versions: { minimum: \"1.0.0\", supported: [\"1.0.0\"] }` to its `bff.ts`"),
            );
        }
    }

    fn decides_nothing(&mut self, applied: VersionUse, name: &str, minimum: &str, versions: Span) {
        let (message, help) = if applied.is_since {
            ("every client that is served gets this", "write the value itself, without `since`")
        } else {
            ("no client that is served gets this", "take it out")
        };
        self.found.push(
            Diagnostic::warning(
                codes::VERSION_DECIDES_NOTHING,
                message,
                applied.span,
                format!("`{name}` names {}, and clients below {minimum} are refused", applied.version),
            )
            .label(versions, "here")
            .help(help),
        );
    }
}
