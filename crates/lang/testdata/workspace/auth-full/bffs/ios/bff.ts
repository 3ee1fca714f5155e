import { apiKeys, bearer, bff, clientSecret, device, secret, t } from "frontdesk";

export default bff({
  client: "ios",
  auth: [
    bearer({
      issuer: "harbor",
      audience: ["https://ios.example.com", "ios"],
      algorithms: ["ES256", "EdDSA"],
      types: ["at+jwt", "application/JWT"],
      leeway: "10s",
      scopes: ["shop"],
      dpop: "required",
      introspect: true,
      client: { id: "ios-bff", auth: clientSecret(secret("IOS_SECRET")) },
      claims: { tier: t.string().optional() },
    }),
    device({
      issuer: "harbor",
      client: { id: "ios-bff", auth: clientSecret(secret("IOS_SECRET"), { method: "basic" }) },
      scopes: ["openid", "offline_access"],
      redirects: ["https://app.example.com/signed-in", "com.example.shop:/signed-in"],
      claims: { tier: t.string().optional() },
    }),
    apiKeys(),
  ],
});
