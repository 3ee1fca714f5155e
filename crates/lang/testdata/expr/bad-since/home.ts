import { deprecated, since, until, view } from "frontdesk";

const NEW = "5.1.0";

export default view("GET /home", {
  load: () => {
    return {
      a: since("v5", 1),
      b: since(NEW, 1),
      c: since("5.1.0"),
      d: since("5.1.0", 1, 2),
      e: since("6.0.0", until("5.0.0", 1)),
      f: deprecated({}, 1),
      g: deprecated({ since: "2026-05-01", enforce: true }, 1),
      h: deprecated("2026-05-01", 1),
      i: since("5.1.0", 1).toFixed(2),
      j: until,
    };
  },
});
