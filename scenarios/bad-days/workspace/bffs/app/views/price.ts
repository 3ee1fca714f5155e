import { t, view } from "frontdesk";
import { prices } from "frontdesk/services";

export default view("GET /prices/{id}", {
  summary: "What it costs",
  input: { id: t.string().min(1).max(64) },

  load: ({ id }) => ({ minor: prices.getPrice({ id }).minor }),
});
