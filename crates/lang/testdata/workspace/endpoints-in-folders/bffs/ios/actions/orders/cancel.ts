import { action, t } from "frontdesk";

export default action("PUT /orders/{id}/cancelled", { input: { id: t.string() }, run: ({ id }) => ({ id }) });
