//! Codes about versions of clients, dated contracts and what is on its way out (FD18xx).

use super::{Code, Page};

pub const BAD_VERSION: Code = Code("FD1801");
pub const BAD_VERSIONS: Code = Code("FD1802");
pub const BAD_DEPRECATION: Code = Code("FD1803");
pub const NO_SUCCESSOR: Code = Code("FD1804");
pub const NO_CLIENT_VERSIONS: Code = Code("FD1805");
pub const VERSION_DECIDES_NOTHING: Code = Code("FD1806");
pub const DATED_FILE: Code = Code("FD1807");
pub const DATED_ROUTE: Code = Code("FD1808");
pub const BAD_CONVERSION: Code = Code("FD1809");

pub const PAGES: &[Page] = &[
    Page {
        code: BAD_VERSION,
        title: "A version or a date that is none",
        why: "Versions of clients are compared number by number, and dated contracts by their day, so each must be one: \
              up to three numbers without leading zeros, or a day of the calendar.",
        example: "bff({ client: \"ios\", versions: { minimum: \"v4.2\" } })",
        instead: "bff({ client: \"ios\", versions: { minimum: \"4.2.0\" } })",
    },
    Page {
        code: BAD_VERSIONS,
        title: "Versions that contradict each other",
        why: "A BFF either goes by the version of its client or by the date of its contract. What is below the minimum is \
              refused, so it is not supported; dates are listed newest first, because the first is what endpoints answer.",
        example: "versions: { minimum: \"5.0.0\", supported: [\"4.2.0\", \"5.0.0\"] }",
        instead: "versions: { minimum: \"4.2.0\", supported: [\"4.2.0\", \"5.0.0\"] }",
    },
    Page {
        code: BAD_DEPRECATION,
        title: "A deprecation that contradicts itself",
        why: "What is deprecated still works until its sunset, so the sunset comes after; and only a day that is named can \
              be enforced.",
        example: "deprecated: { since: \"2026-05-01\", enforce: true }",
        instead: "deprecated: { since: \"2026-05-01\", sunset: \"2027-01-01\", enforce: true }",
    },
    Page {
        code: NO_SUCCESSOR,
        title: "A successor that is not there",
        why: "Clients are sent to the route in `use`: in a `Link` header, and in the problem after the sunset. It names another \
              endpoint of the same BFF.",
        example: "view(\"GET /v1/home\", { deprecated: { since: \"2026-05-01\", use: \"GET /v3/hom\" }, … })",
        instead: "view(\"GET /v1/home\", { deprecated: { since: \"2026-05-01\", use: \"GET /v3/home\" }, … })",
    },
    Page {
        code: NO_CLIENT_VERSIONS,
        title: "`since` or `until` where no client has a version",
        why: "They go by the version that the client sends, and `bff.ts` says in which header and which versions are served. \
              A helper that uses them can only be used by BFFs that have client versions.",
        example: "bff({ client: \"ios\" })\n\nview(\"GET /home\", { load: () => ({ badge: since(\"5.1.0\", 3) }) })",
        instead: "bff({ client: \"ios\", versions: { minimum: \"4.2.0\", supported: [\"4.2.0\", \"5.1.0\"] } })\n\n\
                  view(\"GET /home\", { load: () => ({ badge: since(\"5.1.0\", 3) }) })",
    },
    Page {
        code: VERSION_DECIDES_NOTHING,
        title: "A version that no longer decides anything",
        why: "Clients below the minimum are refused, so whatever came with the minimum or before is there for all of them, and \
              whatever ended then is there for none.",
        example: "// versions: { minimum: \"5.0.0\" }\nreturn { badge: since(\"4.3.0\", cart.badge) };",
        instead: "return { badge: cart.badge };",
    },
    Page {
        code: DATED_FILE,
        title: "A date without its file, or a file without its date",
        why: "Each date but the newest has one file, which says how its answers come from those of the next newer date.",
        example: "// bff.ts: versions: { dates: [\"2026-11-01\", \"2026-05-01\"] }\n// versions/2026-05-02.ts\n\
                  export default version(\"2026-05-02\", {});",
        instead: "// versions/2026-05-01.ts\nexport default version(\"2026-05-01\", {});",
    },
    Page {
        code: DATED_ROUTE,
        title: "A conversion of an endpoint that is not there",
        why: "A dated version names endpoints by their route, as it stands in the view or action. One that a newer date does not \
              have cannot be converted from.",
        example: "version(\"2026-05-01\", { \"GET /v1/stok/{id}\": (answer) => ({ ...answer }) })",
        instead: "version(\"2026-05-01\", { \"GET /v1/stock/{id}\": (answer) => ({ ...answer }) })",
    },
    Page {
        code: BAD_CONVERSION,
        title: "A conversion that does more than convert",
        why: "An older date's answer is made from the newer one and nothing else: it is the same function in every case, calls no \
              service and cannot fail.",
        example: "version(\"2026-05-01\", { \"GET /v1/stock/{id}\": (answer) => inventory.getStock({ id: answer.id }) })",
        instead: "version(\"2026-05-01\", { \"GET /v1/stock/{id}\": (answer) => ({ id: answer.id, count: answer.available }) })",
    },
];
