/** Processes of the tests. As one file each they start several times faster than as hundreds of modules. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Fingerprint } from "../../../src/execution/distributed/fingerprint.ts";
import type { TestBroker } from "./broker.ts";
import { faultVariable } from "./settings.ts";
import type { WorkerChildSettings } from "./worker-child.ts";

export interface Child {
  readonly process: ChildProcess;
  /** What it has printed. */
  readonly output: () => string;
  readonly exited: Promise<unknown>;
}

export interface Children {
  worker(
    broker: Pick<TestBroker, "url" | "password">,
    faults: string,
    settings?: WorkerChildSettings,
    environment?: Environment,
  ): Child;
  coordinator(broker: TestBroker, directory: string, fingerprint: Fingerprint): Child;
  /** Ends all that are still there. */
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const local = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export async function buildChildren(): Promise<Children> {
  // Under node_modules, so that what is not bundled is found from there.
  const cache = local("../../../node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "sgmrl-test-"));
  await build({
    entryPoints: {
      "worker-child": local("./worker-child.ts"),
      "coordinator-child": local("./coordinator-child.ts"),
      "fault-unit": local("./fault-unit.ts"),
      "compute-thread": local("../../../src/execution/distributed/compute-thread.ts"),
    },
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    conditions: ["sgmrl-source"],
    external: ["bullmq", "pg", "ioredis", "piscina", "prom-client"],
    logLevel: "error",
  });
  const children: Child[] = [];
  const start = (script: string, values: readonly string[], environment: Environment): Child => {
    const child = spawn(process.execPath, [join(folder, script), ...values], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data: Buffer) => {
        output += data;
      });
    const started = { process: child, output: () => output, exited: once(child, "exit") };
    children.push(started);
    return started;
  };
  return {
    worker: ({ url, password }, faults, settings = {}, environment = {}) =>
      start("worker-child.js", [url, JSON.stringify(settings)], {
        SGMRL_BROKER_PASSWORD: password,
        [faultVariable]: faults,
        ...environment,
      }),
    coordinator: ({ url, password }, directory, fingerprint) =>
      start("coordinator-child.js", [url, directory, JSON.stringify(fingerprint)], {
        SGMRL_BROKER_PASSWORD: password,
      }),
    async close() {
      for (const { process: child } of children) child.kill("SIGKILL");
      await Promise.all(children.map(({ exited }) => exited));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Looks until something is there. */
export async function until(what: string, there: () => boolean, milliseconds = 200_000): Promise<void> {
  const started = performance.now();
  while (!there()) {
    if (performance.now() - started > milliseconds) throw new Error(`${what}: not within ${milliseconds} ms`);
    await setTimeout(20);
  }
}
