//! The workloads and who takes part in each.

/// One endpoint that every contender offers.
pub struct Workload {
    pub name: &'static str,
    /// What a reader should know of it.
    pub about: &'static str,
    pub entries: &'static [Entry],
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
}

impl Contender {
    pub const ALL: [Self; 4] = [Axum, AxumCurrentThread, Fastify, Frontdesk];
}

use Contender::{Axum, AxumCurrentThread, Fastify, Frontdesk};

const fn entry(row: &'static str, by: Contender, path: &'static str) -> Entry {
    Entry { row, by, path }
}

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
        rate: 100,
        gates: &[("frontdesk", 900_000)],
    },
];
