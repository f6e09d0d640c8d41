import { type Key, normalAt, uniformAt } from "@sgmrl/autodiff/random";
import { actionScale, scaledAction } from "../framework/action-scaling.ts";
import { defineEnvironment } from "../framework/define-environment.ts";
import type { Dynamics, Environment } from "../framework/environment.ts";
import { box } from "../framework/space.ts";
import { bodyContactForces } from "../rigid-body/dynamics/contact-forces.ts";
import { forward } from "../rigid-body/dynamics/forward.ts";
import type { RobotState } from "../rigid-body/dynamics/step.ts";
import { workspaceOf } from "../rigid-body/dynamics/workspace.ts";
import type { Model } from "../rigid-body/model/model.ts";
import { contactDepth, withSofterContacts } from "../rigid-body/model/softer-contacts.ts";
import { type BatchedSteps, batchedSteps } from "../rigid-body/program/batched-steps.ts";
import { robotPicture } from "../rigid-body/render/robot-picture.ts";
import { locomotionAdjoint } from "./adjoint.ts";
import type { Displacement, Locomotion, Stride } from "./definition.ts";
import { checkTask, goalsOf } from "./tasks.ts";

/** The horizon of the families of tasks in the published code. */
const publishedHorizon = 200;
const discount = 0.99;

/**
 * A locomotion environment. The policy's action a becomes the control u = clip(a / actionScale, 1).
 * State row: qpos (nq), qvel (nv), the solver's warm start (nv), then the contact forces if they are observed.
 */
export function locomotion<Task>(definition: Locomotion<Task>): Environment<Task> {
  const { nq, nv, nu, bodies } = definition.sizes;
  const { firstPosition, contactForces } = definition.observes;
  const { actionScale: scale = actionScale, horizon = publishedHorizon } = definition;
  const forces = contactForces ? 6 * bodies : 0;
  const seen = nq - firstPosition + nv + forces - firstForceOf(definition);
  const modelOf = (task: Task): Model => {
    checkTask(definition.name, definition.tasks, task);
    return definition.model(task);
  };
  const { differentiable, frameSkip } = definition;
  return defineEnvironment<Task>({
    name: definition.name,
    summary: definition.summary,
    observation: box(seen, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
    action: box(nu, -scale, scale),
    stateSize: nq + 2 * nv + forces,
    horizon,
    discount,
    family: definition.tasks.family,
    dynamics: (task) => locomotionDynamics(definition, task, modelOf(task)),
    picture: robotPicture({
      model: modelOf,
      frameSkip,
      control: (action) => action.map((a) => scaledAction(a, 1, scale)),
      goals: goalsOf,
    }),
    ...(differentiable === undefined
      ? {}
      : {
          differentiableDynamics: {
            cotangentSize: nq + nv,
            ...(differentiable.jumps === undefined ? {} : { jumps: differentiable.jumps }),
            contactDepth: () => contactDepth(definition.template()),
            adjoint(task, dtype, depth) {
              const soften = (robot: Model): Model =>
                depth === undefined ? robot : withSofterContacts(robot, depth);
              const model = soften(modelOf(task));
              const steps = stepsOf(soften(definition.template()), model, frameSkip, contactForces, dtype);
              const slopes = (stride: Displacement) => differentiable.slopes(task, stride);
              return locomotionAdjoint(definition, slopes, model, frameSkip, steps);
            },
          },
        }),
  });
}

/** Index of the first observed number among a state's contact forces. */
function firstForceOf({ observes }: Pick<Locomotion<never>, "observes">): number {
  return observes.contactForces && observes.withoutWorld ? 6 : 0;
}

const compiled = {
  float64: new WeakMap<Model, BatchedSteps>(),
  float32: new WeakMap<Model, BatchedSteps>(),
};

/** The compiled steps of a robot, cached by template: each has one frame skip and one layout of states. */
function stepsOf(
  template: Model,
  model: Model,
  frameSkip: number,
  contactForces: boolean,
  dtype: keyof typeof compiled = "float64",
): BatchedSteps {
  const openParameters = model !== template;
  let steps = compiled[dtype].get(template);
  if (steps === undefined) {
    // The few states that the program in float32 cannot handle are left to that in float64.
    const fallback = dtype === "float64" ? undefined : stepsOf(template, template, frameSkip, contactForces);
    steps = batchedSteps(template, frameSkip, { contactForces, openParameters, dtype, fallback });
    compiled[dtype].set(template, steps);
  }
  return openParameters ? steps.withParameters(model) : steps;
}

function locomotionDynamics<Task>(definition: Locomotion<Task>, task: Task, model: Model): Dynamics {
  const { nq, nv, nu } = model;
  const { frameSkip, startNoise, observes, actionScale: scale = actionScale } = definition;
  const firstForce = firstForceOf(definition);
  const now: RobotState = {
    qpos: new Float64Array(nq),
    qvel: new Float64Array(nv),
    warmstart: new Float64Array(nv),
  };
  const ws = workspaceOf(model);
  const control = new Float64Array(nu);
  const stride: Stride = {
    dt: frameSkip * model.timestep,
    dx: 0,
    dy: 0,
    effort: 0,
    contactEffort: 0,
    qpos: now.qpos,
    qvel: now.qvel,
  };
  const forcesAt = nq + 2 * nv;
  const forceCount = observes.contactForces ? 6 * model.partNames.length : 0;

  const load = (state: Float64Array, s: number) => {
    for (let i = 0; i < nq; i++) now.qpos[i] = state[s + i]!;
    for (let i = 0; i < nv; i++) now.qvel[i] = state[s + nq + i]!;
    for (let i = 0; i < nv; i++) now.warmstart[i] = state[s + nq + nv + i]!;
  };
  const store = (state: Float64Array, s: number) => {
    state.set(now.qpos, s);
    state.set(now.qvel, s + nq);
    state.set(now.warmstart, s + nq + nv);
    if (forceCount > 0) bodyContactForces(model, ws, state, s + forcesAt);
  };

  const oneRow = new Int32Array(1);
  const oneAction = new Int32Array(1);
  const oneReward = new Float64Array(1);
  const together = stepsOf(definition.template(), model, frameSkip, forceCount > 0);
  let starts = new Float64Array(0);
  let controls = new Float64Array(0);

  const rewardOf = (state: Float64Array, s: number, k: number): number => {
    for (let i = 0; i < nq; i++) now.qpos[i] = state[s + i]!;
    for (let i = 0; i < nv; i++) now.qvel[i] = state[s + nq + i]!;
    stride.effort = 0;
    for (let i = 0; i < nu; i++) stride.effort += controls[k * nu + i]! * controls[k * nu + i]!;
    stride.dx = now.qpos[0]! - starts[2 * k]!;
    stride.dy = now.qpos[1]! - starts[2 * k + 1]!;
    stride.contactEffort = 0;
    for (let i = 0; i < forceCount; i++) {
      const c = clamp(state[s + forcesAt + i]!, 1);
      stride.contactEffort += c * c;
    }
    return definition.reward(task, stride);
  };

  const advanceRows: NonNullable<Dynamics["advanceRows"]> = (states, rows, actions, actionRows, rewards) => {
    const count = rows.length;
    if (starts.length < 2 * count) {
      starts = new Float64Array(2 * count);
      controls = new Float64Array(count * nu);
    }
    for (let k = 0; k < count; k++) {
      starts[2 * k] = states[rows[k]!]!;
      starts[2 * k + 1] = states[rows[k]! + 1]!;
      for (let i = 0; i < nu; i++)
        controls[k * nu + i] = scaledAction(actions[actionRows[k]! + i]!, 1, scale);
    }
    together.advance(states, rows, controls);
    for (let k = 0; k < count; k++) rewards[k] = rewardOf(states, rows[k]!, k);
  };

  return {
    start(key, state, s) {
      startState(key, model, startNoise, now);
      if (forceCount > 0) {
        control.fill(0);
        forward(model, ws, now.qpos, now.qvel, control, now.warmstart);
      }
      store(state, s);
    },

    advance(state, s, action, a) {
      oneRow[0] = s;
      oneAction[0] = a;
      advanceRows(state, oneRow, action, oneAction, oneReward);
      return oneReward[0]!;
    },

    advanceRows,

    terminal(state, s) {
      load(state, s);
      return definition.terminated(now.qpos, now.qvel);
    },

    observe(state, s, observation, o) {
      let next = o;
      for (let i = observes.firstPosition; i < nq; i++) observation[next++] = state[s + i]!;
      for (let i = 0; i < nv; i++) observation[next++] = clamp(state[s + nq + i]!, observes.velocityClip);
      for (let k = firstForce; k < forceCount; k++) observation[next++] = clamp(state[s + forcesAt + k]!, 1);
    },
  };
}

/** The described pose at rest, with the family's noise; draws 0.. of the key are positions, then velocities. */
function startState(
  key: Key,
  model: Model,
  { position, velocity, velocityLaw }: Locomotion<unknown>["startNoise"],
  out: RobotState,
): void {
  const around0 = (index: number, bound: number) => bound * (2 * uniformAt(key, index) - 1);
  for (let i = 0; i < model.nq; i++) out.qpos[i] = model.qpos0[i]! + around0(i, position);
  for (let i = 0; i < model.nv; i++) {
    const index = model.nq + i;
    out.qvel[i] = velocityLaw === "normal" ? velocity * normalAt(key, index) : around0(index, velocity);
    out.warmstart[i] = 0;
  }
}

function clamp(x: number, bound: number): number {
  return Math.min(bound, Math.max(-bound, x));
}
