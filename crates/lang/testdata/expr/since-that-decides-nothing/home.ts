import { since, until, view } from "frontdesk";

export default view("GET /home", {
  load: () => ({ a: since("4.2.0", 1), b: until("4.0.0", 1), c: since("4.2.1", 1) }),
});
