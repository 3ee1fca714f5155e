import { money, view } from "frontdesk";
import { price } from "../price.ts";

const price = 3;
function money() {
  return 1;
}

export default view("GET /home", { load: () => ({ price }) });
