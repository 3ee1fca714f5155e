//! Codes about view, action, shape, bff definitions (FD14xx).

use super::{Code, Page};

pub const NO_DEFINITION: Code = Code("FD1401");
pub const MISPLACED: Code = Code("FD1402");
pub const UNKNOWN_KEY: Code = Code("FD1403");
pub const MISSING_KEY: Code = Code("FD1404");
pub const WRONG_VALUE: Code = Code("FD1405");
pub const NOT_A_LITERAL: Code = Code("FD1406");
pub const KEY_TWICE: Code = Code("FD1407");
pub const NOT_AVAILABLE: Code = Code("FD1408");
pub const BAD_ROUTE: Code = Code("FD1409");
pub const ROUTE_TAKEN: Code = Code("FD1410");
pub const PARAM_WITHOUT_INPUT: Code = Code("FD1411");
pub const BAD_INPUT: Code = Code("FD1412");
pub const BAD_CONSTRAINT: Code = Code("FD1413");
pub const INPUT_PLACE: Code = Code("FD1414");
pub const NO_ANSWER: Code = Code("FD1415");
pub const UNKNOWN_MODULE: Code = Code("FD1416");
pub const UNKNOWN_EXPORT: Code = Code("FD1417");
pub const NAME_TAKEN: Code = Code("FD1418");
pub const TOP_LEVEL: Code = Code("FD1419");
pub const NO_BFF: Code = Code("FD1420");
pub const BAD_ERROR_MAPPING: Code = Code("FD1421");
pub const BAD_PROXY: Code = Code("FD1422");
pub const BAD_SHAPE: Code = Code("FD1423");
pub const LISTENER_WITHOUT_BFF: Code = Code("FD1424");
pub const CONSTANT_CYCLE: Code = Code("FD1425");
pub const FILE_UNREADABLE: Code = Code("FD1426");

pub const PAGES: &[Page] = &[
    Page {
        code: NO_DEFINITION,
        title: "A file that defines nothing",
        why: "Each file below `views/` and `actions/` is one endpoint, which it exports as its default.",
        example: "// views/home.ts\nexport const load = () => ({ title: \"Home\" });",
        instead: "// views/home.ts\nexport default view(\"GET /home\", { load: () => ({ title: \"Home\" }) });",
    },
    Page {
        code: MISPLACED,
        title: "A definition in the wrong folder",
        why: "The folder says what a file is, so that a reader finds every endpoint without opening files: views in `views/`, \
              actions in `actions/`, the BFF in `bff.ts`.",
        example: "// views/place-order.ts\nexport default action(\"POST /orders\", { run: () => null });",
        instead: "// actions/place-order.ts\nexport default action(\"POST /orders\", { run: () => null });",
    },
    Page {
        code: UNKNOWN_KEY,
        title: "A setting that means nothing here",
        why: "A misspelt setting would be ignored in silence; a budget that is not kept is worse than an error.",
        example: "view(\"GET /home\", { sumary: \"Home\", load: () => null })",
        instead: "view(\"GET /home\", { summary: \"Home\", load: () => null })",
    },
    Page {
        code: MISSING_KEY,
        title: "A setting is missing",
        why: "Without it the definition has no meaning.",
        example: "view(\"GET /home\", { summary: \"Home\" })",
        instead: "view(\"GET /home\", { summary: \"Home\", load: () => ({ title: \"Home\" }) })",
    },
    Page {
        code: WRONG_VALUE,
        title: "A setting with a value that does not fit",
        why: "The setting takes another kind of value, or one with another form.",
        example: "view(\"GET /home\", { budget: { latency: 200 }, load: () => null })",
        instead: "view(\"GET /home\", { budget: { latency: \"200ms\" }, load: () => null })",
    },
    Page {
        code: NOT_A_LITERAL,
        title: "A setting that is computed",
        why: "Definitions are read, not run: their settings must be plain to a reader, to tools and to the contract.",
        example: "const limit = \"200ms\";\nview(\"GET /home\", { budget: { latency: limit }, load: () => null })",
        instead: "view(\"GET /home\", { budget: { latency: \"200ms\" }, load: () => null })",
    },
    Page {
        code: KEY_TWICE,
        title: "A setting that stands twice",
        why: "Only one of them could hold.",
        example: "bff({ client: \"ios\", client: \"web\" })",
        instead: "bff({ client: \"ios\" })",
    },
    Page {
        code: NOT_AVAILABLE,
        title: "Something that is not available yet",
        why: "It has a place in the design, but this version does not do it. Ignoring it would promise what is not kept.",
        example: "// streams/order-status.ts",
        instead: "// views/order-status.ts, which the client asks again and again",
    },
    Page {
        code: BAD_ROUTE,
        title: "A route that cannot be asked for",
        why: "A route is an HTTP method, a space, and a path; a parameter takes one whole segment of it.",
        example: "view(\"/products/{id}.json\", { load: () => null })",
        instead: "view(\"GET /products/{id}\", { input: { id: t.string() }, load: ({ id }) => ({ id }) })",
    },
    Page {
        code: ROUTE_TAKEN,
        title: "Two endpoints with the same route",
        why: "A request can be answered by one endpoint only. Parameters are told apart by their place, not by their name.",
        example: "view(\"GET /products/{id}\", …)\nview(\"GET /products/{sku}\", …)",
        instead: "view(\"GET /products/{id}\", …)\nview(\"GET /products/by-sku/{sku}\", …)",
    },
    Page {
        code: PARAM_WITHOUT_INPUT,
        title: "A parameter of the route that is not an input",
        why: "What a client sends is described once, in `input`, whatever its place in the request.",
        example: "view(\"GET /products/{id}\", { load: () => null })",
        instead: "view(\"GET /products/{id}\", { input: { id: t.string() }, load: ({ id }) => ({ id }) })",
    },
    Page {
        code: BAD_INPUT,
        title: "An input that is not described with `t`",
        why: "Inputs are checked before anything runs, and stand in the contract; `t` is how they are described.",
        example: "view(\"GET /home\", { input: { page: Number }, load: () => null })",
        instead: "view(\"GET /home\", { input: { page: t.integer() }, load: () => null })",
    },
    Page {
        code: BAD_CONSTRAINT,
        title: "A constraint that no value can meet",
        why: "Every request would be refused, or a default would stand for a value that a client must not send.",
        example: "t.integer().min(10).max(1)",
        instead: "t.integer().min(1).max(10)",
    },
    Page {
        code: INPUT_PLACE,
        title: "An input in a place where it cannot be",
        why: "A path, a query string and a header hold text; a `GET` has no body. An input comes from exactly one place.",
        example: "view(\"GET /search\", { input: { filter: t.object({ brand: t.string() }) }, load: () => null })",
        instead: "action(\"POST /search\", { input: { filter: t.object({ brand: t.string() }) }, run: () => null })",
    },
    Page {
        code: NO_ANSWER,
        title: "An endpoint that answers nothing",
        why: "The answer is JSON, which has no `undefined`. A client must know whether it gets something.",
        example: "view(\"GET /cart\", { load: () => cart.getCart({}).coupon })",
        instead: "view(\"GET /cart\", { load: () => cart.getCart({}).coupon ?? null })",
    },
    Page {
        code: UNKNOWN_MODULE,
        title: "An import that leads nowhere",
        why: "Definitions import from `frontdesk`, from `frontdesk/services`, and from files of the workspace by relative \
              path. npm packages are not run.",
        example: "import { chunk } from \"lodash\";",
        instead: "import { chunk } from \"../lists.ts\";",
    },
    Page {
        code: UNKNOWN_EXPORT,
        title: "An import of a name that is not exported",
        why: "The module is there, the name is not: it is misspelt, or not exported.",
        example: "import { veiw } from \"frontdesk\";",
        instead: "import { view } from \"frontdesk\";",
    },
    Page {
        code: NAME_TAKEN,
        title: "A name that stands for two things",
        why: "A name at the top of a file means one thing.",
        example: "import { price } from \"./price.ts\";\nconst price = 3;",
        instead: "import { price } from \"./price.ts\";\nconst limit = 3;",
    },
    Page {
        code: TOP_LEVEL,
        title: "A statement that files cannot have",
        why: "A file declares things: imports, functions, shapes, types, constants, one default export. Nothing is run when it \
              is read.",
        example: "console.log(\"loaded\");",
        instead: "export const greeting = \"Hello\";",
    },
    Page {
        code: NO_BFF,
        title: "A BFF without `bff.ts`",
        why: "`bff.ts` says whose client this is, in which languages it is answered, and how problems are told.",
        example: "bffs/ios/views/home.ts",
        instead: "// bffs/ios/bff.ts\nexport default bff({ client: \"ios\" });",
    },
    Page {
        code: BAD_ERROR_MAPPING,
        title: "A row of `errors` that maps nothing",
        why: "A row names a problem code and its status, or a failing call and the code it becomes. A row that cannot apply \
              would leave clients with another answer than the author thinks.",
        example: "bff({ client: \"ios\", errors: { \"cart.getCart:404\": \"cart_not_found\" } })",
        instead: "bff({\n  client: \"ios\",\n  errors: { cart_not_found: { status: 404 }, \"cart.getCart:404\": \"cart_not_found\" },\n})",
    },
    Page {
        code: BAD_PROXY,
        title: "A proxy that goes nowhere",
        why: "A proxy passes a prefix to one HTTP service of the catalogue, with a few headers changed.",
        example: "proxy(\"/legacy/*\", { to: \"lgacy\" })",
        instead: "proxy(\"/legacy/*\", { to: \"legacy\" })",
    },
    Page {
        code: BAD_SHAPE,
        title: "A shape without a name of its own",
        why: "The name of a shape stands in the contract; within a BFF it means one type. A shape is a constant of a file.",
        example: "const card = shape(name, (id: string) => ({ id }));",
        instead: "const card = shape(\"Card\", (id: string) => ({ id }));",
    },
    Page {
        code: LISTENER_WITHOUT_BFF,
        title: "A listener without a BFF, or a BFF without one",
        why: "`bffs` of `frontdesk.yaml` says where each folder of `bffs/` is served.",
        example: "bffs:\n  iso: { listen: 127.0.0.1:7001 }",
        instead: "bffs:\n  ios: { listen: 127.0.0.1:7001 }",
    },
    Page {
        code: CONSTANT_CYCLE,
        title: "Constants that wait for each other",
        why: "Two files import constants from each other, so neither can be read first. Functions and types may do that.",
        example: "// a.ts\nimport { b } from \"./b.ts\";\nexport const a = b;",
        instead: "// a.ts\nexport const a = 1;",
    },
    Page {
        code: FILE_UNREADABLE,
        title: "A file that cannot be read",
        why: "The workspace lists the file, but its text cannot be had.",
        example: "a file that is not UTF-8",
        instead: "the same text, saved as UTF-8",
    },
];
