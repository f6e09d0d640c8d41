#!/usr/bin/env node
import { runCommandLine } from "./program.ts";

// A reader that has seen enough, as in `sgmrl envs | head`, closes the pipe: the end of the work, and no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
  progress: process.stderr,
});
