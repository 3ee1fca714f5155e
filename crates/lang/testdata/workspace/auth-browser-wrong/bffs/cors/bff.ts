import { bff } from "frontdesk";

export default bff({
  client: "cors",
  cors: {
    origins: ["*", "null", "https://*.example.com", "https://app.example.com/", "http://app.example.com", "app.example.com", "https://app.example.com", "https://app.example.com"],
    headers: ["*", "x trace"],
    expose: "etag",
    credentials: true,
    maxAge: "2d",
  },
});
