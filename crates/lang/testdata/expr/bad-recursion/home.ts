import { t, view } from "frontdesk";

const depth = (n: number): number => (n === 0 ? 0 : 1 + depth(n - 1));
const ping = (n: number): number => pong(n);
const pong = (n: number): number => ping(n);

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    return { a: depth(3), b: ping(1) };
  },
});
