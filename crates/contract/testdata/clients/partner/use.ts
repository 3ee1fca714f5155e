import { PartnerClient } from "./client.ts";

const partner = new PartnerClient({ baseUrl: new URL("https://partner.example.com/api"), apiKey: "fdk_partner_x" });

// @ts-expect-error: who asks must be known
new PartnerClient({ baseUrl: "https://partner.example.com" });

export async function pieces(productId: string): Promise<number> {
  const stock = await partner.stock({ productId });
  return stock.ok && stock.answer.available ? stock.answer.pieces : 0;
}
