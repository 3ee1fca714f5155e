import { apiKeys, bff } from "frontdesk";

export default bff({
  client: "partner",
  auth: apiKeys(),
  limits: { latency: "20s", body: "16KB", rate: [{ per: "key", requests: 1000, every: "1m" }] },
});
