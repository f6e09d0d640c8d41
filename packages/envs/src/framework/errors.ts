import { shown } from "./shown.ts";

/** Bad input to an environment: which one, what was expected, what was given, how to fix it. */
export class EnvironmentError extends RangeError {
  override readonly name = "EnvironmentError";
  readonly environment: string;
  readonly field: string;
  readonly got: unknown;

  constructor(environment: string, field: string, got: unknown, expected: string) {
    super(`${environment}: ${field} must be ${expected}; got ${shown(got)}`);
    this.environment = environment;
    this.field = field;
    this.got = got;
  }
}
