import { view } from "frontdesk";

export default view("GET /home", {
  sumary: "Home",
  budgt: { latency: "1s" },
  chache: "30s",
  budget: { latncy: "1s" },
  run: () => 1,
  load: () => ({ a: 1 }),
});
