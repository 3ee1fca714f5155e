import { version } from "frontdesk";

export default version("2026-01-01", {
  "GET /stock/{id}": (answer) => ({ id: answer.id, state: answer.available ? "in stock" : "sold out" }),
  "GET /news": null,
});
