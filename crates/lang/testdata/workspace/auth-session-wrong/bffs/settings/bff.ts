import { bff, clientSecret, secret, session } from "frontdesk";

export default bff({
  client: "settings",
  auth: session({
    issuer: "https://login.example.com",
    client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) },
    scopes: ["openid profile", "email", "email"],
    resources: "orders",
    par: "off",
    dpop: "yes",
    parameters: { redirect_uri: "https://evil.example.com", prompt: 1 },
    cookie: { name: "my shop", sameSite: "none", domain: "example.com" },
    idle: "90s",
    absolute: "400d",
    sameUserLimit: 0,
    rotate: "1s",
    background: "yes",
    afterLogout: "//evil.example.com",
    sesion: 1,
  }),
});
