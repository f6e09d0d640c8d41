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

/** Characters and depth to which a value is shown. */
const [longest, deepest] = [160, 4];

/** Any value in one line, much as JSON; what JSON lacks, as NaN, as it is written. */
function shown(value: unknown, depth: number = 0): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (depth > deepest) return "…";
  const inside = (part: unknown): string => shown(part, depth + 1);
  const text =
    Array.isArray(value) || ArrayBuffer.isView(value)
      ? `[${Array.from(value as ArrayLike<unknown>, inside).join()}]`
      : `{${Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}:${inside(part)}`)}}`;
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
