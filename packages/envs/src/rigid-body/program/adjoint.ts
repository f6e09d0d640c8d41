/**
 * The adjoint of a step, as a program: pulls cotangents of (q', v') back to (q, v, u).      [eq:adjoint-step]
 *
 * At the solution a of a step's solve the active rows are known, and a is their Newton point
 * [eq:newton-point], H a = g. By the implicit function theorem [eq:adjoint-solve]
 *   λ = H⁻¹ ā,   x̄ = −∂/∂x λᵀ (H a − g),   x = q, v, u
 * where λᵀ (H a − g) is one number [eq:residual], differentiated along the tree of the bodies [eq:tree-adjoint] and,
 * for what acts on a body alone, by autodiff [eq:vjp].
 */
import {
  add,
  and,
  constant,
  less,
  mul,
  neg,
  pullback,
  type Scalar,
  type ScalarProgram,
  type Statement,
  select,
  set,
  sub,
  variable,
  withRule,
} from "@sgmrl/autodiff/scalar";
import type { Model } from "../model/model.ts";
import { bodiesAt } from "./acceleration.ts";
import { move } from "./move.ts";
import { type ProgramModel, programModel } from "./parameters.ts";
import { type Inputs, residualSlopes } from "./residual.ts";
import { assign, type StepOptions } from "./step.ts";
import {
  type EulerEntry,
  eulerVariables,
  pop,
  rungeKuttaVariables,
  type SolveEntry,
  solveVariables,
  turnsOf,
  variables,
} from "./tape.ts";
import { solveFactored } from "./tree-solve.ts";

export interface AdjointVariables {
  readonly control: readonly Scalar[];
  /** Cotangents of the state after the steps; then of the state before them. */
  readonly qposBar: readonly Scalar[];
  readonly qvelBar: readonly Scalar[];
  /** The control's cotangent, to which the steps add their own. */
  readonly controlBar: readonly Scalar[];
}

/**
 * Empties the tape of as many recorded steps, of `stepProgram`.
 * Arrays: control (read-only), bars (q̄, v̄), control bars, parameters (if open).
 */
export function adjointProgram(
  model: Model,
  { times = 1, openParameters = false, dtype }: StepOptions = {},
): ScalarProgram {
  const { nq, nv, nu } = model;
  const { robot, variables: parameters } = programModel(model, openParameters, dtype);
  const x: AdjointVariables = {
    control: variables("u", nu),
    qposBar: variables("q̄", nq),
    qvelBar: variables("v̄", nv),
    controlBar: variables("ū", nu),
  };
  const arrays = {
    control: x.control,
    bars: [...x.qposBar, ...x.qvelBar],
    controlBars: x.controlBar,
    parameters,
  };
  const body = model.integrator === "euler" ? eulerAdjoint(robot, x) : rungeKuttaAdjoint(robot, x);
  return { name: "adjoint", arrays, statements: [{ kind: "repeat", times, body }] };
}

/** The solution a as a function of (q, v, u), with the active rows held fixed. */
function heldAcceleration(
  model: ProgramModel,
  inputs: Inputs,
  solution: readonly Scalar[],
  solve: SolveEntry,
): Scalar[] {
  return withRule(
    inputs.flat(),
    () => solution,
    (bars) => {
      const lambda = solveFactored(model.paths, solve.factor, bars);
      const bodies = bodiesAt(model, inputs[0], inputs[1], turnsOf(model, solve));
      return residualSlopes(model, bodies, inputs, solution, lambda).map(neg);
    },
  );
}

/**
 * The same for a' of [eq:semi-implicit-euler], (M + h B) a' = M a:
 *   μ = (M + h B)⁻¹ ā',   ā = M μ = ā' − h B μ,   and x̄ gains −∂/∂x μᵀ M (a' − a)
 */
function heldDampedAcceleration(
  model: ProgramModel,
  inputs: Inputs,
  { solution, damped, dampedFactor }: EulerEntry,
  solve: SolveEntry,
): readonly Scalar[] {
  if (!model.isDamped) return heldAcceleration(model, inputs, solution, solve);
  return withRule(
    inputs.flat(),
    () => damped,
    (bars) => {
      const { paths, parameters, timestep } = model;
      const mu = solveFactored(paths, dampedFactor, bars);
      const solutionBars = bars.map((bar, i) => sub(bar, mul(mul(timestep, parameters.damping[i]!), mu[i]!)));
      const lambda = solveFactored(paths, solve.factor, solutionBars);
      const bodies = bodiesAt(model, inputs[0], inputs[1], turnsOf(model, solve));
      const change = damped.map((a, i) => sub(a, solution[i]!));
      return residualSlopes(model, bodies, inputs, solution, lambda, { mu, change }).map(neg);
    },
  );
}

function eulerAdjoint(model: ProgramModel, x: AdjointVariables): Statement[] {
  const [entry, solve] = [eulerVariables(model), solveVariables(model)];
  const { qpos: q, qvel: v } = entry;
  const u = x.control;
  const h = model.timestep;
  const a = heldDampedAcceleration(model, [q, v, u], entry, solve);
  const velocity = v.map((rate, i) => add(rate, mul(h, a[i]!)));
  const position = move(model, q, velocity, h);
  const shares = pullback([...position, ...velocity], [...x.qposBar, ...x.qvelBar], [...q, ...v, ...u]);
  return [pop(entry), pop(solve), leave(model, x, shares)];
}

/** Stores the cotangents of q and v, and adds that of u to `controlBar`. */
function leave(model: Model, x: AdjointVariables, shares: readonly Scalar[]): Statement {
  const { nq, nv } = model;
  return set(
    ...assign(x.qposBar, shares.slice(0, nq)),
    ...assign(x.qvelBar, shares.slice(nq, nq + nv)),
    ...assign(
      x.controlBar,
      x.controlBar.map((bar, i) => add(bar, shares[nq + nv + i]!)),
    ),
  );
}

/**
 * Stages k = 4, 3, 2, 1 of [eq:runge-kutta], each
 *   q_k = q ⊕ c_k X_{k−1},   X_k = v + c_k F_{k−1},   F_k = a(q_k, X_k, u)          c = (0, h/2, h/2, h)
 * where X_k and F_k are also used by the next stage and by the final sums with weight w_k.
 */
function rungeKuttaAdjoint(model: ProgramModel, x: AdjointVariables): Statement[] {
  const { nq, nv } = model;
  const [entry, solve] = [rungeKuttaVariables(model), solveVariables(model)];
  const { qpos: q, qvel: v, solutions } = entry;
  const u = x.control;
  const h = model.timestep;
  const zeros = (count: number) => Array.from({ length: count }, () => constant(0));
  const F = [0, 1, 2, 3].map((k) => solutions.slice(k * nv, (k + 1) * nv));
  const weights = [1 / 6, 1 / 3, 1 / 3, 1 / 6];

  // q' = q ⊕ h Σ w_k X_k
  const steps = [h / 2, h / 2, h];
  const X = [v, ...steps.map((c, k) => v.map((rate, i) => add(rate, mul(c, F[k]![i]!))))];
  const sumX = v.map((_, i) =>
    weights.reduce<Scalar>((total, w, k) => add(total, mul(w, X[k]![i]!)), constant(0)),
  );
  const sumVariables = variables("sum X", nv);
  const last = pullback(move(model, q, sumVariables, h), x.qposBar, [...q, ...sumVariables]);

  const [sumXBar, sumFBar] = [variables("X̄", nv), variables("F̄", nv)];
  const [qBar, vBar] = [variables("q̄ so far", nq), variables("v̄ so far", nv)];
  // Cotangents of X_k and F_k through stage k + 1.
  const [nextXBar, nextFBar] = [variables("X̄ next", nv), variables("F̄ next", nv)];
  // F_k, F_{k−1}, F_{k−2} and F_{k−3}, shifted by one after each stage.
  const [Fk, F1, F2] = [variables("F_k", nv), variables("F_k−1", nv), variables("F_k−2", nv)];
  const [F3, stage] = [variables("F_k−3", nv), variable("stage")];

  const isInner = and(less(1.5, stage), less(stage, 3.5));
  const w = select(isInner, 1 / 3, 1 / 6);
  const stepTo = (k: Scalar) => select(less(k, 1.5), 0, select(less(k, 3.5), h / 2, h));
  const c = stepTo(stage);
  const cBefore = stepTo(add(stage, -1));
  const beforeX = v.map((rate, i) => add(rate, mul(cBefore, F2[i]!)));
  const [beforeXVariables, stageQ, stageX] = [
    variables("X_k−1", nv),
    variables("q_k", nq),
    variables("X_k", nv),
  ];
  const moved = move(model, q, beforeXVariables, c);
  const force = sumFBar.map((bar, i) => add(mul(w, bar), nextFBar[i]!));
  const shares = pullback(heldAcceleration(model, [stageQ, stageX, u], Fk, solve), force, [
    ...stageQ,
    ...stageX,
    ...u,
  ]);
  const stageQBar = shares.slice(0, nq);
  const stageXBar = sumXBar.map((bar, i) => add(add(mul(w, bar), nextXBar[i]!), shares[nq + i]!));
  const back = pullback(moved, stageQBar, [...q, ...beforeXVariables]);

  return [
    pop(entry),
    set(...assign(sumVariables, sumX)),
    set(
      ...assign(qBar, last.slice(0, nq)),
      ...assign(sumXBar, last.slice(nq)),
      ...assign(vBar, x.qvelBar),
      ...assign(
        sumFBar,
        x.qvelBar.map((bar) => mul(h, bar)),
      ),
      ...assign(nextXBar, zeros(nv)),
      ...assign(nextFBar, zeros(nv)),
      ...assign([...Fk, ...F1, ...F2, ...F3], [...F[3]!, ...F[2]!, ...F[1]!, ...F[0]!]),
      [stage, constant(4)],
    ),
    {
      kind: "repeat",
      times: 4,
      body: [
        pop(solve),
        set(...assign(beforeXVariables, beforeX)),
        set(
          ...assign(stageQ, moved),
          ...assign(
            stageX,
            v.map((rate, i) => add(rate, mul(c, F1[i]!))),
          ),
        ),
        set(
          ...assign(
            qBar,
            qBar.map((bar, i) => add(bar, back[i]!)),
          ),
          ...assign(
            vBar,
            vBar.map((bar, i) => add(bar, stageXBar[i]!)),
          ),
          // Cotangents for stage k − 1: of X_{k−1} through q_k, and of F_{k−1} through X_k.
          ...assign(nextXBar, back.slice(nq)),
          ...assign(
            nextFBar,
            stageXBar.map((bar) => mul(c, bar)),
          ),
          ...assign(
            x.controlBar,
            x.controlBar.map((bar, i) => add(bar, shares[nq + nv + i]!)),
          ),
          ...assign([...Fk, ...F1, ...F2, ...F3], [...F1, ...F2, ...F3, ...zeros(nv)]),
          [stage, add(stage, -1)],
        ),
      ],
    },
    set(...assign(x.qposBar, qBar), ...assign(x.qvelBar, vBar)),
  ];
}
