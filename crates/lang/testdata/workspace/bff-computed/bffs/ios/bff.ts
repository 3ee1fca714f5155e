import { bff } from "frontdesk";

const client = "ios";
const locales = ["en"];

export default bff({ client, locales: [...locales], currency: ("EUR" as const), owner: `team-${client}` });
