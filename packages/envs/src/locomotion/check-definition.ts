import { assertFunctions, nameOf } from "../framework/check.ts";
import { EnvironmentError } from "../framework/errors.ts";
import { checkRobot } from "../rigid-body/compile/check-robot.ts";
import type { Model } from "../rigid-body/model/model.ts";
import { misfitOf } from "../rigid-body/program/parameters.ts";
import type { RobotEnvironment } from "./definition.ts";

/** Refuses a definition of a robot's environment by the part that is missing or of the wrong kind. */
export function assertRobotEnvironment<Task>(definition: RobotEnvironment<Task>): void {
  const name = nameOf(definition);
  const { robot, numbers, frameSkip, observes, differentiable } = definition;
  const refuse = (field: string, got: unknown, expected: string): never => {
    throw new EnvironmentError(name, field, got, expected);
  };
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 1;
  const part = (field: string, value: unknown): void => {
    if (typeof value !== "object" || value === null) refuse(field, value, "an object");
  };

  checkRobot(robot);
  assertFunctions(name, definition, ["reward"], ["model", "start", "terminated", "inWords", "goals"]);
  if (!isCount(frameSkip)) refuse("frameSkip", frameSkip, "a whole number of at least 1");
  if (numbers !== undefined) {
    part("numbers", numbers);
    for (const [field, count] of Object.entries(numbers))
      if (!isCount(count)) refuse(`numbers.${field}`, count, "a whole number of at least 1");
  }
  if (observes !== undefined) {
    part("observes", observes);
    if ("write" in observes) assertFunctions(name, observes, ["write"], [], "observes.");
    else if ("size" in observes) refuse("observes.write", undefined, "a function");
  }
  if (differentiable !== undefined) {
    part("differentiable", differentiable);
    assertFunctions(name, differentiable, ["slopes"], [], "differentiable.");
  }
}

/** The model of a task's robot, unless it differs from the template in more than parameters. */
export function assertModel(name: string, model: Model, template: Model): Model {
  if (typeof model !== "object" || model === null)
    throw new EnvironmentError(name, "model(task, model)", model, "the robot of the task, compiled");
  const misfit = misfitOf(template, model);
  if (misfit !== undefined)
    throw new EnvironmentError(name, `model(task, model).${misfit.field}`, misfit.got, misfit.expected);
  return model;
}
