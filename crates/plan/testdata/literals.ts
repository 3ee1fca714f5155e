import { t, view } from "frontdesk";

export default view("GET /literals/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    return {
      list: [1, 2, { a: "x", b: [true, null] }],
      text: `a${id}b`,
      keys: { "2": "two", "1": "one", a: -0 },
      [id]: 1,
    };
  },
});
