import { chunk } from "lodash";
import fs from "node:fs";
import { a } from "/etc/a.ts";
import { b } from "../../../../b.ts";
import { card } from "../card.ts";
import { view } from "frontdsk";
import { other } from "cards.ts";
import { far } from "bffs/ios/cards.ts";

export default view("GET /home", { load: () => ({ a, b, c: card(chunk, fs, other, far) }) });
