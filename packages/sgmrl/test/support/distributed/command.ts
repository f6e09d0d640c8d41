// The command line in a process of its own, with the password of a test's broker.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { TestBroker } from "./broker.ts";

export interface Command {
  readonly process: ChildProcess;
  readonly ended: Promise<unknown>;
  err: string;
}

const main = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));

export function sgmrl({ password }: TestBroker, args: readonly string[], cwd?: string): Command {
  const child = spawn(process.execPath, ["--conditions=sgmrl-source", main, ...args], {
    cwd,
    env: { ...process.env, SGMRL_BROKER_PASSWORD: password },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const command: Command = { process: child, ended: once(child, "exit"), err: "" };
  child.stderr.on("data", (text) => {
    command.err += text;
  });
  return command;
}
