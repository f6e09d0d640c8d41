import { afterEach, expect, it, vi } from "vitest";
import { peakShare } from "../../src/support/peak-share.ts";

afterEach(() => vi.restoreAllMocks());

/** A machine whose clock rate changes again and again, and most of whose calls are interrupted. */
function unsteadyMachine() {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  let calls = 0;
  return (operations: number, share: number) => ({
    operations,
    run: () => {
      const rate = Math.floor(now / 400) % 2 === 0 ? 50e6 : 36e6; // operations in a millisecond
      now += operations / (share * rate) + (calls++ % 5 < 3 ? 3 : 0);
    },
  });
}

it.each([1, 0.8, 0.5])(
  "a kernel that reaches %s of the peak is said to, whatever the machine's state",
  (share) => {
    const work = unsteadyMachine();
    const { median, low, high } = peakShare(work(50e6, share), work(25e6, 1), 200);
    expect(median).toBeCloseTo(share, 10);
    expect(low).toBeLessThanOrEqual(median);
    expect(high).toBeGreaterThanOrEqual(median);
    expect(high).toBeLessThan(share * (50 / 36 + 1e-9));
  },
);
