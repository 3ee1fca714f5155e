//! Codes about constructs that the language refuses (FD13xx).

use super::{Code, Page};

pub const SYNTAX: Code = Code("FD1301");
pub const TOO_DEEP: Code = Code("FD1302");
pub const MUTABLE: Code = Code("FD1303");
pub const ASSIGNMENT: Code = Code("FD1304");
pub const LOOP: Code = Code("FD1305");
pub const CLASS: Code = Code("FD1306");
pub const ASYNC: Code = Code("FD1307");
pub const IMPURE: Code = Code("FD1308");
pub const ANY: Code = Code("FD1309");
pub const NON_NULL: Code = Code("FD1310");
pub const REGEX: Code = Code("FD1311");
pub const LOOSE_EQUALITY: Code = Code("FD1312");
pub const SWITCH: Code = Code("FD1313");
pub const TRY: Code = Code("FD1314");
pub const LAMBDA_VALUE: Code = Code("FD1315");
pub const RECURSION: Code = Code("FD1316");
pub const REFUSED: Code = Code("FD1317");
pub const THROW: Code = Code("FD1318");
pub const NO_RETURN: Code = Code("FD1319");
pub const NO_EFFECT: Code = Code("FD1320");
pub const UNREACHABLE: Code = Code("FD1321");
pub const PROTO: Code = Code("FD1322");
pub const GENERIC: Code = Code("FD1323");
pub const CONSTANT: Code = Code("FD1324");
pub const GLOBAL: Code = Code("FD1325");

pub const PAGES: &[Page] = &[
    Page {
        code: SYNTAX,
        title: "The file is not TypeScript",
        why: "The text cannot be read as TypeScript, so nothing in it can be used.",
        example: "const a = [1, 2;",
        instead: "const a = [1, 2];",
    },
    Page {
        code: TOO_DEEP,
        title: "Nested too deeply",
        why: "Expressions and blocks may nest only so far, so that no file can exhaust the compiler.",
        example: "a ? b : c ? d : e ? f : …",
        instead: "const inner = c ? d : e;",
    },
    Page {
        code: MUTABLE,
        title: "`let` and `var`",
        why: "A view is a description of data, not a sequence of steps: it runs in parallel, and nothing in it changes. So there are only constants.",
        example: "let total = 0;\nfor (const line of lines) total += line.price;",
        instead: "const total = lines.reduce((sum, line) => sum + line.price, 0);",
    },
    Page {
        code: ASSIGNMENT,
        title: "Assignment",
        why: "Nothing changes after it was made. A new value gets a new name.",
        example: "total = total + tax;",
        instead: "const withTax = total + tax;",
    },
    Page {
        code: LOOP,
        title: "Loops",
        why: "A loop works by changing something. The methods of arrays say what comes out.",
        example: "for (const p of products) ids.push(p.id);",
        instead: "const ids = products.map((p) => p.id);",
    },
    Page {
        code: CLASS,
        title: "Classes, `new`, `this`",
        why: "There are only plain values and functions of them.",
        example: "const now = new Date();",
        instead: "Take the moment from a service, and show it with `dateTime(…)`.",
    },
    Page {
        code: ASYNC,
        title: "`async` and `await`",
        why: "Calls start as soon as their inputs are there and run in parallel by themselves; there is nothing to wait for by hand.",
        example: "const basket = await cart.getCart({ cartId });",
        instead: "const basket = cart.getCart({ cartId });",
    },
    Page {
        code: IMPURE,
        title: "The clock and chance",
        why: "The same input gives the same plan and the same answer; a view can be tested and cached because of it.",
        example: "const now = Date.now();",
        instead: "Take the moment or the number from a service's answer.",
    },
    Page {
        code: ANY,
        title: "`any`",
        why: "`any` turns checking off, and a renamed field would break an app instead of the build.",
        example: "(p: any) => p.title",
        instead: "(p: catalog.Product) => p.title",
    },
    Page {
        code: NON_NULL,
        title: "`!`",
        why: "`x!` claims what nobody checked. If the value is missing after all, the screen fails.",
        example: "product!.title",
        instead: "product?.title ?? \"Unavailable\"",
    },
    Page {
        code: REGEX,
        title: "Regular expressions",
        why: "They can take exponential time on a hostile string. The methods of strings cover what screens need.",
        example: "name.replace(/ /g, \"-\")",
        instead: "name.replaceAll(\" \", \"-\")",
    },
    Page {
        code: LOOSE_EQUALITY,
        title: "`==`",
        why: "`==` converts before it compares. Only `== null` is allowed: it means null or undefined.",
        example: "if (count == \"0\")",
        instead: "if (count === 0)",
    },
    Page {
        code: SWITCH,
        title: "`switch`",
        why: "A `switch` is a sequence of jumps. A record or a ternary is a value.",
        example: "switch (s) { case \"a\": return 1; default: return 2; }",
        instead: "return s === \"a\" ? 1 : 2;",
    },
    Page {
        code: TRY,
        title: "`try`",
        why: "A failed call is handled where it is made: `optional` and `otherwise` say what stands in for it.",
        example: "try { return reviews.list({ id }); } catch { return []; }",
        instead: "return reviews.list({ id }, { otherwise: [] });",
    },
    Page {
        code: LAMBDA_VALUE,
        title: "A function as a value",
        why: "Functions are applied where they are written: as a callback of a method, or as a named helper at the top of a file. So a plan is known before anything runs.",
        example: "const format = (p) => p.title;\nreturn { format };",
        instead: "At the top of the file: `const format = (p: catalog.Product) => p.title;` and then `format(p)`.",
    },
    Page {
        code: RECURSION,
        title: "Recursion",
        why: "A helper is written into each place that applies it, so it cannot apply itself.",
        example: "const depth = (n: Node): number => 1 + depth(n.child);",
        instead: "Use the methods of arrays, or flatten the data in the service.",
    },
    Page {
        code: REFUSED,
        title: "Outside the language",
        why: "The language is the part of TypeScript that describes values. This construct is not in it.",
        example: "delete product.internal;",
        instead: "const { internal, ...rest } = product;",
    },
    Page {
        code: THROW,
        title: "`throw` of something else",
        why: "The only thing to throw is a problem with a stable code, because clients act on the code.",
        example: "throw new Error(\"empty\");",
        instead: "throw problem(\"cart_empty\", { status: 409 });",
    },
    Page {
        code: NO_RETURN,
        title: "A way through the function gives nothing",
        why: "A function's last statement is a `return`, and each branch of an `if` ends in `return` or `throw`.",
        example: "if (empty) { const x = 1; }\nreturn items;",
        instead: "if (empty) return [];\nreturn items;",
    },
    Page {
        code: NO_EFFECT,
        title: "A statement that does nothing",
        why: "Only `const`, `if` and `return` mean anything here: a value that nothing uses has no effect.",
        example: "items.map((i) => i.id);",
        instead: "const ids = items.map((i) => i.id);",
    },
    Page {
        code: UNREACHABLE,
        title: "Nothing comes here",
        why: "The statements before it return in every case.",
        example: "return a;\nconst b = 1;",
        instead: "const b = 1;\nreturn a;",
    },
    Page {
        code: PROTO,
        title: "`__proto__`",
        why: "The key changes what an object is in JavaScript, so it is never data.",
        example: "{ __proto__: base }",
        instead: "{ ...base }",
    },
    Page {
        code: GENERIC,
        title: "Type parameters",
        why: "A helper is checked once, for the types it says.",
        example: "const first = <T>(list: T[]) => list[0];",
        instead: "const first = (list: catalog.Product[]) => list[0];",
    },
    Page {
        code: CONSTANT,
        title: "Not a literal",
        why: "What stands here is read before anything runs, so it is made of literals only.",
        example: "const limit = 2 * pageSize;",
        instead: "const limit = 40;",
    },
    Page {
        code: GLOBAL,
        title: "Outside the view",
        why: "A view sees its input, its services and the pure functions of the language; nothing of the machine it runs on.",
        example: "console.log(basket);\nfetch(url);",
        instead: "Call a service of the catalogue.",
    },
];
