import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The place in the user's module where an error was thrown or passed on, on a line of its own; nothing if there is
 * none. A module's URL ends in a hash (modules.ts).
 */
export function placeInModule(stack: string): string {
  const [, url, place] = /(file:\/\/\S+)\?sha256=[0-9a-f]+(:\d+:\d+)/.exec(stack) ?? [];
  return url === undefined ? "" : `\n  at ${relative("", fileURLToPath(url))}${place}`;
}
