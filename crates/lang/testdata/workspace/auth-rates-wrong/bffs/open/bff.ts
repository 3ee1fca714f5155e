import { bff } from "frontdesk";

export default bff({
  client: "open",
  limits: { rate: [{ per: "user", requests: 1, every: "1m" }, { per: "session", requests: 1, every: "1m" }, { per: "ip", requests: 1, every: "1m" }] },
});
