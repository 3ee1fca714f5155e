import { version } from "frontdesk";

export default version("2026-05-01", {
  "GET /v1/products/{id}": (answer) => ({ id: answer.id, title: answer.name.title, stars: answer.stars }),
  "GET /v1/fresh": null,
});
