/** The state of a page in its address: whole, so that a link shows another reader the same thing. */
import type { ZodMiniType } from "zod/mini";

/** The state in the address; undefined if there is none, or none that the schema accepts. */
export function readLink<T>(schema: ZodMiniType<T>, search: string): T | undefined {
  const text = new URLSearchParams(search).get("state");
  if (text === null) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined; // not JSON
  }
}

export function linkTo(path: string, state: unknown): string {
  return `${path}?${new URLSearchParams({ state: JSON.stringify(state) })}`;
}

/** Shows the state in the address bar, without a new entry in the history. */
export function showLink(state: unknown): void {
  history.replaceState(history.state, "", linkTo(location.pathname, state));
}
