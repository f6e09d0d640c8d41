import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { measureInSlices } from "../../src/support/slices.ts";

// The clock is a pretended one, which only the contenders move: every figure is known.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const taking = (name: string, ...milliseconds: number[]) => {
  let calls = 0;
  return {
    name,
    run: () => void vi.advanceTimersByTime(milliseconds[Math.min(calls++, milliseconds.length - 1)]!),
  };
};

it("calls contenders in turns, and divides by the first within each round", async () => {
  const order: string[] = [];
  const noted = (name: string, ...times: number[]) => {
    const { run } = taking(name, ...times);
    return {
      name,
      run: () => {
        order.push(name);
        run();
      },
    };
  };
  // Warming up takes one call each; then the rounds take 10, 20 and 40 ms, and three times that.
  const contenders = [noted("a", 1, 10, 20, 40), noted("b", 1, 30, 60, 120)];
  const done: number[] = [];
  const [a, b] = await measureInSlices(contenders, { rounds: 3, turn: 5, warmUp: 1 }, (part) =>
    done.push(part),
  );
  expect(order.join("")).toBe("abababab");
  expect(a).toMatchObject({ name: "a", median: 20, low: 10, high: 40, fastest: 10, calls: 3 });
  expect(b).toMatchObject({ median: 60, ratio: { median: 3, low: 3, high: 3 } });
  expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((k) => k / 8));
});

it("waits for answers that come later, and fills a slice with calls", async () => {
  const late = {
    name: "late",
    run: async () => {
      await Promise.resolve();
      vi.advanceTimersByTime(4);
    },
  };
  const [timing] = await measureInSlices([late], { rounds: 2, turn: 10, warmUp: 0 });
  expect(timing).toMatchObject({ median: 4, calls: 6 });
});
