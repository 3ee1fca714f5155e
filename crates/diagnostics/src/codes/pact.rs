//! Codes about pacts of those who call a BFF (FD19xx).

use super::{Code, Page};

pub const UNREADABLE_PACT: Code = Code("FD1901");
pub const PACT_VERSION: Code = Code("FD1902");
pub const MESSAGE_PACT: Code = Code("FD1903");
pub const OTHER_PROVIDER: Code = Code("FD1904");
pub const UNKNOWN_STATE: Code = Code("FD1905");
pub const BAD_STATES: Code = Code("FD1906");

pub const PAGES: &[Page] = &[
    Page {
        code: UNREADABLE_PACT,
        title: "Not a pact",
        why: "A pact is the JSON document that a consumer's tests write: who calls whom, and with which interactions. One \
              that was cut off, merged by hand or is something else altogether verifies nothing.",
        example: "{ \"consumer\": { \"name\": \"shop-app\" }, \"interactions\": [",
        instead: "{ \"consumer\": { \"name\": \"shop-app\" }, \"provider\": { \"name\": \"ios\" }, \"interactions\": [ … ], … }",
    },
    Page {
        code: PACT_VERSION,
        title: "A pact of an unknown specification",
        why: "What a matching rule means depends on the version of the Pact specification. Versions 1 to 4 are verified; \
              reading another as if it were one of them could pass what should fail.",
        example: "\"metadata\": { \"pactSpecification\": { \"version\": \"9.0\" } }",
        instead: "\"metadata\": { \"pactSpecification\": { \"version\": \"4.0\" } }",
    },
    Page {
        code: MESSAGE_PACT,
        title: "A pact of messages",
        why: "A BFF answers HTTP requests. Interactions of another kind (messages, gRPC by a plugin) have nobody here to \
              verify them, and leaving them out silently would look like a pass.",
        example: "\"interactions\": [{ \"type\": \"Asynchronous/Messages\", … }]",
        instead: "\"interactions\": [{ \"type\": \"Synchronous/HTTP\", … }]",
    },
    Page {
        code: OTHER_PROVIDER,
        title: "A pact with somebody else",
        why: "A pact names the provider it was written for. Verifying it against another BFF says nothing, however it ends. \
              `provider` in `tests/states.yaml` says what consumers call this one, if not by its folder's name.",
        example: "\"provider\": { \"name\": \"android\" }    # frontdesk test ios --pact …",
        instead: "\"provider\": { \"name\": \"ios\" }",
    },
    Page {
        code: UNKNOWN_STATE,
        title: "A provider state that nobody describes",
        why: "`given(\"a product p17\")` in a consumer's test is a promise that the provider can bring about. \
              `tests/states.yaml` of the BFF says how: what its services answer, and who asks.",
        example: "states:\n  \"a product {id}\": { … }    # the pact says: given \"product p17\"",
        instead: "states:\n  \"product {id}\": { … }",
    },
    Page {
        code: BAD_STATES,
        title: "Provider states that cannot be read",
        why: "`tests/states.yaml` maps names of provider states to what services answer and who asks.",
        example: "states:\n  - a product exists",
        instead: "states:\n  \"a product exists\":\n    services: { … }",
    },
];
