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
} from "@sgmrl/autodiff";
import type { StepProgram } from "@sgmrl/envs";
import { parametersOf } from "./policy/parameters.ts";
import type { Policy } from "./policy/policy.ts";
import type { RolloutNoise } from "./rollout.ts";
import type { TrajectoryBatch } from "./trajectory.ts";

/** What stays where the steps run until the last one is done. */
interface Walk {
  /** [N, s] */
  readonly state: NdArray;
  /** [N], int32; 1 until the trajectory terminates, then 0 */
  readonly running: NdArray;
  /** Step h of trajectory j is at [h, j]: observation, action, reward, whether the step was taken. */
  readonly tape: NdArray;
}

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
  const walk = iterate<Walk, Given>((at, given, t) => oneStep(policy, step, at, given, t), {
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
    const begin: Walk = {
      state: start,
      running: ones([N], "int32"),
      tape: zeros([H, N, policy.observationWidth + a + 2]),
    };
    const { tape } = walk(begin, { theta: array(theta), task, noise }, H);
    return readTape(tape, policy.observationWidth, a);
  };
}

function oneStep(
  policy: Policy,
  step: StepProgram,
  { state, running, tape }: Walk,
  { theta, task, noise }: Given,
  t: NdArray,
): Walk {
  const a = policy.actionWidth;
  const distribution = policy.distribution(parametersOf(policy.layout, theta), state);
  const [mu, sigma] = [slice(distribution, [], [0, a]), slice(distribution, [], [a])];
  const now = equal(arange(tape.shape[0]!, "int32"), t);
  const action = add(mu, mul(sigma, gather(noise, t)));
  const next = vmap((s: NdArray, u: NdArray) => step(s, u, task))(state, action);
  const taken = expandDims(running, 1);
  const flag = convert(taken, state.dtype);
  const row = mul(flag, concat([state, action, expandDims(next.reward, 1), flag], 1));
  return {
    // A trajectory that has terminated stays where it is.
    state: select(taken, next.state, state),
    running: mul(running, sub(1, next.terminated)),
    tape: select(reshape(now, [-1, 1, 1]), expandDims(row, 0), tape),
  };
}

/** The tape by trajectories. */
function readTape({ data, shape }: NdArray, o: number, a: number): TrajectoryBatch {
  const [H, N, width] = shape as [number, number, number]; // the tape has three axes
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
