/** A model file that cannot be read, or asks for what is not supported: in which line, what, and why. */
export class MjcfError extends Error {
  override readonly name = "MjcfError";
  readonly line: number;
  /** The element, and the attribute where it is one. */
  readonly part: string;

  constructor(line: number, part: string, problem: string) {
    super(`MJCF line ${line}, ${part}: ${problem}`);
    this.line = line;
    this.part = part;
  }
}
