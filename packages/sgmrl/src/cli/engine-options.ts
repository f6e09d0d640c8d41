/** The options that choose where units run, shared by every command that trains. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { InputError } from "../errors.ts";
import type { Status } from "../execution/distributed/status.ts";
import type { EngineFactory } from "../training/train.ts";
import { isPowerOfTwo } from "../tree-sum.ts";
import { commandLine } from "../wording.ts";
import { oneOf, wholeNumber } from "./command.ts";

export interface EngineFlags extends BullmqFlags {
  readonly engine: "threads" | "bullmq";
  readonly workers?: number;
}

interface BullmqFlags {
  readonly broker?: string;
  readonly tasksPerJob?: number;
  readonly window?: number;
  readonly patience?: number;
  readonly metricsPort?: number;
}

export const brokerHelp =
  "redis://… or postgres://…, without a password: see SGMRL_BROKER_PASSWORD in docs/distributed.md (default: $SGMRL_BROKER)";

const defaults = { tasksPerJob: 1, window: 64, patience: 600 } as const;

const only = "with --engine bullmq:";
const bullmqOptions: Readonly<Record<keyof BullmqFlags, Option>> = {
  broker: new Option("--broker <url>", `${only} ${brokerHelp}`),
  tasksPerJob: new Option(
    "--tasks-per-job <n>",
    `${only} tasks in a job, a power of two; results do not depend on it (default: ${defaults.tasksPerJob})`,
  ).argParser(powerOfTwo),
  window: new Option(
    "--window <n>",
    `${only} most jobs at the broker at a time (default: ${defaults.window})`,
  ).argParser(wholeNumber(1, 100_000)),
  patience: new Option(
    "--patience <seconds>",
    `${only} how long to wait for a broker that does not answer (default: ${defaults.patience})`,
  ).argParser(wholeNumber(1)),
  metricsPort: new Option(
    "--metrics-port <n>",
    `${only} serve Prometheus metrics on this port of 127.0.0.1`,
  ).argParser(wholeNumber(0, 65_535)),
};

export function addEngineOptions(command: Command): Command {
  command.addOption(
    new Option(
      "--engine <name>",
      "where tasks are computed: in threads of this machine (threads), or by workers over a broker (bullmq)",
    )
      .argParser(oneOf(["threads", "bullmq"]))
      .default("threads"),
  );
  for (const option of Object.values(bullmqOptions)) command.addOption(option);
  return command;
}

export interface EngineContext {
  /** Directory of the run, named in the command that reruns a failed unit. */
  readonly directory: string;
  readonly log: (text: string) => void;
  readonly onStatus?: (status: Status) => void;
}

/** The chosen engine; undefined for threads, which need nothing that is loaded here. */
export async function engineFrom(
  flags: EngineFlags,
  { directory, log, onStatus }: EngineContext,
): Promise<EngineFactory | undefined> {
  if (flags.engine === "threads") {
    for (const [name, option] of Object.entries(bullmqOptions))
      if (flags[name as keyof BullmqFlags] !== undefined)
        // the keys of bullmqOptions
        throw new InputError(`${option.long}: needs --engine bullmq.`);
    return undefined;
  }
  if (flags.workers !== undefined)
    throw new InputError(
      `--workers: does not apply to --engine bullmq; each worker sets its own threads: ${commandLine("worker", "--concurrency", "N")}.`,
    );
  const { broker, metricsPort } = flags;
  const { tasksPerJob, window, patience } = { ...defaults, ...flags };
  const { brokerAddress } = await import("../execution/distributed/broker-address.ts");
  const address = brokerAddress(broker);
  const { bullmqEngine } = await import("../execution/distributed/bullmq-engine.ts");
  return (config) =>
    bullmqEngine(config, {
      address,
      groupSize: tasksPerJob,
      window,
      patienceMilliseconds: 1000 * patience,
      ...(metricsPort === undefined ? {} : { metricsPort }),
      log,
      ...(onStatus === undefined ? {} : { onStatus }),
      replay: (first, end, work) =>
        commandLine(
          ...["replay", directory, "--tasks", `${first}-${end - 1}`],
          ...(work.kind === "evaluate" ? ["--held-out"] : []),
        ),
    });
}

function powerOfTwo(text: string): number {
  const value = wholeNumber(1)(text);
  if (isPowerOfTwo(value)) return value;
  throw new InvalidArgumentError("Expected a power of two: 1, 2, 4, …");
}
