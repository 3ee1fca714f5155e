import { bff } from "frontdesk";

export default bff({
  client: "a",
  versions: {
    header: "Authorization",
    minimum: "5.0.0",
    supported: ["4.2.0", "5.1.0", "5.1", "v6", "7.0.0-beta"],
    upgrade: "apps.example.com",
  },
  openapi: "yes",
});
