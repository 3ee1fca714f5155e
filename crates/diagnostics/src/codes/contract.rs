//! Codes about contracts: what is inferred, what is locked, what differs (FD17xx).

use super::{Code, Page};

pub const NAME_TAKEN: Code = Code("FD1701");
pub const LOCK_UNREADABLE: Code = Code("FD1702");
pub const LOCK_EDITED: Code = Code("FD1703");
pub const LOCK_TOO_NEW: Code = Code("FD1704");
pub const LOCK_DIFFERS: Code = Code("FD1705");
pub const LOCK_MISPLACED: Code = Code("FD1706");

pub const PAGES: &[Page] = &[
    Page {
        code: NAME_TAKEN,
        title: "One name for two things of the contract",
        why: "Clients get types and functions of these names, so each stands for one thing. Operations are named after \
              files; types after shapes, after the types of services that pass through, else after the endpoint and the \
              fields they stand in.",
        example: "views/home.ts: { items: [{ id, title }] }   // HomeItem\nviews/home-item.ts: { id, price }          // HomeItem",
        instead: "export const homeCard = shape(\"HomeCard\", (id: string) => ({ id, title: … }));",
    },
    Page {
        code: LOCK_UNREADABLE,
        title: "A contract that cannot be read",
        why: "`contract.yaml` is written by `frontdesk lock` and compared with the code ever after. One that is no YAML, \
              or no OpenAPI 3.1 document, says nothing that could be compared. A merge that left its marks in it is \
              the usual reason.",
        example: "paths\n  /v2/home",
        instead: "frontdesk lock ios",
    },
    Page {
        code: LOCK_EDITED,
        title: "A contract that Frontdesk did not write so",
        why: "The file holds what follows from the code, nothing else. What is added by hand is not true of the server, \
              and would be gone with the next `frontdesk lock`.",
        example: "paths:\n  /v2/home:\n    get:\n      x-note: ask Ann",
        instead: "say it in the code (`summary`, doc comments), then run `frontdesk lock`",
    },
    Page {
        code: LOCK_TOO_NEW,
        title: "A contract of a newer Frontdesk",
        why: "A newer release may say things in the file that this one does not know, and to leave them out would be to \
              compare half of it.",
        example: "x-frontdesk:\n  format: 2",
        instead: "install the release that the workspace is written for, or run `frontdesk lock` with this one",
    },
    Page {
        code: LOCK_DIFFERS,
        title: "The code and the locked contract disagree",
        why: "Clients in the field rely on what `contract.yaml` says. A change of it is to be a decision, seen in review, \
              and not the side effect of another.",
        example: "return { total: quote.total };   // the contract has `subtotal`",
        instead: "frontdesk diff   # whom does it break?\nfrontdesk lock   # accept it",
    },
    Page {
        code: LOCK_MISPLACED,
        title: "A contract in the place of another",
        why: "What is promised to whom is known by the file: `bffs/ios/contract.yaml` is that of `ios`, \
              `versions/2026-05-01.contract.yaml` that of this date. Compared with the code of another, it would differ \
              in everything, or what differs would not be seen.",
        example: "bffs/ios/contract.yaml:\n  x-frontdesk:\n    bff: web   # which is another BFF of the workspace",
        instead: "frontdesk lock ios   # never a copy",
    },
];
