import { EnvironmentError } from "../framework/errors.ts";
import type { AdjointDynamics } from "../framework/step-adjoint.ts";
import type { Model } from "../rigid-body/model/model.ts";
import type { BatchedSteps } from "../rigid-body/program/batched-steps.ts";
import type { ActionToControl } from "./control.ts";
import type { RewardSlopes, Stride } from "./definition.ts";
import type { Observation } from "./observation.ts";
import { strideReader } from "./stride.ts";

/** Beyond this a cotangent is scaled while it is pulled back, so that it does not overflow in float32. */
const large = 2 ** 60;

export interface AdjointParts {
  readonly name: string;
  readonly model: Model;
  readonly toControl: ActionToControl;
  readonly pullObservation: Exclude<Observation["pull"], string>;
  readonly slopes: (stride: Stride) => RewardSlopes;
  readonly steps: BatchedSteps;
}

/**
 * The adjoint of a robot's environment step, from its physics' [eq:adjoint-step]:    [eq:locomotion-adjoint]
 *
 *   s' = (q', v') = T(q, v, u),   u = u₀ + clip(u₁ a / a_max, ±u₁),   r = r(Δx, Δy, Σ u², q', v'),   Δ = (x', y') − (x, y)
 *   s̄' += r̄ ∂r/∂(q', v');   (x̄', ȳ') += r̄ ∂r/∂Δ;   (s̄, ū) = (∂T/∂(s, u))ᵀ s̄';   (x̄, ȳ) −= r̄ ∂r/∂Δ
 *   ū += 2 u r̄ ∂r/∂(Σ u²);   ā = u₁ ū/a_max where |a| < a_max
 *
 * Where a contact or a limit is about to begin or end, active rows are held fixed: a one-sided derivative.
 */
export function locomotionAdjoint({
  name,
  model,
  toControl,
  pullObservation,
  slopes,
  steps,
}: AdjointParts): AdjointDynamics {
  const { nq, nv, nu } = model;
  const [width, stateWidth] = [nq + nv, nq + 2 * nv];
  const strideTo = strideReader(model, steps.frameSkip, 0);
  return {
    pullSteps(states, rows, actions, actionRows, stateBars, rewardBars, actionBars) {
      const count = rows.length;
      const controls = new Float64Array(count * nu);
      const [throughDx, throughDy, throughEffort] = [0, 0, 0].map(() => new Float64Array(count)) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      const units = new Float64Array(count);
      for (let k = 0; k < count; k++) {
        toControl.write(actions, actionRows[k]!, controls, k * nu);
        const s = rows[k]!;
        const stride = strideTo(states, s + stateWidth, states[s]!, states[s + 1]!, controls, k * nu);
        const { dx = 0, dy = 0, effort = 0, qpos, qvel } = checked(name, slopes(stride), nq, nv);
        const bar = rewardBars[k]!;
        [throughDx[k], throughDy[k], throughEffort[k]] = [bar * dx, bar * dy, bar * effort];
        const b = k * width;
        stateBars[b]! += throughDx[k]!;
        if (nq > 1) stateBars[b + 1]! += throughDy[k]!;
        for (let i = 0; qpos !== undefined && i < nq; i++) stateBars[b + i]! += bar * qpos[i]!;
        for (let i = 0; qvel !== undefined && i < nv; i++) stateBars[b + nq + i]! += bar * qvel[i]!;
        units[k] = unitOf(stateBars, b, width);
        if (units[k] !== 1) scaleRow(1 / units[k]!, stateBars, b, width);
      }
      actionBars.fill(0, 0, count * nu);
      const [bars, controlBars] = [stateBars.subarray(0, count * width), actionBars.subarray(0, count * nu)];
      steps.pullback(states, rows, controls, bars, controlBars);
      for (let k = 0; k < count; k++) {
        if (units[k] !== 1) {
          scaleRow(units[k]!, stateBars, k * width, width);
          scaleRow(units[k]!, actionBars, k * nu, nu);
        }
        stateBars[k * width]! -= throughDx[k]!;
        if (nq > 1) stateBars[k * width + 1]! -= throughDy[k]!;
        for (let i = 0; i < nu; i++) {
          const bar = actionBars[k * nu + i]! + 2 * controls[k * nu + i]! * throughEffort[k]!;
          actionBars[k * nu + i] = toControl.pull(bar, i, actions[actionRows[k]! + i]!);
        }
      }
    },

    pullObservation,
  };
}

/** Refuses slopes that are not finite, and lists of another length than what they belong to. */
function checked(name: string, slopes: RewardSlopes, nq: number, nv: number): RewardSlopes {
  if (typeof slopes !== "object" || slopes === null)
    throw new EnvironmentError(name, "slopes(task, stride)", slopes, "an object of slopes");
  const { dx = 0, dy = 0, effort = 0, qpos, qvel } = slopes;
  for (const [part, value] of Object.entries({ dx, dy, effort }))
    if (!Number.isFinite(value))
      throw new EnvironmentError(name, `slopes(task, stride).${part}`, value, "a finite number");
  for (const [part, values, length] of [
    ["qpos", qpos, nq],
    ["qvel", qvel, nv],
  ] as const) {
    if (values === undefined || (values?.length === length && Array.from(values).every(Number.isFinite)))
      continue;
    throw new EnvironmentError(name, `slopes(task, stride).${part}`, values, `${length} finite numbers`);
  }
  return slopes;
}

/** A power of two by which a row is divided to be at most `large`; 1 if it is not finite. */
function unitOf(x: Float64Array, from: number, length: number): number {
  let size = 0;
  for (let i = from; i < from + length; i++) size = Math.max(size, Math.abs(x[i]!));
  let unit = 1;
  for (; size > large && Number.isFinite(size); size /= large) unit *= large;
  return unit;
}

function scaleRow(factor: number, x: Float64Array, from: number, length: number): void {
  for (let i = from; i < from + length; i++) x[i]! *= factor;
}
