import { t, view } from "frontdesk";
import { stock } from "frontdesk/services";

export default view("GET /state/{id}", {
  input: { id: t.string(), lang: t.string().optional(), tag: t.string() },
  load: ({ id, lang, tag }) => {
    const state = stock.getState({ id, lang, tags: ["fixed", tag], near: { lat: 53.5 } });
    return {
      kind: state.kind,
      level: state.level,
      price: state.price,
      open: state.open,
      note: state.note,
      cm: state.size?.cm ?? 0,
      either: state.either,
      free: state.free,
      here: state.byPlace["here"]?.left ?? 0,
      parts: state.parts,
      rare: state.rare ?? null,
    };
  },
});
