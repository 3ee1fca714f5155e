// Written by `frontdesk` from what stands in `bffs/`. Editors and `tsc` read it; nothing runs it.

import "frontdesk";

declare module "frontdesk" {
  interface Contexts {
    /** Endpoints that know who asks. */
    "*": SignedIn<{ readonly subject: string; readonly tier: string | undefined; readonly groups: string[] | undefined; readonly name: string }>;
    "GET /home": SignedIn<{ readonly subject: string; readonly tier: "gold" | "basic"; readonly groups: string[] | undefined; readonly name: string }>;
    "GET /invoice": SignedIn<{ readonly subject: string; readonly tier: "gold" | "basic"; readonly groups: string[] | undefined; readonly name: string }>;
    "GET /ios/me": SignedIn<{ readonly subject: string; readonly tier: string | undefined }>;
    "GET /me": SignedIn<{ readonly subject: string; readonly tier: "gold" | "basic"; readonly groups: string[] | undefined; readonly name: string }>;
    "GET /open-hours": SignedIn<{ readonly subject: string; readonly tier: "gold" | "basic"; readonly groups: string[] | undefined; readonly name: string }>;
    "GET /orders": SignedIn<{ readonly subject: string }>;
    "GET /pay": SignedIn<{ readonly subject: string; readonly tier: string | undefined }>;
  }
}
