// Written by `frontdesk` from what stands in `bffs/`. Editors and `tsc` read it; nothing runs it.

import "frontdesk";

declare module "frontdesk" {
  // No BFF has `auth`: nobody is known.
}
