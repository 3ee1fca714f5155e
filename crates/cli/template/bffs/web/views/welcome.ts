import { number, t, view } from "frontdesk";
import { greetings } from "frontdesk/services";

export default view("GET /welcome", {
  summary: "What the first screen shows",
  input: { name: t.string().max(40).default("you") },
  budget: { latency: "300ms", payload: "1KB" },

  load: ({ name }, { session }) => {
    const greeting = greetings.getGreeting({ name }, { within: "100ms", optional: true });
    return {
      title: greeting?.text ?? "Hello!",
      letters: greeting && number(greeting.length, session.locale),
    };
  },
});
