/** Environments whose step and reward are random polynomials: smooth, and of any dimensions. */
import { add, array, matmul, mul, type NdArray, reshape, square, sum } from "@sgmrl/autodiff";
import { fold, type Key, normal } from "@sgmrl/autodiff/random";
import { box, defineEnvironment, type Environment, finiteFamily, type StepProgram } from "@sgmrl/envs";

export interface SmoothSettings {
  readonly states: number;
  readonly actions: number;
  readonly horizon: number;
  readonly start?: readonly number[];
}

/**
 *   s' = A s + B a + C (s ⊙ s) + D s_0 a,   r = b·s' + c·a − |s'|²/4 + e s'_0 a_0,   each coefficient normal
 */
export function smoothEnvironment(
  key: Key,
  { states: n, actions: m, horizon, start }: SmoothSettings,
): Environment<null> {
  const matrix = (i: number, rows: number, columns: number, scale: number): Float64Array =>
    normal(fold(key, i), rows * columns).map((z) => (scale * z) / Math.sqrt(columns));
  const [A, B, C, D] = [
    matrix(0, n, n, 0.7),
    matrix(1, n, m, 0.5),
    matrix(2, n, n, 0.1),
    matrix(3, n, m, 0.2),
  ];
  const [b, c, [e]] = [normal(fold(key, 4), n), normal(fold(key, 5), m), normal(fold(key, 6), 1)] as const;
  const s0 = start ?? [...normal(fold(key, 7), n)];

  const step: StepProgram = (s, a) => {
    const by = (M: Float64Array, x: NdArray, columns: number): NdArray =>
      reshape(matmul(array(M, [n, columns]), reshape(x, [columns, 1])), [n]);
    const first = sum(mul(s, array([1, ...Array.from({ length: n - 1 }, () => 0)])));
    const next = add(add(by(A, s, n), by(B, a, m)), add(by(C, square(s), n), mul(first, by(D, a, m))));
    const product = mul(
      sum(mul(next, array([1, ...Array.from({ length: n - 1 }, () => 0)]))),
      sum(mul(a, array([1, ...Array.from({ length: m - 1 }, () => 0)]))),
    );
    const linear = add(sum(mul(array(b), next)), sum(mul(array(c), a)));
    const reward = add(add(linear, mul(-0.25, sum(square(next)))), mul(e!, product));
    return { state: next, reward, terminated: array(0, undefined, "int32") };
  };
  return defineEnvironment<null>({
    name: "smooth",
    summary: "random polynomials",
    observation: box(n, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
    action: box(m, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
    stateSize: n,
    horizon,
    discount: 0.9,
    family: finiteFamily("one task", [{ weight: 1, task: null }]),
    differentiable: { step, parameters: () => [0] },
    dynamics: () => ({
      start: (_key, state, s) => state.set(s0, s),
      advance(state, s, action, a) {
        const before = state.slice(s, s + n);
        let [reward, size] = [0, 0];
        for (let i = 0; i < n; i++) {
          let next = 0;
          for (let k = 0; k < n; k++)
            next += A[i * n + k]! * before[k]! + C[i * n + k]! * before[k]! * before[k]!;
          for (let k = 0; k < m; k++) next += (B[i * m + k]! + D[i * m + k]! * before[0]!) * action[a + k]!;
          state[s + i] = next;
          reward += b[i]! * next;
          size += next * next;
        }
        for (let k = 0; k < m; k++) reward += c[k]! * action[a + k]!;
        return reward - size / 4 + e! * state[s]! * action[a]!;
      },
      terminal: () => false,
      observe: (state, s, observation, o) => observation.set(state.subarray(s, s + n), o),
    }),
  });
}
