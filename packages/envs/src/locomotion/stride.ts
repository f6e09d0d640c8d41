import { clip } from "../framework/action-scaling.ts";
import type { Model } from "../rigid-body/model/model.ts";
import type { Stride } from "./definition.ts";

/**
 * The stride that led to the state at states[s …], from a first and second coordinate x0, y0, under the control at
 * controls[c …]. One record, overwritten by each call.
 */
export type ReadStride = (
  states: Float64Array,
  s: number,
  x0: number,
  y0: number,
  controls: Float64Array,
  c: number,
) => Stride;

export function strideReader({ nq, nv, nu, timestep }: Model, frameSkip: number, forces: number): ReadStride {
  const [qpos, qvel] = [new Float64Array(nq), new Float64Array(nv)];
  const stride: Stride = { dt: frameSkip * timestep, dx: 0, dy: 0, effort: 0, contactEffort: 0, qpos, qvel };
  const forcesAt = nq + 2 * nv;
  return (states, s, x0, y0, controls, c) => {
    for (let i = 0; i < nq; i++) qpos[i] = states[s + i]!;
    for (let i = 0; i < nv; i++) qvel[i] = states[s + nq + i]!;
    stride.dx = qpos[0]! - x0;
    stride.dy = nq > 1 ? qpos[1]! - y0 : 0;
    stride.effort = 0;
    for (let i = 0; i < nu; i++) stride.effort += controls[c + i]! * controls[c + i]!;
    stride.contactEffort = 0;
    for (let i = 0; i < forces; i++) {
      const force = clip(states[s + forcesAt + i]!, 1);
      stride.contactEffort += force * force;
    }
    return stride;
  };
}
