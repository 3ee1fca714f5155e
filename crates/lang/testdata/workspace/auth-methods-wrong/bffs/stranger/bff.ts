import { bff, secret } from "frontdesk";

const method = secret("X");
export default bff({ client: "stranger", auth: [secret("X"), method, () => 1, apiKeys(), oauth({})] });
