/** Operations on a broker that may be away for a while: tried again until it is back, or until patience is at an end. */
import { setTimeout } from "node:timers/promises";
import { RunError } from "../../run/errors.ts";
import type { BrokerAddress } from "./broker-address.ts";

export interface Patience {
  /** Milliseconds without an answer until giving up. */
  readonly milliseconds: number;
  /** Told of trouble, at most every ten seconds. */
  readonly onTrouble: (text: string) => void;
}

const firstPause = 50;
const longestPause = 1_000;
const attemptLimit = 15_000;
const betweenReports = 10_000;

/** Every method of `target`, with patience. All of them may be repeated without harm. */
export function patient<T extends object>(target: T, address: BrokerAddress, patience: Patience): T {
  return new Proxy(target, {
    get(object, name, receiver) {
      const member: unknown = Reflect.get(object, name, receiver);
      if (typeof member !== "function" || !waitsFor.has(String(name))) return member;
      return (...values: unknown[]) =>
        persist(() => Reflect.apply(member, object, values) as Promise<unknown>, address, patience);
    },
  });
}

const waitsFor: ReadonlySet<string> = new Set([
  "now",
  "prepare",
  "hold",
  "held",
  "openRun",
  "openRound",
  "theta",
  "put",
  "blob",
  "ready",
  "remove",
  "closeRound",
]);

export async function persist<T>(
  work: () => Promise<T>,
  { shown, redact }: Pick<BrokerAddress, "shown" | "redact">,
  { milliseconds, onTrouble }: Patience,
): Promise<T> {
  const started = performance.now();
  let pause = firstPause;
  let reported = Number.NEGATIVE_INFINITY;
  for (;;) {
    try {
      return await within(attemptLimit, work());
    } catch (error) {
      const problem = redact(problemOf(error));
      if (!isPassing(error)) throw new RunError(`broker ${shown}: ${problem}`);
      const now = performance.now();
      if (now - started > milliseconds)
        throw new RunError(`broker ${shown}: no answer for ${Math.round(milliseconds / 1000)} s: ${problem}`);
      if (now - started > longestPause && now - reported > betweenReports) {
        onTrouble(`broker ${shown}: ${problem}; trying again`);
        reported = now;
      }
      await setTimeout(pause);
      pause = Math.min(2 * pause, longestPause);
    }
  }
}

class NoAnswer extends Error {}

/** Fails after so many milliseconds; the work itself is not stopped. */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = setTimeout(milliseconds, undefined, { signal: timer.signal }).then(() => {
    throw new NoAnswer(`no answer within ${milliseconds / 1000} s`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}

/**
 * What goes away by itself or by an administrator's hand: no connection, a server that starts or stops, no room.
 * Postgres: SQLSTATE classes 08, 53, 57, and 40 (a transaction to be repeated). Redis: the first word of its answer.
 */
const passing =
  /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|^(08|53|57|40)[0-9A-Z]{3}\b|\b(OOM|LOADING|MISCONF|READONLY|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN)\b|[Cc]onnection (is closed|terminated|timeout|ended)|timeout exceeded|max retries per request|Stream isn't writeable/;

export function isPassing(error: unknown): boolean {
  return error instanceof NoAnswer || passing.test(problemOf(error));
}

function problemOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return problemOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? `${error.code} ` : "";
  return `${code}${error.message}`;
}
