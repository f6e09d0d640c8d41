/**
 * Question: what does it cost to compute units in other processes, over a broker? Overhead against threads for groups of
 * 0.05, 0.5 and 5 s; the speed-up of a second worker process; and how many units per second one coordinator can take.
 * 12,512 parameters. Units wait, so that what is measured is the engine; the servers are those of the tests.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { split } from "@sgmrl/autodiff/random";
import { parseConfig } from "sgmrl";
import { localEngine } from "../../../packages/sgmrl/src/execution/create-engine.ts";
import { brokerAddress } from "../../../packages/sgmrl/src/execution/distributed/broker-address.ts";
import { bullmqEngine } from "../../../packages/sgmrl/src/execution/distributed/bullmq-engine.ts";
import type { Engine, TaskKeys } from "../../../packages/sgmrl/src/execution/engine.ts";
import { treeSum } from "../../../packages/sgmrl/src/tree-sum.ts";
import type { TestBroker } from "../../../packages/sgmrl/test/support/distributed/broker.ts";
import { startPostgres } from "../../../packages/sgmrl/test/support/distributed/postgres.ts";
import { redisInstalled, startRedis } from "../../../packages/sgmrl/test/support/distributed/redis.ts";
import { parameterCount, unitFor } from "../distributed/waiting-unit.ts";
import { assertAgrees } from "../support/agree.ts";
import { round } from "../support/report.ts";

export interface Distributed {
  readonly rows: readonly DistributedRow[];
  /** Brokers that were not there, and why. */
  readonly notMeasured: readonly string[];
}

export interface DistributedRow {
  readonly broker: string;
  readonly case: string;
  readonly "threads, s": number | string;
  readonly "1 process, s": number | string;
  readonly "2 processes, s": number | string;
  readonly "overhead, 2 against threads": string;
  readonly "speed-up, 2 against 1": number | string;
  readonly "units/s, 2 processes": number;
  readonly "coordinator's processor ms per group": number;
}

/** Seconds of a group, how many, and units in each. */
interface Case {
  readonly seconds: number;
  readonly groups: number;
  readonly groupSize: number;
}

const cases: readonly Case[] = [
  { seconds: 0, groups: 400, groupSize: 1 },
  { seconds: 0, groups: 100, groupSize: 8 },
  { seconds: 0.05, groups: 80, groupSize: 1 },
  { seconds: 0.5, groups: 8, groupSize: 1 },
  { seconds: 5, groups: 2, groupSize: 1 },
];

const units = { unitFor, module: new URL("../distributed/waiting-unit.ts", import.meta.url) };
const theta: Float64Array = Float64Array.from({ length: parameterCount }, (_, i) => Math.cos(i));

export async function distributed(quick: boolean): Promise<Distributed> {
  const rows: DistributedRow[] = [];
  const redis = redisInstalled();
  const servers = [
    { name: "Postgres", start: startPostgres },
    ...(redis ? [{ name: "Redis", start: startRedis }] : []),
  ];
  const chosen = quick ? cases.filter(({ seconds, groupSize }) => seconds <= 0.05 && groupSize === 1) : cases;
  for (const { name, start } of servers) {
    const broker = await start();
    try {
      for (const one of chosen) rows.push(await compare(name, broker, one));
    } finally {
      await broker.close();
    }
  }
  return { rows, notMeasured: redis ? [] : ["Redis: there is no redis-server in the PATH"] };
}

async function compare(name: string, broker: TestBroker, one: Case): Promise<DistributedRow> {
  const { seconds, groups, groupSize } = one;
  const config = parseConfig({
    file: {
      experiment: { horizon: Math.max(1, (1000 * seconds) / groupSize) },
      seed: Math.round(100 * seconds),
    },
  });
  const tasks = split({ k0: 1, k1: 2 }, groups * groupSize).map((task) => ({ task, noise: task }));
  const threads = await timed(
    await localEngine(config.experiment, unitFor(config.experiment), units, 2),
    tasks,
  );
  const workers: ChildProcess[] = [];
  let present = 0;
  const engine = await bullmqEngine(config, {
    address: brokerAddress(broker.url, { SGMRL_BROKER_PASSWORD: broker.password }),
    groupSize,
    window: 64,
    patienceMilliseconds: 10_000,
    log: () => {},
    onStatus: (status) => {
      present = status.workers;
    },
    replay: () => "",
  });
  try {
    workers.push(startWorker(broker));
    await until(() => present === 1);
    const first = await measured(engine, tasks);
    workers.push(startWorker(broker));
    await until(() => present === 2);
    const second = await measured(engine, tasks);
    assertAgrees("bullmq", [second.total], [threads.total], 0);
    return {
      broker: name,
      case: `${groups} groups of ${groupSize} units, ${seconds} s each`,
      "threads, s": round(threads.wall),
      "1 process, s": round(first.wall),
      "2 processes, s": round(second.wall),
      "overhead, 2 against threads":
        seconds === 0 ? "" : `${round(100 * (second.wall / threads.wall - 1))} %`,
      "speed-up, 2 against 1": seconds === 0 ? "" : round(first.wall / second.wall),
      "units/s, 2 processes": round(tasks.length / second.wall),
      "coordinator's processor ms per group": round((1000 * second.cpu) / groups),
    };
  } finally {
    for (const worker of workers) worker.kill("SIGTERM");
    await Promise.all(workers.map((worker) => once(worker, "exit")));
    await engine.close();
  }
}

interface Measured {
  readonly wall: number;
  /** Seconds of processor time of this process. */
  readonly cpu: number;
  /** The sum of the gradients, to compare. */
  readonly total: Float64Array;
}

/** One worker process, with one thread. */
function startWorker({ url, password }: TestBroker): ChildProcess {
  const script = new URL("../distributed/worker.ts", import.meta.url).pathname;
  return spawn(process.execPath, ["--conditions=sgmrl-source", script, url, "1"], {
    env: { ...process.env, SGMRL_BROKER_PASSWORD: password },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

async function timed(engine: Engine, tasks: readonly TaskKeys[]): Promise<Measured> {
  try {
    return await measured(engine, tasks);
  } finally {
    await engine.close();
  }
}

async function until(there: () => boolean): Promise<void> {
  while (!there()) await setTimeout(50);
}

/** One round, after a small one that waits for the workers and warms them up. */
async function measured(engine: Engine, tasks: readonly TaskKeys[]): Promise<Measured> {
  const warmUp = split({ k0: 3, k1: Math.floor(1e6 * performance.now()) | 0 }, 4);
  await engine.contribute(
    theta,
    warmUp.map((task) => ({ task, noise: task })),
  );
  const before = process.cpuUsage();
  const started = performance.now();
  const blocks = await engine.contribute(theta, tasks);
  const wall = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / 1e6, total: treeSum(blocks.map(({ sum }) => sum.pathwise)) };
}
