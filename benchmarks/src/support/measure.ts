/** Timing several contenders fairly: in one process, warmed up, in turns, so that what slows one slows all. */

export interface Timing {
  readonly name: string;
  /** Milliseconds per call: the median over all rounds' calls, the quartiles around it, and the fastest. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly fastest: number;
  readonly calls: number;
}

export interface Timed {
  readonly name: string;
  readonly run: () => unknown;
}

export interface Budget {
  readonly rounds: number;
  /** Milliseconds of one contender's turn; every turn has at least one call. */
  readonly turn: number;
  /** Milliseconds of warming up each contender; also at least `warmUpCalls`, while those take less than ten times that. */
  readonly warmUp: number;
  readonly warmUpCalls: number;
}

export const standardBudget: Budget = { rounds: 12, turn: 60, warmUp: 400, warmUpCalls: 30 };

export function measure(contenders: readonly Timed[], budget: Budget = standardBudget): Timing[] {
  for (const { run } of contenders) warmUp(run, budget);
  const samples = contenders.map((): number[] => []);
  for (let round = 0; round < budget.rounds; round++) {
    contenders.forEach(({ run }, i) => {
      const from = performance.now();
      let before = from;
      do {
        run();
        const now = performance.now();
        samples[i]!.push(now - before);
        before = now;
      } while (before - from < budget.turn);
    });
  }
  return contenders.map(({ name }, i) => {
    const sorted = samples[i]!.toSorted((a, b) => a - b);
    const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
    return {
      name,
      median: at(0.5),
      low: at(0.25),
      high: at(0.75),
      fastest: sorted[0]!,
      calls: sorted.length,
    };
  });
}

function warmUp(run: () => unknown, { warmUp: least, warmUpCalls }: Budget): void {
  const from = performance.now();
  const elapsed = (): number => performance.now() - from;
  for (let calls = 0; elapsed() < least || (calls < warmUpCalls && elapsed() < 10 * least); calls++) run();
}
