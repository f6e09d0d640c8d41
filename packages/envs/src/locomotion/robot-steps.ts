/** The steps of a robot's environment: compiled programs for many states, or one state at a time where there is none. */
import type { Model } from "../rigid-body/model/model.ts";
import { type BatchedSteps, batchedSteps } from "../rigid-body/program/batched-steps.ts";
import { advanceAlone } from "../rigid-body/program/left-over.ts";

export interface StepLayout {
  readonly frameSkip: number;
  readonly contactForces: boolean;
  readonly dtype?: "float64" | "float32";
}

const compiled = new WeakMap<Model, Map<string, BatchedSteps>>();

/** The programs of a robot, or of one that differs from the template in parameters only; compiled once for all. */
export function stepsOf(template: Model, model: Model, layout: StepLayout): BatchedSteps {
  const { frameSkip, contactForces, dtype = "float64" } = layout;
  const openParameters = model !== template;
  const known = compiled.get(template) ?? new Map<string, BatchedSteps>();
  compiled.set(template, known);
  const as = [frameSkip, contactForces, dtype, openParameters].join();
  let steps = known.get(as);
  if (steps === undefined) {
    // The few states that the program in float32 cannot handle are left to that in float64.
    const fallback =
      dtype === "float64" ? undefined : stepsOf(template, model, { ...layout, dtype: "float64" });
    steps = batchedSteps(template, frameSkip, { contactForces, openParameters, dtype, fallback });
    known.set(as, steps);
  }
  return openParameters ? steps.withParameters(model) : steps;
}

/** `advance` of these steps; without a program, of one state after the other, which changes none if one throws. */
export function advanceOf(template: Model, model: Model, layout: StepLayout): BatchedSteps["advance"] {
  const steps = stepsOf(template, model, layout);
  if (steps.refusal === undefined) return steps.advance;
  const { nq, nv, nu, partNames } = model;
  const width = nq + 2 * nv + (layout.contactForces ? 6 * partNames.length : 0);
  return (states, rows, controls) => {
    const reached = Array.from(rows, (s, k) =>
      advanceAlone(model, layout.frameSkip, states, s, width, controls.slice(k * nu, (k + 1) * nu)),
    );
    rows.forEach((s, k) => {
      states.set(reached[k]!, s);
    });
  };
}
