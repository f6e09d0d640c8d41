/**
 * Timing several contenders fairly: in one process, warmed up, in turns, so that what slows one slows all.
 *
 * A core's speed changes within milliseconds, so a ratio is not one of medians: the first contender has a turn before
 * and after each turn of another, and the ratio is taken between the other and the mean of the two.
 *
 * The clock is the processor time of this thread: every contender computes on the calling thread, and the time other
 * processes take away is not counted. The shortest call by the wall clock is given beside it, as a check.
 */

export interface Timing {
  readonly name: string;
  /** Milliseconds of processor time per call: the median over turns, and the quartiles around it. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Milliseconds of the shortest single call, by the wall clock. */
  readonly fastest: number;
  readonly calls: number;
  /** How many times as long as the first contender this one takes, between turns beside each other. */
  readonly ratio: Quartiles;
}

export interface Timed {
  readonly name: string;
  readonly run: () => unknown;
}

export interface Budget {
  /** Turns of every contender; the first has more. */
  readonly rounds: number;
  /** Milliseconds of one contender's turn; every turn has at least one call. */
  readonly turn: number;
  /** Milliseconds of warming up each contender; also at least `warmUpCalls`, while those take less than ten times that. */
  readonly warmUp: number;
  readonly warmUpCalls: number;
}

export const standardBudget: Budget = { rounds: 40, turn: 20, warmUp: 400, warmUpCalls: 30 };

/** A contender in another process, which times itself. */
export interface Elsewhere {
  readonly name: string;
  turn(milliseconds: number): Promise<Turn>;
}

export function measure(contenders: readonly Timed[], budget: Budget = standardBudget): Timing[] {
  for (const { run } of contenders) warmUp(run, budget);
  const turns = contenders.map((): Turn[] => []);
  for (const i of order(contenders.length, budget.rounds))
    turns[i]!.push(takeTurn(contenders[i]!.run, budget.turn));
  return timings(contenders, turns);
}

/** The same, in turns with others that compute in processes of their own while this one waits. */
export async function measureBeside(
  contenders: readonly Timed[],
  others: readonly Elsewhere[],
  budget: Budget,
): Promise<Timing[]> {
  for (const { run } of contenders) warmUp(run, budget);
  for (const { turn } of others) await turn(budget.warmUp);
  const all = [...contenders, ...others];
  const turns = all.map((): Turn[] => []);
  for (const i of order(all.length, budget.rounds)) {
    const one = all[i]!;
    turns[i]!.push("run" in one ? takeTurn(one.run, budget.turn) : await one.turn(budget.turn));
  }
  return timings(all, turns);
}

/** Whose turn it is: 0, 1, 0, 2, 0, ..., so that every turn of another lies between two of the first. */
function order(contenders: number, rounds: number): number[] {
  const others = Array.from({ length: contenders - 1 }, (_, i) => [i + 1, 0]).flat();
  const round = others.length === 0 ? [0] : others;
  return [...(others.length === 0 ? [] : [0]), ...Array.from({ length: rounds }, () => round).flat()];
}

/** The k-th turn of contender i > 0 lies between the turns k (n - 1) + i - 1 and k (n - 1) + i of the first of n. */
function timings(
  contenders: readonly { readonly name: string }[],
  turns: readonly (readonly Turn[])[],
): Timing[] {
  const [first = []] = turns;
  return contenders.map(({ name }, i) => {
    const ratios = turns[i]!.map(({ perCall }, k) => {
      if (i === 0) return 1;
      const before = k * (contenders.length - 1) + i - 1;
      return (2 * perCall) / (first[before]!.perCall + first[before + 1]!.perCall);
    });
    return { ...summary(name, turns[i]!), ratio: quartiles(ratios) };
  });
}

/** The median over turns and the quartiles around it. */
export function summary(name: string, turns: readonly Turn[]): Omit<Timing, "ratio"> {
  return {
    name,
    ...quartiles(turns.map(({ perCall }) => perCall)),
    fastest: Math.min(...turns.map(({ fastest }) => fastest)),
    calls: turns.reduce((total, { calls }) => total + calls, 0),
  };
}

export interface Quartiles {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export function quartiles(values: readonly number[]): Quartiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** What one turn showed: milliseconds of processor time per call, of the shortest call by the wall clock, and calls. */
export interface Turn {
  readonly perCall: number;
  readonly fastest: number;
  readonly calls: number;
}

function takeTurn(run: () => unknown, atLeast: number): Turn {
  const before = steppedProcessorTime();
  const start = performance.now();
  let [calls, fastest, last] = [0, Number.POSITIVE_INFINITY, start];
  do {
    run();
    const now = performance.now();
    fastest = Math.min(fastest, now - last);
    last = now;
    calls++;
  } while (last - start < atLeast);
  const outdated = processorTime();
  const after = steppedProcessorTime();
  const waited = Math.min(performance.now() - last, after - outdated);
  return { perCall: (after - before - waited) / calls, fastest, calls };
}

/** Milliseconds, as the system last noted them: it does so every few milliseconds. */
function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Waits until the system notes it anew, so that the figure is that of this moment. */
function steppedProcessorTime(): number {
  const outdated = processorTime();
  for (;;) {
    const now = processorTime();
    if (now !== outdated) return now;
  }
}

function warmUp(run: () => unknown, { warmUp: least, warmUpCalls }: Budget): void {
  const from = performance.now();
  const elapsed = (): number => performance.now() - from;
  for (let calls = 0; elapsed() < least || (calls < warmUpCalls && elapsed() < 10 * least); calls++) run();
}
