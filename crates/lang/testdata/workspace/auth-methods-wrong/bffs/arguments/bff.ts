import { apiKeys, bff, certificate, session } from "frontdesk";

export default bff({
  client: "arguments",
  auth: [session(), apiKeys({}, {}), certificate({}), session("web"), apiKeys({ header: "cookie" }), apiKeys({ header: "two words" })],
});
