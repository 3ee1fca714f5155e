import { bff } from "frontdesk";

export default bff({
  client: "ios",
  versions: { minimum: "4.2", supported: ["5.10.0", "4.2.0", "5.9"], upgrade: "itms-apps://apps.example.com/harbor" },
  openapi: true,
});
