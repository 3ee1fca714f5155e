import { problem, since, version } from "frontdesk";

export default version("2025-06-01", {
  "GET /v1/stock/{id}": (answer) => {
    if (answer.id === "") throw problem("empty", { status: 409 });
    return { id: answer.idd, x: since("5.0.0", 1) };
  },
  "GET /v1/gone": (answer) => answer,
  "GET /v1/broken": 3,
});
