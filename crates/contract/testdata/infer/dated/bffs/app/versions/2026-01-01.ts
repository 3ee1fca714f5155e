import { version } from "frontdesk";

export default version("2026-01-01", {
  "GET /v1/products/{id}": (answer) => ({ id: answer.id, label: answer.title }),
});
