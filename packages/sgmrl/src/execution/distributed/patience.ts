/** Operations on a broker that may be unreachable for a while: retried until it is back or patience runs out. */
import { setTimeout } from "node:timers/promises";
import { InputError, RunError } from "../../errors.ts";
import type { Broker } from "./broker.ts";
import type { BrokerAddress } from "./broker-address.ts";
import { isPassing, mendingOf, NoAnswerError, problemOf, saysNothing } from "./broker-error.ts";

const firstPause = 50;
const longestPause = 1_000;
const attemptLimit = 15_000;
const betweenReports = 10_000;

/** What is not an operation on the broker's data. All that are may be repeated without harm. */
const notRepeated: ReadonlySet<string> = new Set<keyof Broker>(["queue", "queueEvents", "worker"]);

/** With one broker. */
export class Patience {
  private readonly address: Pick<BrokerAddress, "shown" | "redact">;
  private readonly milliseconds: number;
  private readonly log: (text: string) => void;
  private readonly reported = new Map<string, number>();
  /** The driver's last report on its connections. */
  private heard: Error | undefined;
  /** Aborted when the connection is closed: what still waits for the broker then ends. */
  private readonly closed = new AbortController();

  /** Milliseconds without an answer until giving up. */
  constructor(
    address: Pick<BrokerAddress, "shown" | "redact">,
    milliseconds: number,
    log: (text: string) => void,
  ) {
    this.address = address;
    this.milliseconds = milliseconds;
    this.log = log;
  }

  /** A driver reports connection errors in events; the error of an operation says only that there was no connection. */
  hear(error: Error): void {
    this.heard = error;
    if (!isPassing(error)) this.report(this.text(error));
  }

  /** A broker all of whose operations are retried until it is closed. */
  broker(broker: Broker): Broker {
    return new Proxy(broker, {
      get: (object, name, receiver) => {
        const member: unknown = Reflect.get(object, name, receiver);
        if (name === "disconnect")
          return () => {
            this.closed.abort();
            return object.disconnect();
          };
        if (typeof member !== "function" || notRepeated.has(String(name))) return member;
        return (...values: unknown[]) =>
          this.persist(() => Reflect.apply(member, object, values) as Promise<unknown>);
      },
    });
  }

  /** Does work that may be repeated without harm. */
  async persist<T>(work: () => Promise<T>): Promise<T> {
    const end = performance.now() + this.milliseconds;
    let pause = firstPause;
    for (;;) {
      const left = end - performance.now();
      try {
        const answer = await within(Math.min(attemptLimit, Math.max(left, longestPause)), work());
        this.heard = undefined;
        return answer;
      } catch (caught) {
        const error = saysNothing(caught) ? (this.heard ?? caught) : caught;
        const text = this.text(error);
        if (!isPassing(error)) throw mendingOf(error) ? new InputError(text) : new RunError(text);
        if (this.closed.signal.aborted) throw new RunError(text);
        if (left < 0) throw new RunError(`${text} No answer for ${Math.round(this.milliseconds / 1000)} s.`);
        if (pause === longestPause) this.report(`${text} Trying again.`);
        await setTimeout(pause, undefined, { signal: this.closed.signal }).catch(() => {});
        pause = Math.min(2 * pause, longestPause);
      }
    }
  }

  /** At most every ten seconds, however many operations wait. */
  private report(text: string): void {
    const now = performance.now();
    for (const [old, time] of this.reported) if (now - time > betweenReports) this.reported.delete(old);
    if (this.reported.has(text)) return;
    this.reported.set(text, now);
    this.log(text);
  }

  private text(error: unknown): string {
    const { shown, redact } = this.address;
    const mending = mendingOf(error);
    return `broker ${shown}: ${redact(problemOf(error))}. ${mending ?? ""}`.trimEnd();
  }
}

/** Fails after that many milliseconds; the work itself is not stopped. */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = setTimeout(milliseconds, undefined, { signal: timer.signal }).then(() => {
    throw new NoAnswerError(`no answer within ${Math.ceil(milliseconds / 1000)} s`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}
