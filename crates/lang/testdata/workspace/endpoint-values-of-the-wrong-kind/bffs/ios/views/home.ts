import { view } from "frontdesk";

const HOME = "Home";

export default view("GET /home", {
  summary: HOME,
  budget: { latency: 200, payload: "8 kilobytes" },
  input: [],
  load: 3,
});
