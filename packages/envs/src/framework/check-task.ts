import { EnvironmentError } from "./errors.ts";

/** How many numbers each field of a task holds; 1 for a bare number. */
export type TaskNumbers<Task> = { readonly [Field in keyof Task]: number };

/** Refuses a task that does not hold these numbers, all finite, naming the field. */
export function assertTask<Task>(name: string, numbers: TaskNumbers<Task>, task: Task): void {
  for (const [field, length] of Object.entries<number>(numbers)) {
    const value: unknown = (task as Readonly<Record<string, unknown>> | null | undefined)?.[field]; // it may be anything
    const values: unknown[] = length === 1 ? [value] : Array.isArray(value) ? value : [];
    if (values.length === length && values.every(Number.isFinite)) continue;
    const expected = length === 1 ? "a finite number" : `${length} finite numbers`;
    throw new EnvironmentError(name, `task.${field}`, value, expected);
  }
}
