import { view, type Auth, type Client, type Context } from "frontdesk";

const name = (client: Client) => client.name;
const locale = (context: Context) => context.session.locale;

export default view("GET /home", {
  load: (_, context) => ({ client: name(context.client), locale: locale(context) }),
});
