import { bff } from "frontdesk";

export default bff({
  client: "app",
  versions: { minimum: "4.2.0", supported: ["4.2.0", "5.1.0"], upgrade: "https://apps.example.com/shop" },
  openapi: true,
  errors: { too_many: { status: 409, title: "That is too many" } },
});
