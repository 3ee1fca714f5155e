import { action } from "frontdesk";

export default action("PUT /ping", { summary: "Takes nothing", run: () => ({ pong: true }) });
