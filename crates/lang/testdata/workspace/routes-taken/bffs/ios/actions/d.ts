import { action, t } from "frontdesk";

export default action("DELETE /products/{id}", { input: { id: t.string() }, run: ({ id }) => ({ id }) });
