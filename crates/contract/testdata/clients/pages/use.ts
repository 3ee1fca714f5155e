import { WebClient } from "./client.ts";

// Several ways to prove who one is: none of them must be used.
const web = new WebClient({ baseUrl: "/", proof: async ({ method, url }) => ({ DPoP: `${method} ${url.href}` }) });

export async function orders(): Promise<string[]> {
  const orders = await web.orders();
  if (orders.ok) return orders.answer;
  if (orders.problem.code === "login_required") return [orders.problem.login_url ?? ""];
  return [];
}
