import { readFileSync } from "node:fs";
import { fileProblem, InputError } from "../errors.ts";
import { parseJson } from "../training/store/run-directory.ts";

/** The content of a file that the command line names; `what` is how, such as "--spec". */
export function readJson(path: string, what: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new InputError(`${what} ${path}: ${fileProblem(error)}.`);
  }
  return parseJson(text, `${what} ${path}`);
}
