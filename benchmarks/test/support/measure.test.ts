import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { measure, measureBeside } from "../../src/support/measure.ts";

// Both clocks are pretended ones, which only the contenders move; reading the processor's moves it by 1 µs.
let processor = 0;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  processor = 0;
  vi.spyOn(process, "threadCpuUsage").mockImplementation(() => ({ user: ++processor, system: 0 }));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A machine that becomes slower at every call, by a fifth. */
function slowing(): (
  name: string,
  milliseconds: number,
) => { readonly name: string; readonly run: () => void } {
  let slowness = 1;
  return (name, milliseconds) => ({
    name,
    run: () => {
      calls.push(name);
      slowness *= 1.2;
      vi.advanceTimersByTime(milliseconds * slowness);
      processor += 1000 * milliseconds * slowness;
    },
  });
}
let calls: string[] = [];
const budget = { rounds: 4, turn: 0, warmUp: 0, warmUpCalls: 0 };

it("the first contender has a turn before and after every other, and ratios are taken between neighbours", () => {
  calls = [];
  const taking = slowing();
  const [a, b, c] = measure([taking("a", 10), taking("b", 30), taking("c", 5)], budget);
  expect(calls.join("")).toBe("abacabacabacabaca");
  expect([a!.calls, b!.calls, c!.calls]).toEqual([9, 4, 4]);
  // Beside the mean of 1 and 1.44 times 10, 1.2 times 30: less than 2% from 3, while the medians drift apart.
  const factor = 1.2 / ((1 + 1.44) / 2);
  expect(a!.ratio).toEqual({ median: 1, low: 1, high: 1 });
  for (const one of Object.values(b!.ratio)) expect(one / (3 * factor)).toBeCloseTo(1, 3);
  for (const one of Object.values(c!.ratio)) expect(one / (0.5 * factor)).toBeCloseTo(1, 3);
  expect(b!.high / b!.low).toBeGreaterThan(2);
});

it("a single contender has one turn a round", () => {
  calls = [];
  const [only] = measure([slowing()("a", 10)], budget);
  expect(calls).toHaveLength(4);
  expect(only).toMatchObject({ calls: 4, ratio: { median: 1 } });
});

it("others in processes of their own are treated alike", async () => {
  calls = [];
  const taking = slowing();
  const elsewhere = {
    name: "e",
    turn: async (atLeast: number) => {
      if (atLeast === 0 && calls.length > 0) calls.push("e");
      return { perCall: 40, fastest: 40, calls: 1 };
    },
  };
  const steady = {
    ...taking("a", 10),
    run: () => {
      calls.push("a");
      vi.advanceTimersByTime(10);
      processor += 10_000;
    },
  };
  const [, e] = await measureBeside([steady], [elsewhere], budget);
  expect(calls.join("")).toBe("aeaeaeaea");
  expect(e!.ratio.median).toBeCloseTo(4, 2);
});
