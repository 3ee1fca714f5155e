import { bff, site } from "frontdesk";

export default bff({
  client: "paths",
  routes: [site({ folder: "../other" }), site({ folder: "/etc" }), site({ folder: "./site/.git" }), site({ folder: "." }), site({}), site({ folder: "./site", fallback: "../x.html", index: 1 })],
});
