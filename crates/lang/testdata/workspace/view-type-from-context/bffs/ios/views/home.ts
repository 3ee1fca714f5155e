import { view, type Context } from "frontdesk";

const greet = (context: Context) => `Hello ${context.session.locale}`;

export default view("GET /home", { load: (_, context) => ({ hello: greet(context), session: context.session }) });
