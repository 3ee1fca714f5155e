import { view } from "frontdesk";
import { CONFIG, EXACT, FIXED, LABELS, LIMIT, MODE, NEGATIVE, PAIR, SIZES, STATE, TEXTS } from "../limits.ts";

export default view("GET /home", {
  load: () => ({
    LIMIT, MODE, FIXED, NEGATIVE, SIZES, TEXTS, LABELS, PAIR, CONFIG, EXACT, STATE,
    list: [LIMIT, NEGATIVE], label: LABELS["new"], first: PAIR[0], kind: CONFIG.kind, text: `${MODE} ${LIMIT}`,
  }),
});
