import { t, view } from "frontdesk";

export default view("GET /no-calls/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    return { id, shout: id.toUpperCase() };
  },
});
