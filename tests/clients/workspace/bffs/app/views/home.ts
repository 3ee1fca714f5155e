import { since, until, view } from "frontdesk";
import { nowhere } from "frontdesk/services";

export default view("GET /v2/home", {
  summary: "The first screen",
  budget: { latency: "5s" },

  load: () => {
    const thing = nowhere.getThing({}, { optional: true });
    return {
      title: "Home",
      thing: thing?.title ?? null,
      greeting: since("5.1.0", "Hello"),
      hello: until("5.1.0", "Hi"),
    };
  },
});
