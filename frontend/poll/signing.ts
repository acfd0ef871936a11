/**
 * Ballot ids, and signatures by a key that never leaves the browser. WebCrypto exists only in secure contexts: on plain HTTP ballots
 * are unsigned, and their ids are made without it (decision 0018).
 */
const CURVE: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING: EcdsaParams = { name: "ECDSA", hash: "SHA-256" };

/** A public key (uncompressed point) and a signature, base64url. */
export interface Signed {
  key: string;
  signature: string;
}

/** A new key pair with a non-extractable private key. Rejects where there is no WebCrypto. */
export const newKeys = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);

export interface Text {
  poll: string;
  id: string;
  choices: number[];
  /** Absent in ballots of older versions. */
  epoch?: number | undefined;
}

/** Signs a ballot; the text is what polls/signatures.py verifies. */
export async function sign(keys: CryptoKeyPair, { poll, id, choices, epoch }: Text): Promise<Signed> {
  const picked = [...choices].sort((one, other) => one - other).join(",");
  const message = ["tallyline-ballot", poll, id, picked, ...(epoch === undefined ? [] : [epoch])].join("|");
  const text = new TextEncoder().encode(message);
  const [key, signature] = await Promise.all([
    crypto.subtle.exportKey("raw", keys.publicKey),
    crypto.subtle.sign(SIGNING, keys.privateKey, text),
  ]);
  return { key: base64url(key), signature: base64url(signature) };
}

function base64url(raw: ArrayBuffer): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(raw)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
