import { cos, sin } from "@sgmrl/autodiff/elementary";
import { minimumValue } from "../model/constraint-law.ts";

/**
 * out ← q / |q| for the quaternion (w, x, y, z) at q[a ...], of any length; the identity if |q| < 1e-15.
 * Source: MuJoCo 3.3.8, which treats a quaternion too short to have a direction as no rotation.
 */
export function normalizeQuaternion(q: Float64Array, a: number, out: Float64Array): void {
  let w = q[a]!;
  let x = q[a + 1]!;
  let y = q[a + 2]!;
  let z = q[a + 3]!;
  let n = Math.sqrt(w * w + x * x + y * y + z * z);
  if (n === Number.POSITIVE_INFINITY) {
    const largest = Math.max(Math.abs(w), Math.abs(x), Math.abs(y), Math.abs(z));
    w /= largest;
    x /= largest;
    y /= largest;
    z /= largest;
    n = Math.sqrt(w * w + x * x + y * y + z * z);
  }
  if (n < minimumValue) {
    w = 1;
    x = 0;
    y = 0;
    z = 0;
    n = 1;
  }
  out[0] = w / n;
  out[1] = x / n;
  out[2] = y / n;
  out[3] = z / n;
}

const unit = new Float64Array(4);

/**
 * out[a ...] ← the orientation after a time h at the angular velocity v[d ...], in the body's frame:
 *   normalise(q) ∘ (cos ½φ, sin ½φ · v/|v|)      φ = h |v|
 */
export function turnQuaternion(
  q: Float64Array,
  a: number,
  v: Float64Array,
  d: number,
  h: number,
  out: Float64Array,
): void {
  const vx = v[d]!;
  const vy = v[d + 1]!;
  const vz = v[d + 2]!;
  const rate = Math.sqrt(vx * vx + vy * vy + vz * vz);
  normalizeQuaternion(q, a, unit);
  const w = unit[0]!;
  const x = unit[1]!;
  const y = unit[2]!;
  const z = unit[3]!;
  const half = 0.5 * h * rate;
  const s = rate === 0 ? 0 : sin(half) / rate;
  const e = cos(half);
  const i = s * vx;
  const j = s * vy;
  const k = s * vz;
  out[a] = w * e - x * i - y * j - z * k;
  out[a + 1] = w * i + x * e + y * k - z * j;
  out[a + 2] = w * j - x * k + y * e + z * i;
  out[a + 3] = w * k + x * j - y * i + z * e;
}
