import { bff, session } from "frontdesk";

export default bff({ client: "whole", auth: session({ issuer: "https://login.example.com" }) });
