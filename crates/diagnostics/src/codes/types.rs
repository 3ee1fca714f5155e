//! Codes about types and names in expressions (FD12xx).

use super::{Code, Page};

pub const UNKNOWN_NAME: Code = Code("FD1201");
pub const UNKNOWN_FIELD: Code = Code("FD1203");
pub const MAYBE_NULL: Code = Code("FD1204");
pub const WRONG_TYPE: Code = Code("FD1205");
pub const MISSING_FIELD: Code = Code("FD1206");
pub const EXCESS_FIELD: Code = Code("FD1207");
pub const UNKNOWN_OPERATION: Code = Code("FD1208");
pub const ARGUMENT_COUNT: Code = Code("FD1209");
pub const NOT_CALLABLE: Code = Code("FD1210");
pub const UNKNOWN_METHOD: Code = Code("FD1211");
pub const UNKNOWN_OPTION: Code = Code("FD1212");
pub const WRITE_IN_VIEW: Code = Code("FD1213");
pub const CALL_PLACE: Code = Code("FD1214");
pub const NO_OVERLAP: Code = Code("FD1215");
pub const OPERAND: Code = Code("FD1216");
pub const NOT_A_LIST: Code = Code("FD1217");
pub const NOT_AN_OBJECT: Code = Code("FD1218");
pub const PARAMETER_TYPE: Code = Code("FD1219");
pub const UNKNOWN_TYPE: Code = Code("FD1220");
pub const TYPE_FORM: Code = Code("FD1221");
pub const DUPLICATE: Code = Code("FD1222");
pub const BAD_OPTION: Code = Code("FD1223");
pub const UNKNOWN_VALUE: Code = Code("FD1224");
pub const EMPTY_TYPE: Code = Code("FD1225");
pub const BAD_PROBLEM: Code = Code("FD1226");
pub const NOT_AVAILABLE: Code = Code("FD1227");
pub const USED_EARLY: Code = Code("FD1228");
pub const OPTION_OF_WRITE: Code = Code("FD1229");

pub const PAGES: &[Page] = &[
    Page {
        code: UNKNOWN_NAME,
        title: "A name that means nothing here",
        why: "Nothing of this name is declared or imported.",
        example: "return { titel: tilte };",
        instead: "return { title };",
    },
    Page {
        code: UNKNOWN_FIELD,
        title: "There is no such field",
        why: "The type has no field of this name. If a service renamed it, this is where an app would have broken.",
        example: "product.titel",
        instead: "product.title",
    },
    Page {
        code: MAYBE_NULL,
        title: "The value may be missing",
        why: "Reading a field of `null` or `undefined` fails. Say what happens then.",
        example: "product[line.id].title",
        instead: "product[line.id]?.title ?? \"Unavailable\"",
    },
    Page {
        code: WRONG_TYPE,
        title: "The value is of another type",
        why: "What stands here does not fit what is wanted.",
        example: "catalog.getProduct({ id: 7 })",
        instead: "catalog.getProduct({ id: \"7\" })",
    },
    Page {
        code: MISSING_FIELD,
        title: "A field is missing",
        why: "The object must have this field.",
        example: "cart.getCart({})",
        instead: "cart.getCart({ cartId })",
    },
    Page {
        code: EXCESS_FIELD,
        title: "A field that nobody reads",
        why: "The object has a field that is not wanted there: mostly a slip of the pen.",
        example: "cart.getCart({ cartId, curency })",
        instead: "cart.getCart({ cartId, currency })",
    },
    Page {
        code: UNKNOWN_OPERATION,
        title: "There is no such operation",
        why: "The service's schema has no operation of this name.",
        example: "catalog.batchGetProduct({ ids })",
        instead: "catalog.batchGetProducts({ ids })",
    },
    Page {
        code: ARGUMENT_COUNT,
        title: "Too few or too many arguments",
        why: "The function takes another number of arguments.",
        example: "money(total)",
        instead: "money(total, \"EUR\", session.locale)",
    },
    Page {
        code: NOT_CALLABLE,
        title: "Not a function",
        why: "Only helpers, methods, operations and the functions of `frontdesk` can be called.",
        example: "basket()",
        instead: "cart.getCart({ cartId })",
    },
    Page {
        code: UNKNOWN_METHOD,
        title: "There is no such method",
        why: "The type has no method of this name, or it is not one of the pure ones.",
        example: "lines.push(line)",
        instead: "[...lines, line]",
    },
    Page {
        code: UNKNOWN_OPTION,
        title: "An option that means nothing here",
        why: "The call or function takes other options.",
        example: "cart.getCart({ cartId }, { witin: \"50ms\" })",
        instead: "cart.getCart({ cartId }, { within: \"50ms\" })",
    },
    Page {
        code: WRITE_IN_VIEW,
        title: "A view that writes",
        why: "Views only read: they may be repeated, cached and cut short. What changes something is an action.",
        example: "view(\"GET /buy\", { load: () => orders.place({ … }) })",
        instead: "action(\"POST /orders\", { run: () => orders.place({ … }) })",
    },
    Page {
        code: CALL_PLACE,
        title: "A call where none can be made",
        why: "The callback decides one element after the other, so its calls could not run together.",
        example: "ids.find((id) => catalog.getProduct({ id }).inStock)",
        instead: "const products = ids.map((id) => catalog.getProduct({ id }));\nproducts.find((p) => p.inStock)",
    },
    Page {
        code: NO_OVERLAP,
        title: "A comparison that is always the same",
        why: "The two types have no value in common.",
        example: "status === \"shiped\"",
        instead: "status === \"shipped\"",
    },
    Page {
        code: OPERAND,
        title: "An operator on the wrong type",
        why: "The operator takes numbers (or, `+` and the comparisons, strings).",
        example: "product.price * product.title",
        instead: "product.price * quantity",
    },
    Page {
        code: NOT_A_LIST,
        title: "Not an array",
        why: "Only arrays can be spread into arrays, or taken apart by position.",
        example: "[...product]",
        instead: "[product]",
    },
    Page {
        code: NOT_AN_OBJECT,
        title: "Not an object",
        why: "Only objects have fields to spread, to look in or to take apart.",
        example: "{ ...product.title }",
        instead: "{ title: product.title }",
    },
    Page {
        code: PARAMETER_TYPE,
        title: "A parameter without a type",
        why: "A helper's parameters say their types; nothing else tells them.",
        example: "const label = (p) => p.title;",
        instead: "const label = (p: catalog.Product) => p.title;",
    },
    Page {
        code: UNKNOWN_TYPE,
        title: "A type that means nothing here",
        why: "Nothing of this name is a type here.",
        example: "(p: catalog.Produkt) => p.title",
        instead: "(p: catalog.Product) => p.title",
    },
    Page {
        code: TYPE_FORM,
        title: "A type outside the language",
        why: "Types are what JSON data needs: primitives, literals, arrays, tuples, objects, unions.",
        example: "type F = () => string;",
        instead: "type Item = { title: string };",
    },
    Page {
        code: DUPLICATE,
        title: "The same name twice",
        why: "Two things of one name in one place: one of them would be lost.",
        example: "{ id: a.id, id: b.id }",
        instead: "{ id: a.id, otherId: b.id }",
    },
    Page {
        code: BAD_OPTION,
        title: "An option's value is not understood",
        why: "Options are literals of a certain form.",
        example: "{ within: \"fast\" }",
        instead: "{ within: \"150ms\" }",
    },
    Page {
        code: UNKNOWN_VALUE,
        title: "Nothing is known of the value",
        why: "The service's schema does not say what this is, so it can only be passed through.",
        example: "product.attributes.colour",
        instead: "typeof product.attributes === \"string\" ? product.attributes : null",
    },
    Page {
        code: EMPTY_TYPE,
        title: "Nothing is left here",
        why: "By what was checked before, this value cannot exist.",
        example: "if (x === null) return x.title;",
        instead: "if (x !== null) return x.title;",
    },
    Page {
        code: BAD_PROBLEM,
        title: "A problem that is not understood",
        why: "A problem has a literal code in lower_snake_case, and a status of 400 to 599.",
        example: "problem(\"Cart empty\")",
        instead: "problem(\"cart_empty\", { status: 409 })",
    },
    Page {
        code: NOT_AVAILABLE,
        title: "Not available yet",
        why: "The option belongs to the language, and this version does not have it.",
        example: "orders.place({ cartId }, { undo: (order) => orders.cancel({ id: order.id }) })",
        instead: "orders.place({ cartId })",
    },
    Page {
        code: USED_EARLY,
        title: "Used before it is declared",
        why: "A constant exists from its declaration on. The order of declarations is for readers: calls start as \
              soon as their inputs are there, wherever they stand.",
        example: "const label = product.title;\nconst product = catalog.getProduct({ id });",
        instead: "const product = catalog.getProduct({ id });\nconst label = product.title;",
    },
    Page {
        code: OPTION_OF_WRITE,
        title: "An option for calls that read",
        why: "A write has to happen, and once: an answer that is kept would stand for a write that was not made, a \
              second attempt could write twice. Only a write that carries a key by which its service recognises it \
              may be tried again.",
        example: "orders.place({ cartId }, { retries: 2 })",
        instead: "orders.place({ cartId, idempotencyKey: key }, { retries: 2 })",
    },
];
