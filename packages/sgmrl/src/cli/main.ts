#!/usr/bin/env node
import { runCommandLine } from "./program.ts";
import { streamsOf } from "./streams.ts";
import { watchForTheEnd } from "./unexpected-end.ts";

const streams = streamsOf(process.stdout, process.stderr);
const done = watchForTheEnd(streams);
const code = await runCommandLine(process.argv.slice(2), streams);
// Wait for the last write, whose failure is only reported afterwards.
await new Promise((done) => process.stdout.write("", done));
done();
const failure = streams.failure();
if (failure !== undefined) streams.err(`error: ${failure}`);
process.exitCode = code === 0 && failure !== undefined ? 1 : code;
