import { bff } from "frontdesk";

export default bff("ios");
