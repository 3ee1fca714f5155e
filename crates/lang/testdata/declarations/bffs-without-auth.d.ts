// Written by `frontdesk` from the `auth` of each `bff.ts`. Editors and `tsc` read it; nothing runs it.

import "frontdesk";

declare module "frontdesk" {
  // No BFF has `auth`: nobody is known.
}
