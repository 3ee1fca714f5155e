import { t, view } from "frontdesk";

export default view("GET /stock/{id}", { input: { id: t.string() }, load: ({ id }) => ({ id, pieces: 3 }) });
