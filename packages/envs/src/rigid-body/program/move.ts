import {
  add,
  cos,
  div,
  less,
  mul,
  type Operand,
  type Scalar,
  select,
  sin,
  sqrt,
  sub,
} from "@sgmrl/autodiff/scalar";
import type { Model } from "../model/model.ts";
import { normalized } from "./kinematics.ts";

/** q ⊕ h v: a sum for translations and hinges; an orientation turns by h |ω| about ω/|ω|, in the body's frame. */
export function move(model: Model, q: readonly Scalar[], v: readonly Scalar[], h: Operand): Scalar[] {
  const out = [...q];
  model.dofQpos.forEach((address, i) => {
    if (address >= 0) out[address] = add(q[address]!, mul(h, v[i]!));
  });
  for (const { qposAddress: a, dof } of model.quaternions) {
    const [w, x, y, z] = normalized([q[a]!, q[a + 1]!, q[a + 2]!, q[a + 3]!]);
    const [vx, vy, vz] = [v[dof]!, v[dof + 1]!, v[dof + 2]!];
    const square = add(add(mul(vx, vx), mul(vy, vy)), mul(vz, vz));
    const isStill = less(square, 1e-30);
    const rate = sqrt(select(isStill, 1, square));
    const half = mul(mul(0.5, h), rate);
    // sin(½ h r)/r, or its limit ½ h for a body at rest
    const s = select(isStill, mul(0.5, h), div(sin(half), rate));
    const e = select(isStill, 1, cos(half));
    const [i, j, k] = [mul(s, vx), mul(s, vy), mul(s, vz)];
    out[a] = sub(sub(sub(mul(w, e), mul(x, i)), mul(y, j)), mul(z, k));
    out[a + 1] = sub(add(add(mul(w, i), mul(x, e)), mul(y, k)), mul(z, j));
    out[a + 2] = add(add(sub(mul(w, j), mul(x, k)), mul(y, e)), mul(z, i));
    out[a + 3] = add(sub(add(mul(w, k), mul(x, j)), mul(y, i)), mul(z, e));
  }
  return out;
}
