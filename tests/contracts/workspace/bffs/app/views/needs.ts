import { t, view } from "frontdesk";

export default view("GET /needs", {
  summary: "What it takes it must have",
  input: {
    text: t.string().min(1),
    number: t.number(),
    tags: t.array(t.string().min(1)).min(1),
    day: t.date(),
    device: t.string().min(3).header("x-device"),
  },
  load: ({ text, number, tags, day, device }) => ({ text, number, tags, day, device }),
});
