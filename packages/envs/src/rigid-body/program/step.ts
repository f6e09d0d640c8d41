/** One physics step as a program: integrators.ts in formulas. */
import {
  abs,
  add,
  and,
  constant,
  less,
  type Mask,
  mul,
  not,
  or,
  type Scalar,
  type ScalarProgram,
  type Statement,
  select,
  set,
  sum,
  variable,
  whenAny,
} from "@sgmrl/autodiff/scalar";
import { RobotError } from "../model/errors.ts";
import type { Model } from "../model/model.ts";
import { problemAt, solveStatements } from "./acceleration.ts";
import { move } from "./move.ts";
import { contactForces } from "./newton.ts";
import { type ProgramModel, programModel, type StepType } from "./parameters.ts";
import { push, turnsAt, variables } from "./tape.ts";
import { factored, product, solveFactored } from "./tree-solve.ts";

type Assignment = readonly [Scalar, Scalar];

export const assign = (targets: readonly Scalar[], values: readonly Scalar[]): Assignment[] =>
  targets.map((target, k) => [target, values[k]!]);

/** Inputs and outputs of a step. */
export interface StepVariables {
  readonly qpos: readonly Scalar[];
  readonly qvel: readonly Scalar[];
  readonly warmstart: readonly Scalar[];
  readonly control: readonly Scalar[];
  /** 1 where the state is left to `step`: inputs not finite, no solution, undecided pose, or divergence. */
  readonly status: readonly Scalar[];
  /** Contact forces on each part at the last solve, as `bodyContactForces`; none unless requested. */
  readonly forces: readonly Scalar[];
}

export interface StepOptions {
  /** Number of physics steps under the same control (default 1). */
  readonly times?: number;
  /** Whether a state's row ends with the contact forces at the last solve. */
  readonly contactForces?: boolean;
  /** Whether masses, inertias, dampings and frictions are an array of the program. */
  readonly openParameters?: boolean;
  /** Of the program's numbers (default float64). */
  readonly dtype?: StepType;
  /** Whether what the adjoint needs is left on a tape: see tape.ts. */
  readonly isRecorded?: boolean;
}

/** Refuses, by name, features of a model that the formulas here do not support. */
function checkSupport({ name, ballLimits, dofJoint, dofSpringReference, motorServo }: Model): void {
  const refuse = (part: string, what: string) => {
    throw new RobotError(name, part, `${what} is not part of the program of a step`);
  };
  const [ball] = ballLimits;
  if (ball !== undefined) refuse(ball.joint, "a limit of a ball joint");
  const spring = dofSpringReference.findIndex((reference) => reference !== 0);
  if (spring >= 0) refuse(dofJoint[spring]!, "a spring that pulls elsewhere than to 0");
  const servo = motorServo.findIndex((one) => one !== undefined);
  if (servo >= 0) refuse(`motors[${servo}]`, "a servo");
}

/** Arrays: state (q, v, warm start, forces), control, status, parameters (where open). */
export function stepProgram(
  model: Model,
  { times = 1, contactForces = false, openParameters = false, isRecorded = false, dtype }: StepOptions = {},
): ScalarProgram {
  checkSupport(model);
  const { nq, nv, nu } = model;
  const { robot, variables: parameters } = programModel(model, openParameters, dtype);
  const x: StepVariables = {
    qpos: variables("q", nq),
    qvel: variables("v", nv),
    warmstart: variables("a", nv),
    control: variables("u", nu),
    status: variables("status", 1),
    forces: variables("force", contactForces ? 6 * model.partNames.length : 0),
  };
  const arrays = {
    state: [...x.qpos, ...x.qvel, ...x.warmstart, ...x.forces],
    control: x.control,
    status: x.status,
    parameters,
  };
  const body =
    model.integrator === "euler" ? eulerStep(robot, x, isRecorded) : rungeKuttaStep(robot, x, isRecorded);
  return { name: "step", arrays, statements: [checkNumbers(x), { kind: "repeat", times, body }] };
}

/** Leaves inputs that are not finite numbers to `step`, which reports them. */
function checkNumbers({ qpos, qvel, warmstart, control, status }: StepVariables): Statement {
  const size = sum([...qpos, ...qvel, ...warmstart, ...control].map((x) => abs(x)));
  return set([status[0]!, select(less(size, Number.POSITIVE_INFINITY), status[0]!, 1)]);
}

/** M + h B */
function dampedMass(model: ProgramModel, mass: readonly Scalar[]): readonly Scalar[] {
  const damped = [...mass];
  model.parameters.damping.forEach((damping, i) => {
    const diagonal = model.paths.start[i]!;
    damped[diagonal] = add(damped[diagonal]!, mul(model.timestep, damping));
  });
  return damped;
}

/** [eq:semi-implicit-euler] (M + h B) a' = M a: joint damping B is implicit. */
function eulerStep(model: ProgramModel, x: StepVariables, isRecorded: boolean): Statement[] {
  const { qpos: q, qvel: v, warmstart: a, control: u, status, forces } = x;
  const h = model.timestep;
  const problem = problemAt(model, q, v, u);
  const { statements, isOpen, weights, factor } = solveStatements(model, problem, a, isRecorded);
  const dampedFactor = model.isDamped ? factored(model.paths, dampedMass(model, problem.mass)) : [];
  const damped = model.isDamped
    ? solveFactored(model.paths, dampedFactor, product(model.paths, problem.mass, a))
    : a;
  const velocity = v.map((rate, i) => add(rate, mul(h, damped[i]!)));
  const isLeft = or(or(isOpen, problem.rows.undecided), not(isBounded(a)));
  const implicit = { damped: model.isDamped ? damped : [], dampedFactor };
  const tape = [push({ factor, ...turnsAt(model, q) }), push({ qpos: q, qvel: v, solution: a, ...implicit })];
  return [
    ...statements,
    ...(isRecorded ? tape : []),
    set(
      ...assign(q, move(model, q, velocity, h)),
      ...assign(v, velocity),
      [status[0]!, select(isLeft, 1, status[0]!)],
      ...assign(forces, forces.length === 0 ? [] : contactForces(model, problem, weights, a)),
    ),
  ];
}

/** [eq:runge-kutta] */
function rungeKuttaStep(model: ProgramModel, x: StepVariables, isRecorded: boolean): Statement[] {
  const { nq, nv } = model;
  const { qpos: q, qvel: v, warmstart: a, control: u, status, forces } = x;
  const h = model.timestep;
  const stageQ = variables("stage q", nq);
  const stageV = variables("stage v", nv);
  const sumX = variables("sum X", nv);
  const sumF = variables("sum F", nv);
  const stage = variable("stage");
  const problem = problemAt(model, stageQ, stageV, u);
  const { statements, isOpen, weights, factor } = solveStatements(model, problem, a, isRecorded);
  const solutions = variables("F", isRecorded ? 4 * nv : 0);
  const lastForces =
    forces.length === 0 ? [] : whenAny(less(2.5, stage), () => contactForces(model, problem, weights, a));
  const isInner = and(less(0, stage), less(stage, 3));
  const weight = select(isInner, 1 / 3, 1 / 6);
  const c = select(less(stage, 2), h / 2, h);
  const zeros = sumX.map(() => constant(0));
  const isLeft = or(or(isOpen, problem.rows.undecided), not(isBounded(a)));
  const weighted = (total: readonly Scalar[], terms: readonly Scalar[]) =>
    total.map((partial, i) => add(partial, mul(weight, terms[i]!)));
  return [
    set(...assign(stageQ, q), ...assign(stageV, v), ...assign(sumX, zeros), ...assign(sumF, zeros), [
      stage,
      constant(0),
    ]),
    {
      kind: "repeat",
      times: 4,
      body: [
        ...statements,
        ...(isRecorded ? [push({ factor, ...turnsAt(model, stageQ) })] : []),
        set(
          ...assign(sumX, weighted(sumX, stageV)),
          ...assign(sumF, weighted(sumF, a)),
          ...assign(stageQ, move(model, q, stageV, c)),
          ...assign(
            stageV,
            v.map((rate, i) => add(rate, mul(c, a[i]!))),
          ),
          [stage, add(stage, 1)],
          [status[0]!, select(isLeft, 1, status[0]!)],
          // Appends the latest, so that after four stages they are in order.
          ...assign(solutions, isRecorded ? [...solutions.slice(nv), ...a] : []),
          ...assign(forces, lastForces),
        ),
      ],
    },
    ...(isRecorded ? [push({ qpos: q, qvel: v, solutions })] : []),
    set(
      ...assign(q, move(model, q, sumX, h)),
      ...assign(
        v,
        v.map((rate, i) => add(rate, mul(h, sumF[i]!))),
      ),
    ),
  ];
}

/** Beyond this the simulation has diverged, as for `step`. NaN fails the comparison too. */
const mostAcceleration = 1e10;

function isBounded(a: readonly Scalar[]): Mask {
  return a.map((x) => less(abs(x), mostAcceleration)).reduce(and);
}
