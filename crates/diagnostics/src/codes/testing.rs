//! Codes about cases of `frontdesk test` (FD20xx).

use super::{Code, Page};

pub const BAD_CASE: Code = Code("FD2001");
pub const UNKNOWN_IN_CASE: Code = Code("FD2002");
pub const FIXTURE_MISFIT: Code = Code("FD2003");
pub const SAME_CASE: Code = Code("FD2004");

pub const PAGES: &[Page] = &[
    Page {
        code: BAD_CASE,
        title: "A case that cannot be read",
        why: "A case says what is asked and what must come of it. A key that does not exist, or a value of another kind, \
              would be an expectation that nobody checks.",
        example: "says: an empty cart is a conflict\nrequest: { endpoint: checkout-summary }\nresponse: { state: 409 }",
        instead: "says: an empty cart is a conflict\nrequest: { endpoint: checkout-summary }\nresponse: { status: 409 }",
    },
    Page {
        code: UNKNOWN_IN_CASE,
        title: "A case mentions what is not there",
        why: "The endpoint, input, service or operation has another name, or no longer exists.",
        example: "services:\n  cart: { getBasket: { json: { lines: [] } } }",
        instead: "services:\n  cart: { getCart: { json: { lines: [] } } }",
    },
    Page {
        code: FIXTURE_MISFIT,
        title: "An answer that its service could not give",
        why: "What the case has the service answer does not fit the service's schema, so the case shows something that \
              cannot happen. A case that is to show just that says so with `misfit: true`.",
        example: "services:\n  cart: { getCart: { json: { lines: none } } }",
        instead: "services:\n  cart: { getCart: { patch: { lines: [] } } }",
    },
    Page {
        code: SAME_CASE,
        title: "Two cases of one name",
        why: "Cases are told apart, and their snapshots named, by their file and what they say.",
        example: "cases:\n  - says: it works\n  - says: it works",
        instead: "cases:\n  - says: a full cart is shown\n  - says: an empty cart is a conflict",
    },
];
