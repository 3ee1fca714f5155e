import { bff } from "frontdesk";

export default bff({ clint: "ios", ownr: "x", auth: {}, limits: { latncy: "1s" } });
