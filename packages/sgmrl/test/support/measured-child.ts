/** Runs a command line in a process of its own and prints what it took: measured-child.ts <arguments as JSON> */
import { runCommandLine } from "../../src/cli/program.ts";

const lines: string[] = [];
const started = performance.now();
const code = await runCommandLine(JSON.parse(process.argv[2]!), {
  out: () => {},
  err: (text) => lines.push(text),
});
const milliseconds = performance.now() - started;
const megabytes = process.resourceUsage().maxRSS / 1000;
process.stdout.write(
  JSON.stringify({ code, err: lines.join("\n").slice(0, 20_000), milliseconds, megabytes }),
);
process.exit();
