/**
 * What share of the machine's peak a kernel reaches.
 *
 * A core's speed changes within milliseconds, with the clock and with what its neighbour does. So peak and kernel are
 * called in alternation in slices of a few milliseconds, and the ratio is taken within each slice, between the shortest
 * call of the one and of the other: a call that was interrupted is not the shortest.
 */

/** Floating-point operations, and a run of them. */
export interface Work {
  readonly run: () => void;
  readonly operations: number;
}

export interface PeakShare {
  /** Median of the slices' ratios, and the quartiles around it. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** GFLOP/s, medians over the slices. */
  readonly peakRate: number;
  readonly kernelRate: number;
}

/** Calls of each in a slice. */
const pairs = 6;

export function peakShare(kernel: Work, peak: Work, slices: number): PeakShare {
  for (let call = 0; call < 100; call++) [kernel, peak].forEach(rateOf); // until compiled for good
  const rates = Array.from({ length: slices }, () => {
    let [kernelRate, peakRate] = [0, 0];
    for (let pair = 0; pair < pairs; pair++) {
      kernelRate = Math.max(kernelRate, rateOf(kernel));
      peakRate = Math.max(peakRate, rateOf(peak));
    }
    return { kernelRate, peakRate, share: kernelRate / peakRate };
  });
  const quantile = (of: (rate: (typeof rates)[number]) => number, q: number): number =>
    rates.map(of).toSorted((a, b) => a - b)[Math.floor(q * (slices - 1))]!;
  return {
    median: quantile(({ share }) => share, 0.5),
    low: quantile(({ share }) => share, 0.25),
    high: quantile(({ share }) => share, 0.75),
    peakRate: quantile((one) => one.peakRate, 0.5),
    kernelRate: quantile((one) => one.kernelRate, 0.5),
  };
}

/** GFLOP/s of one call, by the wall clock. */
function rateOf({ run, operations }: Work): number {
  const start = performance.now();
  run();
  return operations / (performance.now() - start) / 1e6;
}
