/** Tasks of live pages, with a port in the place of a worker. */
import fc from "fast-check";
import { afterEach, expect, it, vi } from "vitest";
import { messageOf, serveTasks, startTask } from "../.vitepress/theme/live/worker-task.ts";

afterEach(() => vi.unstubAllGlobals());

/** A worker of the task that was served last, with what it posts by itself. */
function worker(post: (worker: Worker) => void = () => {}): Worker {
  const made = {
    onmessage: null,
    onerror: null,
    postMessage(data: unknown, ports: readonly MessagePort[]) {
      queueMicrotask(() => post(made));
      void self.onmessage?.call(self, new MessageEvent("message", { data, ports: [...ports] }));
    },
    terminate() {},
  } as unknown as Worker;
  return made;
}

it("answers come through the request's port, and through nothing else", async () => {
  vi.stubGlobal("self", {});
  serveTasks<number, number, string>((x, progress) => {
    progress("half");
    return 2 * x;
  });
  const done: string[] = [];
  const posting = worker((one) => one.onmessage?.(new MessageEvent("message", { data: { result: 7 } })));
  expect(
    await startTask<number>(
      () => posting,
      4,
      5,
      (text) => done.push(text),
    ).result,
  ).toBe(8);
  expect(done).toEqual(["half"]);
});

it("a result that cannot be posted is a failure", async () => {
  vi.stubGlobal("self", {});
  serveTasks(() => () => 1);
  await expect(startTask(() => worker(), 1, 5).result).rejects.toThrow("could not be cloned");
});

it("whatever is thrown has words", () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withSparseArray: true }), (thrown) => {
      expect(messageOf(thrown)).toMatch(/^(thrown: |what was thrown cannot be read$)/);
      const error = Object.assign(new Error("text"), { message: thrown });
      expect(messageOf(error)).toEqual(expect.stringMatching(/^.{1,2002}$/s));
    }),
  );
});
