import { version } from "frontdesk";

export default version("2026-01-01", {
  "GET /stock/{id}": (answer) => ({ text: answer.title, was: "a" }),
  "GET /fresh/{id}": null,
});
