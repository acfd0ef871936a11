/** A new idempotency key: 32 hex digits. Not crypto.randomUUID, which plain HTTP lacks. */
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
