import { version } from "frontdesk";

export default version("2026-05-01", {
  "GET /stock/{id}": (answer) => ({ id: answer.id, available: answer.pieces > 0 }),
});
