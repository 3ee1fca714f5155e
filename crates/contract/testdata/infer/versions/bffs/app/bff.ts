import { bff } from "frontdesk";

export default bff({
  client: "app",
  owner: "team-app",
  locales: ["en-GB"],
  currency: "EUR",
  versions: { header: "X-App", minimum: "4.0.0", supported: ["4.0.0", "5.1.0"], upgrade: "https://app.example.com" },
});
