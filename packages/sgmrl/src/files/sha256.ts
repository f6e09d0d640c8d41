import { createHash } from "node:crypto";

/** SHA-256 as 64 hexadecimal digits. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** θ as it is hashed and as it travels: float64, little-endian. [d] → [8 d] bytes */
export function thetaBytes(theta: Float64Array): Uint8Array {
  const bytes = new Uint8Array(theta.byteLength);
  const view = new DataView(bytes.buffer);
  theta.forEach((value, i) => {
    view.setFloat64(8 * i, value, true);
  });
  return bytes;
}
