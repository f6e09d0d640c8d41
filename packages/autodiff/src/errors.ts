import type { Shape } from "./array/shape.ts";

/**
 * Every fault a caller can cause. The message reads `op: what must hold; what was got. What to try.`
 * and its parts stay available as fields.
 */
export class AutodiffError extends Error {
  override readonly name: string = "AutodiffError";
  readonly op: string;
  readonly problem: string;
  readonly repair: string;

  constructor(op: string, problem: string, repair: string) {
    super(`${op}: ${problem}. ${repair}`);
    this.op = op;
    this.problem = problem;
    this.repair = repair;
  }
}

/** Shapes that must agree do not. */
export class ShapeError extends AutodiffError {
  override readonly name = "ShapeError";
  readonly shapes: Readonly<Record<string, Shape>>;

  constructor(op: string, problem: string, shapes: Readonly<Record<string, Shape>>, repair: string) {
    const got = Object.entries(shapes).map(([arg, shape]) => `${arg} is [${shape.map(describe).join(", ")}]`);
    super(op, [problem, ...got].join("; "), repair);
    this.shapes = shapes;
  }
}

/** An element type that the operation does not take, or two that differ. */
export class DTypeError extends AutodiffError {
  override readonly name = "DTypeError";
}

/** An axis outside the array's rank, or named twice. */
export class AxisError extends AutodiffError {
  override readonly name = "AxisError";
}

/** An index outside its axis. */
export class IndexError extends AutodiffError {
  override readonly name = "IndexError";
}

/** The elements of a traced value were asked for: branching on it, printing it, reading `.data`. */
export class TracedValueError extends AutodiffError {
  override readonly name = "TracedValueError";
}

/** A traced value was used after the trace that made it had ended. */
export class TraceLeakError extends AutodiffError {
  override readonly name = "TraceLeakError";
}

/** NaN or an infinity appeared where a check was asked for. */
export class NonFiniteError extends AutodiffError {
  override readonly name = "NonFiniteError";
}

/** Argument trees of different structure, or a leaf that is not an array. */
export class TreeError extends AutodiffError {
  override readonly name = "TreeError";
}

/** A backend cannot run an operation. */
export class UnsupportedError extends AutodiffError {
  override readonly name = "UnsupportedError";
}

/** A setting that is not allowed, or an input outside a method's domain, as a matrix that is not positive definite. */
export class DomainError extends AutodiffError {
  override readonly name = "DomainError";
}

/** A value in words, for a message: a number or text itself, an array by its type, anything else by its kind. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (value instanceof Promise) return "a promise (traced functions must be synchronous)";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object") return typeof value === "number" ? `${value}` : typeof value;
  const { shape, dtype } = value as { readonly shape?: unknown; readonly dtype?: unknown };
  if (Array.isArray(shape)) return `${dtype}[${shape.join(", ")}]`; // never converted: a traced array refuses
  return value.constructor?.name ?? "an object";
}

/** Refuses anything but a function, where one is needed. */
export function requireFunction(op: string, f: unknown, name = "the function"): void {
  if (typeof f === "function") return;
  throw new DomainError(op, `${name} must be a function; got ${describe(f)}`, "Pass the function itself.");
}

/** Refuses anything but a list. */
export function requireList(op: string, list: unknown, name: string, repair: string): void {
  if (Array.isArray(list)) return;
  throw new TreeError(op, `${name} must be a list; got ${describe(list)}`, repair);
}

/** A fault of this library, never of its caller. */
export function internal(what: string): never {
  throw new Error(`internal: ${what}. This is a bug in @sgmrl/autodiff; please report it.`);
}
