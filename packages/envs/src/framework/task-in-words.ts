import { atan2 } from "@sgmrl/autodiff/elementary";
import { decimals } from "../render/decimals.ts";
import type { Environment } from "./environment.ts";

/** A task's goal in words. Tasks of a user's own environment are given as data. */
export function taskInWords({ summary }: Pick<Environment, "summary">, task: unknown): string {
  const fields = typeof task === "object" && task !== null ? Object.entries(task) : [];
  const said = fields.map(([field, value]) => words[field]?.(value) ?? `${field} ${short(value)}`);
  return said.length === 0 ? `${summary}.` : `${summary}: ${said.join("; ")}.`;
}

/** Wording by field, for the tasks of the environments here. */
const words: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  direction: (value) => (value === 1 ? "forward" : "backward"),
  velocity: (value) => (typeof value === "number" ? `at ${number(value)} m/s` : undefined),
  heading: (value) => {
    if (!isPair(value)) return undefined;
    return `at ${decimals((atan2(value[1], value[0]) * 180) / Math.PI, 0)}° from the x axis`;
  },
  goal: (value) =>
    isPair(value) ? `to (${value.map(number).join(", ")})` : `near ${number(value as number)}`,
  means: (value) => (isNumbers(value) ? `the arms pay ${listed(value)} on average` : undefined),
  initial: (value) => (Array.isArray(value) ? `${value.length} states` : undefined),
  transitions: (value) =>
    Array.isArray(value) ? `${(value[0] as unknown[]).length} actions in each` : undefined,
  rewards: (value) => (isTable(value) ? `mean rewards between ${range(value.flat())}` : undefined),
  horizon: (value) => `${value} steps`,
  discount: (value) => `discount ${value}`,
};

const number = (x: number): string => String(Number(x.toPrecision(3)));
const range = (values: readonly number[]): string =>
  `${number(Math.min(...values))} and ${number(Math.max(...values))}`;

function listed(values: readonly number[]): string {
  return values.length > 12 ? `between ${range(values)}` : values.map(number).join(", ");
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((x) => typeof x === "number");
}

function isPair(value: unknown): value is [number, number] {
  return isNumbers(value) && value.length === 2;
}

function isTable(value: unknown): value is number[][] {
  return Array.isArray(value) && value.every(isNumbers);
}

function short(value: unknown): string {
  return isNumbers(value) ? `× ${listed(value)}` : JSON.stringify(value);
}
