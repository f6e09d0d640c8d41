/**
 * The state of a page in its address: whole, so that a link shows another reader the same thing. It stands after "#", which
 * no browser sends: what a visitor types stays in the page.
 */
import type { ZodMiniType } from "zod/mini";

/** The fields that the address holds. */
export function linked(): URLSearchParams {
  return new URLSearchParams(location.hash.slice(1));
}

/** The state in the address; undefined if there is none, or none that the schema accepts. */
export function readLink<T>(schema: ZodMiniType<T>): T | undefined {
  const text = linked().get("state");
  if (text === null) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined; // not JSON
  }
}

/** Shows a state in the address bar, without a new entry in the history. */
export function showLink(state: unknown): void {
  showFields(new URLSearchParams({ state: JSON.stringify(state) }));
}

export function showFields(fields: URLSearchParams): void {
  history.replaceState(history.state, "", `#${fields}`);
}

/** Another state in the address of the page that is open: no browser loads a page again for it. */
if (typeof window !== "undefined")
  window.addEventListener("hashchange", () => {
    if (/^#(state|eq)=/.test(location.hash)) location.reload();
  });
