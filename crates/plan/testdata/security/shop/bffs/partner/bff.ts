import { bearer, bff, clientSecret, device, secret } from "frontdesk";

export default bff({
  client: "partner",
  auth: [
    bearer({ issuer: "http://127.0.0.1:9000", audience: "partner", scopes: ["partner"] }),
    device({
      issuer: "http://127.0.0.1:9000",
      client: { id: "partner", auth: clientSecret(secret("PARTNER_SECRET")) },
      redirects: ["com.example.partner:/in"],
    }),
  ],
});
