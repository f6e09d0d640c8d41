/**
 * A process that does one thing, to be killed or to race with others:
 * command-child.ts <what> <directories, in turn, as in PATH> <number>
 */
import { delimiter } from "node:path";
import { commands } from "./commands.ts";

const [what, roots, number] = process.argv.slice(2);
process.stdout.write("ready\n");
try {
  for (const root of roots!.split(delimiter)) await commands[what!]!(root, Number(number));
} catch (error) {
  process.stderr.write(String(error));
  process.exitCode = 1;
}
