import { bff, privateKeyJwt, secret, session } from "frontdesk";

export default bff({
  client: "bare",
  auth: session({
    providers: {
      a: { issuer: "https://login.example.com", client: { id: "web", auth: "hunter2" } },
      b: { issuer: "https://login.example.com", client: { id: "web", auth: secret("WEB") } },
      c: { issuer: "https://login.example.com", client: { id: "web", auth: privateKeyJwt("-----BEGIN PRIVATE KEY-----") } },
      d: { issuer: "https://login.example.com", client: { id: "web", auth: privateKeyJwt(secret("web key")) } },
      e: { issuer: "https://login.example.com", client: { id: "web", auth: privateKeyJwt(secret(`web${1}`)) } },
      f: { issuer: "https://login.example.com", client: { id: "web", auth: privateKeyJwt(secret()) } },
      g: { issuer: "https://login.example.com", client: { id: "web", auth: privateKeyJwt(process.env.KEY) } },
    },
  }),
});
