/** An invalid argument of a draw. The message says which, what was expected, and how to correct it. */
export class RandomArgumentError extends RangeError {
  override readonly name = "RandomArgumentError";
  readonly op: string;
  readonly argument: string;
  readonly got: unknown;

  constructor(op: string, argument: string, got: unknown, expected: string) {
    super(`${op}: ${argument} must be ${expected}; got ${String(got)}`);
    this.op = op;
    this.argument = argument;
    this.got = got;
  }
}

export function assertNatural(op: string, argument: string, got: number): void {
  if (Number.isSafeInteger(got) && got >= 0) return;
  throw new RandomArgumentError(op, argument, got, "a whole number from 0 to 2^53 - 1");
}

/** [offset, offset + length) must lie inside a buffer of `size` elements. */
export function assertRange(op: string, size: number, offset: number, length: number): void {
  assertNatural(op, "offset", offset);
  assertNatural(op, "length", length);
  if (offset + length <= size) return;
  throw new RandomArgumentError(
    op,
    "offset + length",
    offset + length,
    `at most the buffer's ${size} elements`,
  );
}
