/** A robot that cannot be compiled. `part` is the path of the offending field. */
export class RobotError extends Error {
  override readonly name = "RobotError";
  readonly robot: string;
  readonly part: string;
  readonly problem: string;

  constructor(robot: string, part: string, problem: string) {
    super(`robot "${robot}", ${part}: ${problem}`);
    this.robot = robot;
    this.part = part;
    this.problem = problem;
  }
}

/** A state or control that the model cannot take: wrong length, or not finite. */
export class StateError extends Error {
  override readonly name = "StateError";
  readonly robot: string;
  readonly field: string;

  constructor(robot: string, field: string, problem: string) {
    super(`${robot}: ${field} ${problem}`);
    this.robot = robot;
    this.field = field;
  }
}

/** A step whose result is no longer a physical state. */
export class DivergenceError extends Error {
  override readonly name = "DivergenceError";
  readonly robot: string;
  /** Index into qvel of the first offending component. */
  readonly dof: number;

  constructor(robot: string, dof: number, joint: string, value: number) {
    super(
      `${robot}: the simulation diverged: the acceleration of dof ${dof} (joint "${joint}") is ${value}, ` +
        "beyond 1e10; use a shorter timestep, smaller controls, or end the episode earlier",
    );
    this.robot = robot;
    this.dof = dof;
  }
}
