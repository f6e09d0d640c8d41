import { actionScale, scaledAction } from "../framework/action-scaling.ts";
import type { AdjointDynamics } from "../framework/step-adjoint.ts";
import type { Model } from "../rigid-body/model/model.ts";
import type { BatchedSteps } from "../rigid-body/program/batched-steps.ts";
import type { Displacement, Locomotion, RewardSlopes } from "./definition.ts";

/** Beyond this a cotangent is scaled while it is pulled back, so that it does not overflow in float32. */
const large = 2 ** 60;

/**
 * The adjoint of a robot's environment step, from its physics' [eq:adjoint-step]:    [eq:locomotion-adjoint]
 *
 *   s' = (q', v') = F(q, v, u),   u = clip(a / 10, 1),   r = r(x' − x, Σ u²)
 *   x̄' += r̄ ∂r/∂(dx);   (s̄, ū) = (∂F/∂(s, u))ᵀ s̄';   x̄ −= r̄ ∂r/∂(dx);   ū += 2 u r̄ ∂r/∂(Σ u²);   ā = ū/10 where |a| < 10
 *
 * Where a contact or a limit is about to begin or end, active rows are held fixed: a one-sided derivative.
 */
export function locomotionAdjoint<Task>(
  { observes, actionScale: scale = actionScale }: Pick<Locomotion<Task>, "observes" | "actionScale">,
  slopes: (stride: Displacement) => RewardSlopes,
  model: Model,
  frameSkip: number,
  steps: BatchedSteps,
): AdjointDynamics {
  const { nq, nv, nu } = model;
  const [width, stateWidth] = [nq + nv, nq + 2 * nv];
  const dt = frameSkip * model.timestep;
  return {
    pullSteps(states, rows, actions, actionRows, stateBars, rewardBars, actionBars) {
      const count = rows.length;
      const controls = new Float64Array(count * nu);
      const [throughDx, throughEffort] = [new Float64Array(count), new Float64Array(count)];
      const units = new Float64Array(count);
      for (let k = 0; k < count; k++) {
        for (let i = 0; i < nu; i++)
          controls[k * nu + i] = scaledAction(actions[actionRows[k]! + i]!, 1, scale);
        const s = rows[k]!;
        const { dx, effort } = slopes({ dx: states[s + stateWidth]! - states[s]!, dt });
        throughDx[k] = rewardBars[k]! * dx;
        throughEffort[k] = rewardBars[k]! * effort;
        stateBars[k * width]! += throughDx[k]!;
        units[k] = unitOf(stateBars, k * width, width);
        if (units[k] !== 1) scaleRow(1 / units[k]!, stateBars, k * width, width);
      }
      actionBars.fill(0, 0, count * nu);
      steps.pullback(states, rows, controls, stateBars, actionBars);
      for (let k = 0; k < count; k++) {
        if (units[k] !== 1) {
          scaleRow(units[k]!, stateBars, k * width, width);
          scaleRow(units[k]!, actionBars, k * nu, nu);
        }
        stateBars[k * width]! -= throughDx[k]!;
        for (let i = 0; i < nu; i++) {
          const bar = actionBars[k * nu + i]! + 2 * controls[k * nu + i]! * throughEffort[k]!;
          actionBars[k * nu + i] = Math.abs(actions[actionRows[k]! + i]!) < scale ? bar / scale : 0;
        }
      }
    },

    pullObservation(states, s, observationBars, o, stateBars, b) {
      let next = o;
      for (let i = observes.firstPosition; i < nq; i++) stateBars[b + i]! += observationBars[next++]!;
      for (let i = nq; i < width; i++) {
        const bar = observationBars[next++]!;
        if (Math.abs(states[s + i]!) < observes.velocityClip) stateBars[b + i]! += bar;
      }
    },
  };
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
