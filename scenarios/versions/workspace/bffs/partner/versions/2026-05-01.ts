import { version } from "frontdesk";

export default version("2026-05-01", {
  "GET /stock/{id}": (answer) => ({ title: answer.name }),
  "GET /going/{id}": (answer) => ({ going: answer.going }),
  "DELETE /fresh/{id}": null,
});
