import { normalAt } from "@sgmrl/autodiff/random";
import { assertOneOf } from "../framework/check.ts";
import { assertTask } from "../framework/check-task.ts";
import { defineEnvironment } from "../framework/define-environment.ts";
import type { Environment } from "../framework/environment.ts";
import { EnvironmentError } from "../framework/errors.ts";
import { box, uniformAround0 } from "../framework/space.ts";
import type { DifferentiableDynamics } from "../framework/step-adjoint.ts";
import type { Model } from "../rigid-body/model/model.ts";
import { contactDepth, withSofterContacts } from "../rigid-body/model/softer-contacts.ts";
import { robotPicture } from "../rigid-body/render/robot-picture.ts";
import { locomotionAdjoint } from "./adjoint.ts";
import { assertModel, assertRobotEnvironment } from "./check-definition.ts";
import { type ActionToControl, actionToControl } from "./control.ts";
import type { RobotEnvironment } from "./definition.ts";
import { type Observation, observationOf } from "./observation.ts";
import { robotDynamics } from "./robot-dynamics.ts";
import { modelOf, robotSizes } from "./robot-model.ts";
import { advanceOf, stepsOf } from "./robot-steps.ts";

/** The horizon of the families of tasks in the published code. */
const publishedHorizon = 200;

/**
 * An environment of a robot: from MJCF, reward, observation and termination to batches of steps that compiled programs
 * take, a picture, and derivatives through the robot where the reward's slopes are given.
 *
 * A robot with a feature that the programs do not support takes its steps one state at a time; `noDerivative` then says
 * which. In batches of any size a trajectory has the same bits.
 *
 * Shapes  action: [nu], of size `actionScale` for full control; observation: as `observes` says; state: qpos, qvel, the
 *         solver's warm start [nv], observed contact forces
 * Errors  `EnvironmentError` for an invalid definition and `RobotError` for an invalid robot, here; `EnvironmentError` for
 *         a task, model, reward or slope that is not what was declared, in use; `RobotError` for a goal that cannot be
 *         drawn and for a robot whose numbers overflow, on first use; as `rigidBody.step` later
 */
export function robotEnvironment<Task>(definition: RobotEnvironment<Task>): Environment<Task> {
  assertRobotEnvironment(definition);
  const { name, summary, robot, family, numbers, frameSkip } = definition;
  const { actionScale, horizon = publishedHorizon, discount = 0.99 } = definition;
  const { nq, nv, nu } = robotSizes(robot);
  const toControl = actionToControl(name, robot, actionScale);
  const observation = observationOf(name, robot, definition.observes);
  const layout = { frameSkip, contactForces: observation.forces > 0 };
  const modelFor = (task: Task): Model => {
    if (numbers !== undefined) assertTask(name, numbers, task);
    const template = modelOf(robot);
    return definition.model === undefined
      ? template
      : assertModel(name, definition.model(task, template), template);
  };
  const differentiableDynamics = adjointOf(definition, modelFor, toControl, observation);
  return defineEnvironment<Task>({
    name,
    summary,
    observation: box(observation.size, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
    action: box(nu, -toControl.scale, toControl.scale),
    stateSize: nq + 2 * nv + observation.forces,
    horizon,
    discount,
    family,
    ...(definition.inWords === undefined ? {} : { inWords: (task: Task) => definition.inWords!(task) }),
    dynamics(task) {
      const model = modelFor(task);
      const advance = advanceOf(modelOf(robot), model, layout);
      return robotDynamics(definition, task, { model, toControl, observation, advance });
    },
    picture: robotPicture({
      model: modelFor,
      frameSkip,
      control(action) {
        const control = new Float64Array(nu);
        toControl.write(action, 0, control, 0);
        return control;
      },
      goals: (task) => (definition.goals === undefined ? [] : definition.goals(task)),
    }),
    ...(typeof differentiableDynamics === "string"
      ? { noDerivative: () => differentiableDynamics }
      : {
          differentiableDynamics,
          noDerivative: () => stepsOf(modelOf(robot), modelOf(robot), layout).refusal?.message,
        }),
  });
}

/** The adjoint of a robot's steps, or in words why there is none. */
function adjointOf<Task>(
  { name, robot, frameSkip, differentiable }: RobotEnvironment<Task>,
  modelFor: (task: Task) => Model,
  toControl: ActionToControl,
  { pull }: Observation,
): DifferentiableDynamics<Task> | string {
  if (typeof pull === "string") return pull;
  if (differentiable === undefined) return "the slopes of its reward are not given";
  const { nq, nv } = robotSizes(robot);
  const { jumps } = differentiable;
  return {
    cotangentSize: nq + nv,
    ...(jumps === undefined ? {} : { jumps }),
    contactDepth: () => contactDepth(modelOf(robot)),
    adjoint(task, dtype, depth) {
      const soften = (model: Model): Model =>
        depth === undefined ? model : withSofterContacts(model, depth);
      const model = soften(modelFor(task));
      return locomotionAdjoint({
        name,
        model,
        toControl,
        pullObservation: pull,
        slopes: (stride) => differentiable.slopes(task, stride),
        steps: stepsOf(soften(modelOf(robot)), model, {
          frameSkip,
          contactForces: false,
          ...(dtype === undefined ? {} : { dtype }),
        }),
      });
    },
  };
}

/**
 * A start near the described pose at rest:
 *   q_0 += U[-position, position];  v_0 = U[-velocity, velocity] or N(0, velocity²)
 * Draws 0.. of the key are positions, then velocities.
 *
 * Errors  `EnvironmentError` for a negative size and an unknown law
 */
export function startNoise(noise: {
  readonly position: number;
  readonly velocity: number;
  readonly velocityLaw: "uniform" | "normal";
}): NonNullable<RobotEnvironment<unknown>["start"]> {
  const { position, velocity, velocityLaw } = noise ?? ({} as Partial<typeof noise>); // it may be anything
  for (const [field, size] of Object.entries({ position, velocity }))
    if (!(Number.isFinite(size) && size >= 0))
      throw new EnvironmentError("startNoise", field, size, "a finite number of at least 0");
  assertOneOf("startNoise", "velocityLaw", velocityLaw!, ["uniform", "normal"]);
  return (key, { qpos, qvel }) => {
    for (let i = 0; i < qpos.length; i++) qpos[i]! += uniformAround0(key, i, position);
    for (let i = 0; i < qvel.length; i++) {
      const index = qpos.length + i;
      qvel[i] =
        velocityLaw === "normal" ? velocity * normalAt(key, index) : uniformAround0(key, index, velocity);
    }
  };
}
