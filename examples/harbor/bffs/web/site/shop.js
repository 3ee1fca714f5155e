// The storefront. It knows no token and no provider: it asks its own BFF, and is told who is signed in.

const $ = (id) => document.getElementById(id);

/** A refusal of the BFF (RFC 9457): `code` is stable, the rest is for people. */
class Problem extends Error {
  constructor(status, details) {
    super(details?.title ?? `The answer was ${status}`);
    this.status = status;
    this.code = details?.code ?? "unknown";
    this.loginUrl = details?.login_url ?? null;
  }
}

/** Every request carries the custom header: no other site can make a browser send it. */
async function ask(method, path, body, more = {}) {
  const headers = { "X-Frontdesk": "1", Accept: "application/json", ...more };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
  const text = await response.text();
  const said = text === "" ? null : JSON.parse(text);
  if (!response.ok) throw new Problem(response.status, said);
  return said;
}

/** Where a sign-in comes back to. */
const here = () => location.pathname + location.search;

/** Signing in is a navigation: the browser leaves for the provider and comes back. */
function signIn(loginUrl = "/auth/login") {
  const url = new URL(loginUrl, location.origin);
  if (!url.searchParams.has("return_to")) url.searchParams.set("return_to", here());
  location.assign(url.pathname + url.search);
}

let toasting;
function say(text) {
  $("toast").textContent = text;
  $("toast").classList.add("shown");
  clearTimeout(toasting);
  toasting = setTimeout(() => $("toast").classList.remove("shown"), 5000);
}

/** What to do with a refusal, wherever it happened. */
function refused(problem) {
  if (!(problem instanceof Problem)) {
    say("The shop cannot be reached right now.");
    throw problem;
  }
  if (problem.code === "login_required" && known) {
    know({ authenticated: false });
    say("You are no longer signed in.");
  } else if (problem.loginUrl !== null) {
    signIn(problem.loginUrl);
  } else if (problem.status === 429) {
    say("That was a little fast. Please try again in a moment.");
  } else {
    say(problem.message);
  }
}

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";
function art(room) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 64 64");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/art.svg#${room}`);
  svg.append(use);
  return svg;
}

/** The rooms of the shop, each with a drawing, a colour, and the categories in it. */
const ROOMS = {
  kitchen: ["pots", "knives", "bakeware", "coffee"],
  garden: ["tools", "planters", "grills", "lights"],
  office: ["lamps", "chairs", "paper", "pens"],
  sport: ["yoga", "cycling", "running", "water"],
  toys: ["blocks", "puzzles", "plush", "trains"],
  audio: ["speakers", "headphones", "vinyl", "radios"],
  bath: ["towels", "soap", "mirrors", "mats"],
  travel: ["bags", "trolleys", "maps", "pillows"],
};

function paint(frame, category) {
  const number = Math.max(0, Object.values(ROOMS).findIndex((categories) => categories.includes(category)));
  frame.className = `picture tone-${number}`;
  frame.replaceChildren(art(Object.keys(ROOMS)[number]));
  return frame;
}

function price(tag) {
  return [tag.now, tag.before === null ? null : element("s", { textContent: tag.before })].filter((part) => part !== null);
}

// Products: public, the same for everybody.

async function showShelf() {
  const { promotions, products } = await ask("GET", "/api/storefront");
  $("promotions").replaceChildren(...promotions.map((text) => element("li", { textContent: text })));
  $("products").replaceChildren(
    ...products.map((product) =>
      element(
        "li",
        { className: "card" },
        paint(element("div"), product.category),
        product.price.saving === null ? null : element("span", { className: "badge", textContent: product.price.saving }),
        element(
          "div",
          { className: "text" },
          element("h3", {}, element("button", { type: "button", textContent: product.title, onclick: () => open(product.id).catch(refused) })),
          element("p", { className: "maker", textContent: `${product.brand} · ★ ${product.stars}` }),
          element("p", { className: "price" }, ...price(product.price)),
        ),
      ),
    ),
  );
  $("products").setAttribute("aria-busy", "false");
}

let opened = null;
async function open(id) {
  const product = await ask("GET", `/api/products/${encodeURIComponent(id)}?reviews=3`);
  opened = product.id;
  paint($("product-picture"), product.categoryId);
  $("product-brand").textContent = product.brand.name;
  $("product-title").textContent = product.title;
  $("product-rating").textContent = `★ ${product.rating.stars}` + (product.reviews ? ` · ${product.reviews.label}` : "");
  $("product-description").textContent = product.description;
  facts($("product-facts"), [
    ["Size", `${product.size} cm`],
    ["Weight", product.weight],
    ["Warranty", product.warranty],
    ["Sold by", product.seller && `${product.seller.name}, ${product.seller.city}`],
    ["In stock", product.availability && (product.availability.pieces > 0 ? product.availability.cities.join(", ") : `back on ${product.availability.backOn}`)],
  ]);
  $("product-price").replaceChildren(...price(product.price));
  $("product").showModal();
}

function facts(list, pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  list.replaceChildren(...shown.flatMap(([name, value]) => [element("dt", { textContent: name }), element("dd", { textContent: value })]));
}

// Who is signed in.

let known = false;
function know(status) {
  known = status.authenticated;
  $("sign-in").hidden = known;
  $("open-account").hidden = !known;
  $("open-cart").hidden = !known;
  document.documentElement.dataset.signedIn = String(known);
  if (!known) {
    $("greeting").textContent = "Open all day, every day";
    for (const dialog of ["cart", "account"]) $(dialog).close();
  }
}

/** Everything the signed-in page shows of its person, in one view. */
async function showAccount() {
  const account = await ask("GET", "/api/account");
  $("who").textContent = account.name;
  $("initial").textContent = account.name.slice(0, 1);
  $("tier").textContent = account.tier;
  $("tier").className = `tier ${account.tier}`;
  $("greeting").textContent = account.greeting;
  facts($("account-facts"), [
    ["Name", account.name],
    ["Tier", account.tier],
    ["Harbor points", account.loyalty && `${account.loyalty.points}, since ${account.loyalty.since}`],
  ]);
  showCart(account.cart);
}

function showCart(cart) {
  $("cart-count").textContent = cart.pieces;
  $("cart-empty").hidden = cart.lines.length > 0;
  for (const id of ["cart-total", "pay", "pay-note"]) $(id).hidden = cart.lines.length === 0;
  $("total").textContent = cart.total ?? "";
  $("lines").replaceChildren(
    ...cart.lines.map((line) =>
      element(
        "li",
        {},
        element("span", { textContent: line.title }),
        element("strong", { textContent: line.total ?? "" }),
        element("span", { className: "quantity", textContent: `${line.quantity} ×` }),
      ),
    ),
  );
}

async function showSessions() {
  const { sessions } = await ask("GET", "/auth/sessions");
  $("sessions").replaceChildren(
    ...sessions.map((session) =>
      element(
        "li",
        {},
        element("span", { textContent: session.label }),
        session.current
          ? element("span", { className: "this", textContent: "This one" })
          : element("button", { type: "button", className: "quiet", textContent: "End", onclick: () => endSession(session.handle).catch(refused) }),
        element("span", { className: "when", textContent: `since ${new Date(session.created * 1000).toLocaleString()}` }),
      ),
    ),
  );
}

async function endSession(handle) {
  await ask("DELETE", `/auth/sessions/${encodeURIComponent(handle)}`);
  say("That session has ended.");
  await showSessions();
}

/** Ends the session here; where the provider has a page for it, ends the one there too. */
async function signOut(everywhere) {
  const said = await ask("POST", everywhere ? "/auth/logout?everywhere=true" : "/auth/logout");
  know({ authenticated: false });
  if (said?.end_session_url) location.assign(said.end_session_url);
  else say(everywhere ? "You are signed out everywhere." : "You are signed out.");
}

// What the buttons do.

const on = (id, act) =>
  $(id).addEventListener("click", async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      await act(event);
    } catch (problem) {
      refused(problem);
    } finally {
      button.disabled = false;
    }
  });

$("sign-in").addEventListener("click", (event) => {
  event.preventDefault();
  signIn();
});
on("open-cart", () => $("cart").showModal());
on("open-account", async () => {
  await showSessions();
  $("account").showModal();
});
on("sign-out", () => signOut(false));
on("sign-out-everywhere", () => signOut(true));
on("add", async () => {
  showCart(await ask("POST", "/api/cart/items", { productId: opened, quantity: 1 }));
  $("product").close();
  say("It is in your cart.");
});
on("pay", async () => {
  sessionStorage.setItem("paying", "yes");
  const order = await ask("POST", "/api/orders", {}, { "Idempotency-Key": orderKey() }).catch((problem) => {
    // Refused: the next attempt is another one. Without any answer nobody knows, so it is the same one, and pays once.
    if (problem instanceof Problem && problem.status < 500) sessionStorage.removeItem("order-key");
    throw problem;
  });
  sessionStorage.removeItem("paying");
  sessionStorage.removeItem("order-key");
  $("cart").close();
  say(`Thank you! ${order.total}, parcel ${order.trackingNumber}.`);
});

/** Names one attempt to pay, across reloads. */
function orderKey() {
  const key = sessionStorage.getItem("order-key") ?? crypto.randomUUID();
  sessionStorage.setItem("order-key", key);
  return key;
}

async function start() {
  showShelf().catch(refused);
  know(await ask("GET", "/auth/session"));
  if (!known) return;
  await showAccount();
  // Paying asked for a fresh sign-in, and that is done: the cart is open again for the last word.
  if (sessionStorage.getItem("paying") !== null) {
    sessionStorage.removeItem("paying");
    $("cart").showModal();
  }
}

start().catch(refused);
