import { t, view } from "frontdesk";

export default view("GET /levels", {
  summary: "Numbers in headers",
  input: { level: t.integer().min(0).max(9).header("x-level").default(1), share: t.number().header("x-share").optional() },
  load: ({ level, share }) => ({ level, share: share ?? null }),
});
