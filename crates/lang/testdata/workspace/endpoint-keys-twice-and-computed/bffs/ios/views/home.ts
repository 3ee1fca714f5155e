import { view } from "frontdesk";

const rest = {};

export default view("GET /home", {
  summary: "a",
  summary: "b",
  ["budget"]: { latency: "1s" },
  ...rest,
  load() {
    return { a: 1 };
  },
});
