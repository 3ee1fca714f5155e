import { t, view } from "frontdesk";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }) => {
    const text = s ?? "a b";
    const parts = text.split(" ");
    return {
      first: parts[0], upper: text.toUpperCase(), size: text.length, has: text.includes("a"), at: text.at(0), char: text[0],
      padded: `${n}`.padStart(3, "0"), fixed: (n / 3).toFixed(2), max: Math.max(n, 3), round: Math.round(n / 2), number: Number(text),
      string: String(n), boolean: Boolean(text), big: n ** 2, rest: n % 2, compare: n > 2, equal: text === "a", type: typeof text,
      replaced: text.replaceAll("a", "b"), integer: Number.isInteger(n), list: Array.isArray(parts), plus: text + n, minus: -n, code: text.charCodeAt(0),
    };
  },
});
