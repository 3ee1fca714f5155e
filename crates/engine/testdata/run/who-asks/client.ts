import { view } from "frontdesk";

export default view("GET /client", { load: (_, { client }) => client.name });
