/** One coordinator per run: a mark at the broker, renewed until it is released. */
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { InputError, RunError } from "../../errors.ts";
import type { Broker } from "./broker.ts";
import { type RunRecord, runRecordSchema } from "./protocol.ts";
import type { Timing } from "./timing.ts";

export interface Lease {
  /** Throws if another coordinator has taken over, which can happen if this process was suspended for long. */
  requireHeld(): void;
  /** Tells the workers that the run ends. False if another coordinator has taken the run over, which then ends it. */
  end(): Promise<boolean>;
  /** Lets another coordinator have the run. */
  release(): Promise<void>;
}

/**
 * An existing mark may be that of a killed coordinator, which lapses, so it is waited for. If it stays for longer than
 * that, it is being renewed.
 */
export async function takeLease(
  broker: Broker,
  run: string,
  record: RunRecord,
  { markMilliseconds }: Timing,
  onWait: (text: string) => void,
): Promise<Lease> {
  const token = randomUUID();
  let shown = record;
  const hold = (): Promise<boolean> => broker.hold("run", run, token, shown, markMilliseconds);
  const started = performance.now();
  let told = false;
  while (!(await hold())) {
    const holder = (await broker.held("run")).find(({ id }) => id === run);
    if (performance.now() - started > 1.2 * markMilliseconds)
      throw new InputError(refusal(run, holder?.record));
    if (!told) onWait(`another coordinator held run ${run}; waiting to see whether it is still alive`);
    told = true;
    await setTimeout(markMilliseconds / 10);
  }

  let problem: Error | undefined;
  const renew = async (): Promise<void> => {
    try {
      if (!(await hold())) problem = takenOver(run);
    } catch (error) {
      problem = error as Error; // brokers reject with errors
    }
  };
  let renewal: Promise<void> | undefined;
  const timer = setInterval(() => {
    renewal ??= renew().finally(() => {
      renewal = undefined;
    });
  }, markMilliseconds / 3);
  timer.unref();
  return {
    requireHeld() {
      if (problem !== undefined) throw problem;
    },
    async end() {
      await renewal;
      shown = { ...record, ending: true };
      return await hold();
    },
    async release() {
      clearInterval(timer);
      await renewal; // one that is still being tried would put the mark back
      await broker.release("run", run, token);
    },
  };
}

function takenOver(run: string): RunError {
  return new RunError(`run ${run}: another coordinator has taken over; this one stops.`);
}

function refusal(run: string, record: unknown): string {
  const holder = runRecordSchema.safeParse(record);
  const where = holder.success ? `process ${holder.data.pid} on ${holder.data.host}` : "another process";
  return (
    `run ${run}: ${where} already coordinates a run with the same settings and seed over this broker. ` +
    "Wait for it, stop it, or choose another --seed."
  );
}
