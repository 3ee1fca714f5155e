import { view } from "frontdesk";

export default view("GET /home", {
  summary: "The first screen",
  budget: { latency: "200ms", payload: "8KB" },
  load: () => ({ title: "Home", count: 3, on: true, none: null }),
});
