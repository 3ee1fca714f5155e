import { bff } from "frontdesk";

export default bff({
  client: "app",
  owner: "team-app",
  locales: ["en-GB"],
  currency: "EUR",
  limits: { latency: "400ms" },
});
