/**
 * Timing in a browser's page or worker, by the wall clock: contenders are warmed up, then called in short slices, one
 * contender after the other, round by round. What slows one for a while slows all, and the ratio of two contenders is
 * taken within each round. A call ends when its results have been read back, so answers may be promises.
 */

import { quartiles, summary, type Timed, type Timing, type Turn } from "./measure.ts";

export interface SliceBudget {
  /** Slices of every contender. */
  readonly rounds: number;
  /** Milliseconds of one contender's slice; every slice has at least one call. */
  readonly turn: number;
  /** Milliseconds of warming up each contender. */
  readonly warmUp: number;
}

/** The first contender is the one whose time the others' are divided by. `onSlice` is told how much is done, in [0, 1]. */
export async function measureInSlices(
  contenders: readonly Timed[],
  { rounds, turn, warmUp }: SliceBudget,
  onSlice: (done: number) => void = () => {},
): Promise<Timing[]> {
  const slices = (rounds + 1) * contenders.length;
  let taken = 0;
  const take = async ({ run }: Timed, atLeast: number): Promise<Turn> => {
    const turn = await takeSlice(run, atLeast);
    onSlice(++taken / slices);
    return turn;
  };
  for (const contender of contenders) await take(contender, warmUp);
  const turns = contenders.map((): Turn[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, contender] of contenders.entries()) turns[i]!.push(await take(contender, turn));
  const [first = []] = turns;
  return contenders.map(({ name }, i) => ({
    ...summary(name, turns[i]!),
    ratio: quartiles(turns[i]!.map(({ perCall }, round) => perCall / first[round]!.perCall)),
  }));
}

async function takeSlice(run: () => unknown, atLeast: number): Promise<Turn> {
  const start = performance.now();
  let [calls, fastest, last] = [0, Number.POSITIVE_INFINITY, start];
  do {
    const answer = run();
    if (answer instanceof Promise) await answer;
    const now = performance.now();
    fastest = Math.min(fastest, now - last);
    last = now;
    calls++;
  } while (last - start < atLeast);
  return { perCall: (last - start) / calls, fastest, calls };
}
