import { InputError } from "../errors.ts";

/**
 * Returns the result unchanged if all its numbers are finite, since JSON would silently turn infinity into
 * null. Otherwise the error names the first offending element, starting with `name`, as in
 * "theory.smoothness".
 */
export function finite<T>(result: T, name: string): T {
  const place = firstInfinite(result, name);
  if (place === undefined) return result;
  throw new InputError(
    `${place} is not a finite number: rewards, weights, logits or the step size are too large for double precision. ` +
      "Scale them down.",
  );
}

function firstInfinite(value: unknown, place: string): string | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : place;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const found = firstInfinite(member, Array.isArray(value) ? `${place}[${key}]` : `${place}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
