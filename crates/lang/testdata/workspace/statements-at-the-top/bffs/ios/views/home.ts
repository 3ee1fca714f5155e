import { view } from "frontdesk";

console.log("loaded");
let count = 0;
var old = 1;
const { a, b } = { a: 1, b: 2 };
class Card {}
enum State {
  On,
}
if (count > 0) count = 1;
for (const x of [1]) console.log(x);

export default view("GET /home", { load: () => ({ count: 1 }) });
