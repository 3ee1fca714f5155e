import { bff, clientSecret, device, secret } from "frontdesk";

export default bff({
  client: "redirects",
  auth: device({
    issuer: "https://login.example.com",
    client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) },
    redirects: ["http://app.example.com/in", "shop:/in", "javascript:alert(1)", "https://", "https://app.example.com/in#x", "https://*.example.com/in", "in", "com.example.shop:/in"],
    rotate: "2d",
  }),
});
