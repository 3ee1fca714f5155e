import { t, view } from "frontdesk";

const a = (x: string): string => [b(x), b(x), b(x), b(x), b(x), b(x), b(x), b(x), b(x), b(x), b(x), b(x)].join("");
const b = (x: string): string => [c(x), c(x), c(x), c(x), c(x), c(x), c(x), c(x), c(x), c(x), c(x), c(x)].join("");
const c = (x: string): string => [d(x), d(x), d(x), d(x), d(x), d(x), d(x), d(x), d(x), d(x), d(x), d(x)].join("");
const d = (x: string): string => [e(x), e(x), e(x), e(x), e(x), e(x), e(x), e(x), e(x), e(x), e(x), e(x)].join("");
const e = (x: string): string => [f(x), f(x), f(x), f(x), f(x), f(x), f(x), f(x), f(x), f(x), f(x), f(x)].join("");
const f = (x: string): string => [g(x), g(x), g(x), g(x), g(x), g(x), g(x), g(x), g(x), g(x), g(x), g(x)].join("");
const g = (x: string): string => [x, x].join("");

export default view("GET /helper-multiplies/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    return { x: a(id) };
  },
});
