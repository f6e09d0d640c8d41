import {
  add,
  arange,
  array,
  type Backend,
  concat,
  convert,
  equal,
  expandDims,
  gather,
  iterate,
  mul,
  type NdArray,
  ones,
  reshape,
  select,
  slice,
  sub,
  vmap,
  zeros,
  zerosLike,
} from "@sgmrl/autodiff";
import type { StepProgram } from "@sgmrl/envs";
import { parametersOf } from "../../src/policy/parameters.ts";
import type { Policy } from "../../src/policy/policy.ts";
import type { RolloutNoise } from "../../src/sampling/rollout.ts";
import type { TrajectoryBatch } from "../../src/trajectory.ts";

/**
 * What stays where the steps run until the last one is done, [H + 1, N, o + a + 2]: step h of trajectory j is at [h, j], its
 * observation, action, reward, and 1 if it was taken, else all zeros. Before step h, row h has the state it starts from and
 * 1 for those that still run.
 */
type Tape = NdArray;

interface Given {
  /** [d] */
  readonly theta: NdArray;
  /** [k] */
  readonly task: NdArray;
  /** z_h of trajectory j, standard normal: [H, N, a] */
  readonly noise: NdArray;
}

/**
 * `rollout` of a Gaussian policy as one loop of a backend: policy and step are one program, run H times; the trajectories
 * are read when all are done.                                                            [eq:rollout]
 *
 *   a_h = μ(s_h; θ) + σ(θ) z_h,   s_{h+1}, r_h from the step's program
 *
 * Float32 throughout.
 */
export function deviceRollout(
  policy: Policy,
  step: StepProgram,
  backend: Backend,
): (theta: Float64Array, task: NdArray, start: NdArray, noise: RolloutNoise) => TrajectoryBatch {
  const walk = iterate<Tape, Given>((tape, given, t) => oneStep(policy, step, tape, given, t), {
    backend,
    dtype: "float32",
  });
  return (theta, task, start, { actions, horizon: H }) => {
    const N = actions.length;
    const a = policy.actionWidth;
    const noise = array(
      Float64Array.from({ length: H * N * a }, (_, i) => {
        const [h, j] = [Math.floor(i / (N * a)), Math.floor(i / a) % N];
        return actions[j]![h * a + (i % a)]!;
      }),
      [H, N, a],
    );
    const first = concat([start, zeros([N, a + 1]), ones([N, 1])], 1);
    const begin = concat([expandDims(first, 0), zeros([H, ...first.shape])]);
    const tape = walk(begin, { theta: array(theta), task, noise }, H);
    return readTape(tape, policy.observationWidth, a);
  };
}

function oneStep(
  policy: Policy,
  step: StepProgram,
  tape: Tape,
  { theta, task, noise }: Given,
  t: NdArray,
): Tape {
  const [o, a] = [policy.observationWidth, policy.actionWidth];
  const begun = gather(tape, t);
  const [state, running] = [slice(begun, [], [0, o]), slice(begun, [], [o + a + 1])];
  const distribution = policy.distribution(parametersOf(policy.layout, theta), state);
  const [mu, sigma] = [slice(distribution, [], [0, a]), slice(distribution, [], [a])];
  const action = add(mu, mul(sigma, gather(noise, t)));
  const next = vmap((s: NdArray, u: NdArray) => step(s, u, task))(state, action);
  const goesOn = convert(sub(1, next.terminated), tape.dtype);
  const taken = mul(running, concat([state, action, expandDims(next.reward, 1), running], 1));
  // A trajectory that has terminated stays where it is.
  const after = concat(
    [
      select(equal(running, 1), next.state, state),
      zerosLike(slice(begun, [], [o, o + a + 1])),
      mul(running, expandDims(goesOn, 1)),
    ],
    1,
  );
  const isRow = (h: NdArray): NdArray => reshape(equal(arange(tape.shape[0]!, "int32"), h), [-1, 1, 1]);
  return select(isRow(t), taken, select(isRow(add(t, 1)), after, tape));
}

/** The tape by trajectories. */
function readTape({ data, shape }: Tape, o: number, a: number): TrajectoryBatch {
  const [rows, N, width] = shape as [number, number, number]; // the tape has three axes
  const H = rows - 1;
  const part = (from: number, to: number): Float64Array =>
    Float64Array.from({ length: N * H * (to - from) }, (_, i) => {
      const [row, k] = [Math.floor(i / (to - from)), i % (to - from)];
      return data[((row % H) * N + Math.floor(row / H)) * width + from + k]!;
    });
  const taken = part(o + a + 1, width);
  return {
    trajectories: N,
    horizon: H,
    lengths: Int32Array.from({ length: N }, (_, j) =>
      taken.subarray(j * H, (j + 1) * H).reduce((total, one) => total + one, 0),
    ),
    observations: part(0, o),
    actions: part(o, o + a),
    rewards: part(o + a, o + a + 1),
  };
}
