import { bff, clientSecret, secret, session } from "frontdesk";

export default bff({
  client: "b",
  auth: session({
    issuer: "https://login.example.com",
    client: { id: "b", auth: clientSecret(secret("SHOP_CLINT_SECRET")) },
    cookie: { name: "shop" },
  }),
});
