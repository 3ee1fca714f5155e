//! Codes about what the planner finds (FD15xx).

use super::{Code, Page};

pub const CALL_UNUSED: Code = Code("FD1501");
pub const CALL_PER_ELEMENT: Code = Code("FD1502");
pub const BATCH_NOT_USED: Code = Code("FD1503");
pub const WRITE_PER_ELEMENT: Code = Code("FD1504");
pub const CALL_IN_ORDER: Code = Code("FD1505");
pub const WITHIN_BEYOND_BUDGET: Code = Code("FD1506");
pub const WITHIN_BEYOND_TIMEOUT: Code = Code("FD1507");
pub const OPTIONAL_BEFORE_REQUIRED: Code = Code("FD1508");
pub const PATH_BEYOND_BUDGET: Code = Code("FD1509");
pub const ENDPOINT_TOO_LARGE: Code = Code("FD1510");
pub const PUBLIC_OF_CALLER: Code = Code("FD1511");
pub const CACHED_AFTER_WRITE: Code = Code("FD1512");
pub const HEDGE_BEYOND_TIMEOUT: Code = Code("FD1513");

pub const PAGES: &[Page] = &[
    Page {
        code: CALL_UNUSED,
        title: "A call whose result is never read",
        why: "Views only read, so a call of which nothing reaches the answer has no effect. It is not made.",
        example: "const stock = inventory.getStock({ productId });\nreturn { productId };",
        instead: "const stock = inventory.getStock({ productId });\nreturn { productId, available: stock.available };",
    },
    Page {
        code: CALL_PER_ELEMENT,
        title: "A call that runs once per element",
        why: "A call inside `.map(…)` of an operation without a batch twin is one request for each element of the \
              list. They run side by side, but they cost the service as many requests.",
        example: "products.map((product) => catalog.getProduct({ productId: product.id }).title)",
        instead: "services:\n  catalog:\n    batch: { getProduct: batchGetProducts }",
    },
    Page {
        code: BATCH_NOT_USED,
        title: "A batch twin that cannot be used here",
        why: "Calls of different elements become one call of the twin only if they differ in nothing but the id, \
              and the twin takes whatever else they pass.",
        example: "lines.map((line) => catalog.getProduct({ productId: line.id, locale: line.locale }))",
        instead: "lines.map((line) => catalog.getProduct({ productId: line.id }))",
    },
    Page {
        code: WRITE_PER_ELEMENT,
        title: "A write that runs once per element",
        why: "Writing calls of an action run in the order they are written, so those of a list run one after the \
              other. A long list may not fit the latency budget.",
        example: "lines.map((line) => cart.addItem({ cartId, productId: line.productId, quantity: 1 }))",
        instead: "cart.addItems({ cartId, lines })",
    },
    Page {
        code: CALL_IN_ORDER,
        title: "A call that needs an earlier round of its callback",
        why: "Calls in a callback run side by side, so none of them can depend on what the callback returned \
              before; and nobody knows how often a comparison runs.",
        example: "ids.reduce((cursor, id) => catalog.page({ id, cursor }).next, \"\")",
        instead: "ids.map((id) => catalog.page({ id })).reduce((count, page) => count + page.count, 0)",
    },
    Page {
        code: WITHIN_BEYOND_BUDGET,
        title: "`within` is longer than the latency budget",
        why: "All calls are cut off when the endpoint's budget is spent, so a longer `within` promises time that is \
              never given.",
        example: "budget: { latency: \"200ms\" }, … shipping.estimate({ cartId }, { within: \"500ms\" })",
        instead: "budget: { latency: \"200ms\" }, … shipping.estimate({ cartId }, { within: \"150ms\" })",
    },
    Page {
        code: WITHIN_BEYOND_TIMEOUT,
        title: "`within` is longer than the service's timeout",
        why: "The service's `timeout` in frontdesk.yaml holds for all its calls; a call can only ask for less.",
        example: "services: { tax: { timeout: 150ms } } … tax.forCart({ cartId }, { within: \"300ms\" })",
        instead: "tax.forCart({ cartId }, { within: \"100ms\" })",
    },
    Page {
        code: OPTIONAL_BEFORE_REQUIRED,
        title: "A required call waits for an optional one",
        why: "An optional call that is late delays what is optional. If a required call waits for it, it delays the \
              whole answer.",
        example: "const store = stores.nearest({ zip }, { optional: true });\nconst stock = inventory.at({ store: store?.id ?? \"main\" });",
        instead: "const store = stores.nearest({ zip }, { optional: true });\nconst stock = inventory.at({ store: store?.id ?? \"main\" }, { optional: true });",
    },
    Page {
        code: PATH_BEYOND_BUDGET,
        title: "Required calls that may not fit the latency budget",
        why: "Each call may take its whole timeout. If calls that wait for each other may together take longer than \
              the budget, the last of them is cut off and the client gets a 504.",
        example: "budget: { latency: \"200ms\" }, … three calls of 150 ms that need each other",
        instead: "budget: { latency: \"450ms\" }",
    },
    Page {
        code: ENDPOINT_TOO_LARGE,
        title: "An endpoint that becomes too large",
        why: "Helpers are put in place of each of their uses. Helpers that call helpers several times multiply.",
        example: "const a = (x) => [b(x), b(x)]; const b = (x) => [c(x), c(x)]; …",
        instead: "const b = (x) => { const inner = c(x); return [inner, inner]; };",
    },
    Page {
        code: PUBLIC_OF_CALLER,
        title: "A public answer that derives from who asks",
        why: "What is `public` may be given to anybody by any cache on the way: it must not depend on the session, on \
              a claim, or on what a service answered to the caller's token, not even by a condition. The labels show \
              the way of the value from its source into the answer.",
        example: "cache: { public: \"60s\" },\nload: (_, { session }) => ({ offers: session.tier === \"gold\" ? 5 : 3 }),",
        instead: "cache: { private: \"60s\" },\nload: (_, { session }) => ({ offers: session.tier === \"gold\" ? 5 : 3 }),",
    },
    Page {
        code: CACHED_AFTER_WRITE,
        title: "A kept answer after a write",
        why: "The call stands after a write to the same service, so that it sees what was written. An answer that was \
              kept before the write does not.",
        example: "cart.addLine({ cartId, productId });\nreturn cart.getCart({ cartId }, { cache: \"30s\" });",
        instead: "cart.addLine({ cartId, productId });\nreturn cart.getCart({ cartId });",
    },
    Page {
        code: HEDGE_BEYOND_TIMEOUT,
        title: "A second attempt that never sets out",
        why: "`hedge` says when a second attempt joins the first. The call is over once its `within`, the service's \
              `timeout` or the endpoint's budget is spent, so a longer `hedge` does nothing.",
        example: "services: { tax: { timeout: 150ms } } … tax.forCart({ cartId }, { hedge: \"200ms\" })",
        instead: "tax.forCart({ cartId }, { hedge: \"p95\" })",
    },
];
