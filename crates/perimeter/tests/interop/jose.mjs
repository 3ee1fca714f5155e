// The other side of the interoperability test: npm `jose` signs what we verify, and verifies what we sign.
// Usage: node jose.mjs <node_modules>, with a JSON document on stdin; answers with one on stdout.
import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";

const jose = await import(pathToFileURL(`${process.argv[2]}/jose/dist/webapi/index.js`));
const given = JSON.parse(await new Promise((resolve) => {
  let text = "";
  process.stdin.on("data", (part) => (text += part)).on("end", () => resolve(text));
}));
const now = given.now;

async function tokens() {
  const all = [];
  for (const alg of ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "Ed25519"]) {
    const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
    const jwk = { ...(await jose.exportJWK(publicKey)), kid: `key ${alg}`, use: "sig", alg };
    const token = await new jose.SignJWT({ scope: "cart", client_id: "app" })
      .setProtectedHeader({ alg, typ: "at+jwt", kid: jwk.kid })
      .setIssuer("https://login.example.com")
      .setAudience(["other", "shop"])
      .setSubject(`user of ${alg}`)
      .setIssuedAt(now)
      .setExpirationTime(now + 300)
      .sign(privateKey);
    all.push({ alg, jwk, token, thumbprint: await jose.calculateJwkThumbprint(jwk) });
  }
  return all;
}

async function proofs() {
  const all = [];
  for (const alg of ["ES256", "EdDSA"]) {
    const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
    const jwk = await jose.exportJWK(publicKey);
    const proof = await new jose.SignJWT({
      jti: `jti ${alg}`, htm: "POST", htu: "https://shop.example.com/cart", nonce: given.nonce,
      ath: createHash("sha256").update("token").digest("base64url"),
    }).setProtectedHeader({ alg, typ: "dpop+jwt", jwk }).setIssuedAt(now).sign(privateKey);
    all.push({ proof, thumbprint: await jose.calculateJwkThumbprint(jwk) });
  }
  return all;
}

const verified = [];
for (const { kind, token, jwks } of given.tokens) {
  try {
    const options = { currentDate: new Date(now * 1000) };
    const { payload, protectedHeader } = kind === "proof"
      ? await jose.jwtVerify(token, jose.EmbeddedJWK, { ...options, typ: "dpop+jwt", maxTokenAge: 60 })
      : await jose.jwtVerify(token, jose.createLocalJWKSet(jwks), { ...options, ...given.expect });
    const thumbprint = protectedHeader.jwk && (await jose.calculateJwkThumbprint(protectedHeader.jwk));
    verified.push({ payload, header: protectedHeader, thumbprint });
  } catch (error) {
    verified.push({ error: String(error) });
  }
}
console.log(JSON.stringify({ tokens: await tokens(), proofs: await proofs(), verified }));
