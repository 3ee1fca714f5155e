import { bff } from "frontdesk";

export default bff({
  client: "app",
  owner: "team-app",
  locales: ["en-GB", "de-DE"],
  versions: { minimum: "4.2.0", supported: ["4.2.0", "5.1.0"], upgrade: "https://apps.example.com/garden" },
  openapi: true,
  limits: { body: "16KB", rate: [{ per: "ip", requests: 600000, every: "1m" }] },
  errors: {
    too_many: { status: 409, title: "That is too many" },
    no_such_plant: { status: 404, title: "There is no such plant" },
    "garden.getPlant:404": "no_such_plant",
  },
});
