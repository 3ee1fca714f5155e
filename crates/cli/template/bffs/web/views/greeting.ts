import { t, view } from "frontdesk";

// Stands in for a service of yours until there is one.
export default view("GET /greetings/{name}", {
  summary: "A greeting by name",
  input: { name: t.string().min(1).max(40) },

  load: ({ name }) => {
    const text = `Hello, ${name}!`;
    return { text, length: text.length };
  },
});
