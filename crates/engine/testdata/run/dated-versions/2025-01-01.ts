import { version } from "frontdesk";

export default version("2025-01-01", {
  "GET /cart/{id}": (answer) => ({ cart: answer.id, ids: answer.lines.map((line) => line.id).join(",") }),
});
