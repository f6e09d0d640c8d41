/** Where units run, as options of every command that trains. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Status } from "../engine/distributed/status.ts";
import { InputError } from "../run/errors.ts";
import type { EngineFactory } from "../run/train.ts";
import { wholeNumber } from "./command.ts";

export interface EngineFlags {
  readonly engine: "threads" | "bullmq";
  readonly broker?: string;
  readonly group: number;
  readonly window: number;
  readonly patience: number;
  readonly metricsPort?: number;
}

export const brokerHelp =
  "redis://… or postgres://…, without a password: see SGMRL_BROKER_PASSWORD in docs/distributed.md (default: $SGMRL_BROKER)";

export function addEngineOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--engine <name>", "where units run: threads of this machine, or workers over a broker")
        .choices(["threads", "bullmq"])
        .default("threads"),
    )
    .option("--broker <url>", `with --engine bullmq: ${brokerHelp}`)
    .option("--group <n>", "with --engine bullmq: tasks per job, a power of two", powerOfTwo, 1)
    .option("--window <n>", "with --engine bullmq: jobs with the broker at a time", wholeNumber(1), 64)
    .option(
      "--patience <seconds>",
      "with --engine bullmq: without the broker until giving up",
      wholeNumber(1),
      600,
    )
    .option("--metrics-port <n>", "with --engine bullmq: Prometheus metrics on this machine", wholeNumber(0));
}

export interface EngineContext {
  /** Directory of the run, for the command that runs a failed unit again. */
  readonly directory: string;
  readonly log: (text: string) => void;
  readonly onStatus?: (status: Status) => void;
}

/** The engine that was asked for; nothing for threads, which need none of what is loaded here. */
export async function engineFrom(
  { engine, broker, group, window, patience, metricsPort }: EngineFlags,
  { directory, log, onStatus }: EngineContext,
): Promise<EngineFactory | undefined> {
  if (engine === "threads") {
    if (broker !== undefined) throw new InputError("--broker: needs --engine bullmq.");
    return undefined;
  }
  const { brokerAddress } = await import("../engine/distributed/broker-address.ts");
  const address = brokerAddress(broker);
  const { bullmqEngine } = await import("../engine/distributed/bullmq-engine.ts");
  return (config) =>
    bullmqEngine(config, {
      address,
      groupSize: group,
      window,
      patienceMilliseconds: 1000 * patience,
      ...(metricsPort === undefined ? {} : { metricsPort }),
      log,
      ...(onStatus === undefined ? {} : { onStatus }),
      replay: (first, end, work) =>
        `sgmrl replay ${directory} --tasks ${first}-${end - 1}${work.kind === "evaluate" ? " --held-out" : ""}`,
    });
}

function powerOfTwo(text: string): number {
  const value = wholeNumber(1)(text);
  if (Number.isInteger(Math.log2(value))) return value;
  throw new InvalidArgumentError("Expected a power of two: 1, 2, 4, …");
}
