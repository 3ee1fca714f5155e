import { bff } from "frontdesk";

export default bff({
  client: "",
  owner: 3,
  locales: ["en_GB", "de-DE", "de-de", 3, "english!"],
  currency: "euro",
  limits: { latency: "2h", body: "0KB" },
});
