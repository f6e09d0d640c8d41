/** The status of a run on several machines, as it is shown. */
import { programName } from "../../wording.ts";
import type { Remarks } from "./blob.ts";
import type { Broker } from "./broker.ts";
import type { RoundObserver } from "./coordinator.ts";
import { type Fingerprint, sameFingerprint } from "./fingerprint.ts";
import { workerRecordSchema } from "./protocol.ts";

/** What a coordinator knows of its workers. */
export interface Status {
  readonly workers: number;
  /** Groups that they can compute at once. */
  readonly slots: number;
  /** Workers of other code, which take no part. */
  readonly foreignWorkers: number;
  readonly unitsDone: number;
  /** Over the last ten seconds. */
  readonly unitsPerSecond: number;
  /** Deliveries beyond the first of groups whose result was read. */
  readonly redeliveries: number;
  readonly damagedResults: number;
  readonly republishedGroups: number;
  readonly outstandingGroups: number;
  /** Seconds since the oldest of them was published. */
  readonly oldestOutstandingSeconds: number;
}

export interface StatusListeners {
  readonly log: (text: string) => void;
  readonly onStatus: ((status: Status) => void) | undefined;
}

const rateSeconds = 10;
const lookMilliseconds = 2_000;
const patienceWithoutWorkers = 10_000;

export class StatusBoard implements RoundObserver {
  private readonly broker: Broker;
  private readonly fingerprint: Fingerprint;
  private readonly listeners: StatusListeners;
  private readonly timer: NodeJS.Timeout;
  private readonly recent: { readonly time: number; readonly units: number }[] = [];
  private status: Status = {
    workers: 0,
    slots: 0,
    foreignWorkers: 0,
    unitsDone: 0,
    unitsPerSecond: 0,
    redeliveries: 0,
    damagedResults: 0,
    republishedGroups: 0,
    outstandingGroups: 0,
    oldestOutstandingSeconds: 0,
  };
  private looking: Promise<void> | undefined;
  /** The time since which there has been work but no worker. */
  private alone: number | undefined;

  constructor(broker: Broker, fingerprint: Fingerprint, listeners: StatusListeners) {
    this.broker = broker;
    this.fingerprint = fingerprint;
    this.listeners = listeners;
    const look = (): void => {
      this.looking ??= this.look().finally(() => {
        this.looking = undefined;
      });
    };
    this.timer = setInterval(look, lookMilliseconds);
    this.timer.unref();
    look();
  }

  current(): Status {
    return this.status;
  }

  published(): void {}

  read(tasks: number, { attempt }: Remarks): void {
    const { unitsDone, redeliveries } = this.status;
    this.recent.push({ time: performance.now(), units: tasks });
    this.show({ unitsDone: unitsDone + tasks, redeliveries: redeliveries + attempt - 1 });
  }

  damaged(group: string, problem: string): void {
    this.listeners.log(`group ${group}: the result arrived damaged and will be computed again: ${problem}`);
    this.show({ damagedResults: this.status.damagedResults + 1 });
  }

  republished(): void {
    this.show({ republishedGroups: this.status.republishedGroups + 1 });
  }

  waiting(outstandingGroups: number, oldestMilliseconds: number): void {
    const oldestOutstandingSeconds = outstandingGroups === 0 ? 0 : oldestMilliseconds / 1000;
    this.show({ outstandingGroups, oldestOutstandingSeconds });
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Counts the workers. A broker that does not answer is the coordinator's concern. */
  private async look(): Promise<void> {
    const held = await this.broker.held("worker").catch(() => undefined);
    if (held === undefined) return;
    const records = held.flatMap(({ record }) => workerRecordSchema.safeParse(record).data ?? []);
    const own = records.filter(({ fingerprint }) => sameFingerprint(fingerprint, this.fingerprint));
    this.show({
      workers: own.length,
      slots: own.reduce((sum, { slots }) => sum + slots, 0),
      foreignWorkers: records.length - own.length,
    });
    this.warnIfAlone(own.length, records.length - own.length);
  }

  private warnIfAlone(own: number, foreign: number): void {
    if (own > 0) {
      this.alone = undefined;
      return;
    }
    this.alone ??= performance.now();
    if (performance.now() - this.alone < patienceWithoutWorkers) return;
    this.alone = Number.POSITIVE_INFINITY; // reported once
    const others =
      foreign === 0 ? "" : ` Connected workers that run other code, and take no jobs: ${foreign}.`;
    this.listeners.log(`no worker is connected.${others} Start one with: ${programName} worker --broker …`);
  }

  private show(change: Partial<Status>): void {
    const since = performance.now() - rateSeconds * 1000;
    while (this.recent.length > 0 && this.recent[0]!.time < since) this.recent.shift();
    const unitsPerSecond = this.recent.reduce((sum, { units }) => sum + units, 0) / rateSeconds;
    this.status = { ...this.status, ...change, unitsPerSecond };
    this.listeners.onStatus?.(this.status);
  }
}
