import { t, view } from "frontdesk";
export default view("GET /{a}", { input: { a: t.string().max(1e999).min(-0).pattern("(?<a>(?<a>") }, load: ({ a }) => a });