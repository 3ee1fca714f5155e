import { bff, clientSecret, secret, session } from "frontdesk";

export default bff({
  client: "a",
  auth: session({
    issuer: "https://login.example.com",
    client: { id: "a", auth: clientSecret(secret("SHOP_CLINT_SECRET")) },
    cookie: { name: "shop" },
  }),
});
