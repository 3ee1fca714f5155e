import { t, view } from "frontdesk";

export default view("GET /home", {
  input: { page: t.integer().default(1) },
  load: ({ pge }, { sesion }) => ({ page: pge, sesion }),
});
