import { limits, parseJson, readText } from "../read-file.ts";

/** The content of a file that the command line names; `what` is how, such as "--spec". */
export function readJson(path: string, what: string): unknown {
  const name = `${what} ${path}`;
  return parseJson(readText(path, limits.settings, name), name);
}
