//! The workloads and who takes part in each.

/// One endpoint that every contender offers.
pub struct Workload {
    pub name: &'static str,
    /// What a reader should know of it.
    pub about: &'static str,
    pub entries: &'static [Entry],
    /// The row that ratios are to.
    pub base: &'static str,
    /// Requests a second of the fixed-rate run.
    pub rate: u32,
    /// The most user instructions a request of Frontdesk may take (`make bench-check`), by entry.
    pub gates: &'static [(&'static str, u64)],
}

/// A contender's way to answer a workload.
pub struct Entry {
    /// The row's name: a contender, or a variant of one.
    pub row: &'static str,
    pub by: Contender,
    pub path: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contender {
    Axum,
    /// The same program on a runtime for a single thread.
    AxumCurrentThread,
    Fastify,
    Frontdesk,
    /// A plain proxy that asks nobody who they are.
    Nginx,
    /// A server of files.
    NginxFiles,
    /// Apache httpd with `mod_auth_openidc`.
    Apache,
    /// Envoy with its OAuth2 filter.
    Envoy,
    FastifySession,
    FrontdeskSession,
}

impl Contender {
    /// The folder of its files, if it has any.
    pub fn folder(self) -> Option<&'static str> {
        match self {
            Axum | AxumCurrentThread | Fastify | Frontdesk | FastifySession => None,
            Nginx => Some("session/nginx"),
            NginxFiles => Some("cached/nginx"),
            Apache => Some("session/apache"),
            Envoy => Some("session/envoy"),
            FrontdeskSession => Some("session/frontdesk"),
        }
    }

    /// Where a browser begins to sign in, if the contender wants to know who asks.
    pub fn login_path(self) -> Option<&'static str> {
        match self {
            Axum | AxumCurrentThread | Fastify | Frontdesk | Nginx | NginxFiles => None,
            Apache | Envoy => Some("/pass/1"),
            FastifySession => Some("/auth/login"),
            FrontdeskSession => Some("/auth/login?return_to=/"),
        }
    }
}

use Contender::{
    Apache, Axum, AxumCurrentThread, Envoy, Fastify, FastifySession, Frontdesk, FrontdeskSession, Nginx,
    NginxFiles,
};

const fn entry(row: &'static str, by: Contender, path: &'static str) -> Entry {
    Entry { row, by, path }
}

/// What is asked of the workload `cached-view`; nginx has its answer as a file.
pub const CACHED: &str = "/cached/checkout-summary?cartId=c7";

pub const WORKLOADS: &[Workload] = &[
    Workload {
        name: "checkout-summary",
        about: "5 services, about 41 KB in, 3 KB out",
        entries: &[
            entry("axum", Axum, "/v2/mobile/checkout-summary?cartId=c{id}"),
            entry("axum-current-thread", AxumCurrentThread, "/v2/mobile/checkout-summary?cartId=c{id}"),
            entry("fastify", Fastify, "/v2/mobile/checkout-summary?cartId=c{id}"),
            entry("frontdesk", Frontdesk, "/v2/mobile/checkout-summary?cartId=c{id}"),
            entry("frontdesk-grpc", Frontdesk, "/grpc/checkout-summary?cartId=c{id}"),
        ],
        base: "axum",
        rate: 500,
        gates: &[("frontdesk", 450_000)],
    },
    Workload {
        name: "pass-through",
        about: "2 KB, cookie taken off, header added",
        entries: &[
            entry("axum", Axum, "/pass/{id}"),
            entry("axum-current-thread", AxumCurrentThread, "/pass/{id}"),
            entry("fastify", Fastify, "/pass/{id}"),
            entry("frontdesk", Frontdesk, "/pass/{id}"),
        ],
        base: "axum",
        rate: 1000,
        gates: &[("frontdesk", 60_000)],
    },
    Workload {
        name: "wide-page",
        about: "1 + 32 calls, a 200 ms optional call cut at 50 ms",
        entries: &[
            entry("axum", Axum, "/wide?id={id}"),
            entry("axum-current-thread", AxumCurrentThread, "/wide?id={id}"),
            entry("fastify", Fastify, "/wide?id={id}"),
            entry("frontdesk", Frontdesk, "/wide?id={id}"),
            entry("frontdesk-batched", Frontdesk, "/wide-batched?id={id}"),
        ],
        base: "axum",
        rate: 100,
        gates: &[("frontdesk", 900_000)],
    },
    Workload {
        name: "session-proxy",
        about: "2 KB, session cookie in, the user's access token out; nginx asks nobody",
        entries: &[
            entry("nginx", Nginx, "/pass/{id}"),
            entry("envoy", Envoy, "/pass/{id}"),
            entry("apache", Apache, "/pass/{id}"),
            entry("fastify", FastifySession, "/pass/{id}"),
            entry("frontdesk", FrontdeskSession, "/pass/{id}"),
        ],
        base: "nginx",
        rate: 1000,
        gates: &[("frontdesk", 60_000)],
    },
    Workload {
        name: "cached-view",
        about: "checkout-summary of one cart, kept whole, 3 KB; nginx has the same bytes as a file",
        entries: &[
            entry("nginx", NginxFiles, CACHED),
            entry("nginx-no-log", NginxFiles, "/quiet/cached/checkout-summary?cartId=c7"),
            entry("frontdesk", Frontdesk, CACHED),
            entry("frontdesk-uncached", Frontdesk, "/v2/mobile/checkout-summary?cartId=c7"),
        ],
        base: "nginx",
        rate: 2000,
        gates: &[("frontdesk", 32_000)],
    },
];
