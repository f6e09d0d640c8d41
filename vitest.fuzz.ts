/**
 * How many cases a property test runs, and from which seed.
 *
 *   pnpm test                 100 cases a law (or the number a test asks `runs` for), from one fixed seed:
 *                             the normal run is the same everywhere, every time
 *   FUZZ=10000 pnpm test      at least 10,000 cases a law, from a fresh seed
 *   FUZZ=10000 SEED=7 ...     the same cases again
 *
 * fast-check prints the seed and the path of a counterexample with every failure.
 */
import type { Parameters } from "fast-check";

const defaultRuns = 100;
const defaultSeed = 1;

function wholeNumber(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === "") return undefined;
  if (!/^-?\d+$/.test(text)) throw new RangeError(`${name} must be a whole number, got "${text}".`);
  return Number(text);
}

const fuzz: number | undefined = wholeNumber("FUZZ");

/** The number of cases for a law that normally runs `normal`; FUZZ only ever raises it. */
export function runs(normal: number): number {
  return Math.max(normal, fuzz ?? 0);
}

/** fast-check's settings for every test file; an absent seed is a fresh one. */
export function fuzzSettings(): Parameters<unknown> {
  const seed = wholeNumber("SEED") ?? (fuzz === undefined ? defaultSeed : undefined);
  return { numRuns: runs(defaultRuns), ...(seed === undefined ? {} : { seed }) };
}

/** A test that runs more cases may take longer, in proportion. */
export function fuzzTimeout(normalMilliseconds: number): number {
  return normalMilliseconds * Math.max(1, runs(defaultRuns) / defaultRuns);
}
