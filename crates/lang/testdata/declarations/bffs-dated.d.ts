// Written by `frontdesk` from what stands in `bffs/`. Editors and `tsc` read it; nothing runs it.

import "frontdesk";

declare module "frontdesk" {
  // No BFF has `auth`: nobody is known.
}

declare module "frontdesk" {
  interface NewerAnswers {
    "2025-01-01": {
      "GET /v1/products": (typeof import("../../bffs/partner/versions/2026-05-01.ts").default)["answers"]["GET /v1/products"];
      "GET /v1/same": Answer<typeof import("../../bffs/partner/views/same.ts").default>;
      "GET /v1/stock/{id}": (typeof import("../../bffs/partner/versions/2026-05-01.ts").default)["answers"]["GET /v1/stock/{id}"];
    };
    "2026-05-01": {
      "GET /v1/new": Answer<typeof import("../../bffs/partner/views/new.ts").default>;
      "GET /v1/products": Answer<typeof import("../../bffs/partner/views/list.ts").default>;
      "GET /v1/same": Answer<typeof import("../../bffs/partner/views/same.ts").default>;
      "GET /v1/stock/{id}": Answer<typeof import("../../bffs/partner/views/stock.ts").default>;
    };
  }
}
