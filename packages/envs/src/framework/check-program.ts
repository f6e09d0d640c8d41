import { array, compile, type NdArray, vmap } from "@sgmrl/autodiff";
import type { Environment } from "./environment.ts";
import { EnvironmentError } from "./errors.ts";
import type { StepProgram } from "./step-program.ts";

/** A trajectory as the environment took it: s_0 … s_H, the observations of all but the last, a_t and r_t. */
export interface TakenSteps {
  readonly states: readonly Float64Array[];
  readonly observations: readonly Float64Array[];
  readonly actions: readonly Float64Array[];
  readonly rewards: readonly number[];
  /** Whether the last step ended it. */
  readonly terminated: boolean;
}

/** Relative error from which numbers differ by more than rounding. */
const tolerance = 1e-9;

/**
 * Refuses a program that is not the step taken: another state, reward or end, or a state that is not the observation.
 * Where data jump, also a step that is not arrive(s, move(s, a)), and a distance below 0.
 *
 * Errors  `EnvironmentError` with both numbers; what the program throws is passed on
 */
export function checkProgram<Task>(
  { name, differentiable }: Environment<Task>,
  task: Task,
  { states, observations, actions, rewards, terminated }: TakenSteps,
): void {
  if (differentiable === undefined) return;
  const { step, parameters, jumps } = differentiable;
  const steps = actions.length;
  const before = states.slice(0, steps);
  const rows = (of: readonly ArrayLike<number>[]): NdArray => array(of.map((row) => Array.from(row)));
  const given = [rows(before), rows(actions), rows(actions.map(() => parameters(task)))] as const;

  const compare = (what: string, got: ArrayLike<number>, expected: readonly ArrayLike<number>[]): void => {
    const each = expected[0]!.length;
    if (got.length !== steps * each)
      throw new EnvironmentError(name, `the length of ${what}`, got.length / steps, `${each}`);
    expected.forEach((row, t) => {
      for (let i = 0; i < each; i++) {
        const [own, value] = [got[t * each + i]!, row[i]!];
        if (Math.abs(own - value) <= tolerance * (1 + Math.abs(value))) continue;
        const field = `${what} at time ${t}${each === 1 ? "" : `, number ${i},`}`;
        throw new EnvironmentError(name, field, own, `${value}, as without the program`);
      }
    });
  };
  const compareStep = (which: string, program: StepProgram): void => {
    const found = compile(vmap(program))(...given);
    compare(`the state reached by ${which}`, found.state.data, states.slice(1));
    compare(
      `the reward of ${which}`,
      found.reward.data,
      rewards.map((reward) => [reward]),
    );
    compare(
      `the end by ${which}`,
      found.terminated.data,
      rewards.map((_, t) => [Number(terminated && t === steps - 1)]),
    );
  };
  compare(
    "the state, which the policy sees,",
    before.flatMap((state) => [...state]),
    observations,
  );
  compareStep("differentiable.step", step);
  if (jumps === undefined) return;
  const { move, arrive, distance } = jumps;
  compareStep("arrive(s, move(s, a)) of differentiable.jumps", (s, a, of) => arrive(s, move(s, a), of));
  const distances = compile(vmap((s: NdArray, a: NdArray, of: NdArray) => distance(s, move(s, a), of)))(
    ...given,
  );
  distances.data.forEach((d, t) => {
    if (!(d >= 0))
      throw new EnvironmentError(name, `differentiable.jumps.distance at time ${t}`, d, "at least 0");
  });
}
