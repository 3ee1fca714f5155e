import { veiw, view, moeny, stream } from "frontdesk";
import { shpo, nowhere } from "frontdesk/services";
import { crad, hidden } from "../cards.ts";
import cards from "../cards.ts";
import * as all from "../cards.ts";
import "../cards.ts";

export default view("GET /home", { load: () => ({ a: crad(), b: shpo.getProduct({ id: "1" }), c: all }) });
