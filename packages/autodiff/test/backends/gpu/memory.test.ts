/** Device memory: a program releases all that a call of it allocated, except its constants. */
import { expect, test } from "vitest";
import { Program } from "../../../src/backends/gpu/compile.ts";
import type { Buffer, Device, DeviceMemory } from "../../../src/backends/gpu/device.ts";
import type { Layout } from "../../../src/backends/gpu/layout.ts";
import { now } from "../../../src/backends/gpu/resident.ts";
import {
  add,
  array,
  type Backend,
  compile,
  grad,
  mul,
  type NdArray,
  scan,
  sin,
  sum,
  tanh,
} from "../../../src/index.ts";

/** A device that computes zeros, counts what is allocated on it and refuses what has been released. */
class CountingDevice implements Device {
  readonly mode = "webgl2";
  readonly packs = false;
  readonly live = new Set<DeviceMemory>();
  uploads = 0;

  kernel(_source: string, output: Layout): (...args: readonly Buffer[]) => Buffer {
    return (...args) => {
      for (const arg of args) expect(this.live).toContain(arg);
      return this.#allocate(output);
    };
  }

  upload(_numbers: Float32Array, layout: Layout): Buffer {
    this.uploads++;
    return this.#allocate(layout);
  }

  read(memory: DeviceMemory, size: number): Float32Array {
    expect(this.live).toContain(memory);
    return new Float32Array(size);
  }

  #allocate({ columns, rows, lanes }: Layout): DeviceMemory {
    const memory: DeviceMemory = {
      toArray: () => new Float32Array(columns * rows * lanes),
      delete: () => expect(this.live.delete(memory)).toBe(true),
    };
    this.live.add(memory);
    return memory;
  }
}

const w = array(Float32Array.of(1, 2, 3), [3, 1]);
const scanned = (x: NdArray): NdArray =>
  scan((s: NdArray, row: NdArray) => [tanh(add(s, row)), mul(s, 2)], x, mul(x, w))[1];

const programs: Record<string, (x: NdArray) => NdArray> = {
  "no loop": (x) => sum(mul(sin(x), x)),
  "a scan's rows, returned": scanned,
  "a scan's rows, read once": (x) => sum(mul(scanned(x), w)),
  "a scan's rows, read by two kernels": (x) => {
    const ys = scanned(x);
    return add(sum(mul(ys, ys)), sum(sin(ys)));
  },
  "a scan's rows, read by a kernel and another scan": (x) => {
    const ys = scanned(x);
    const [last] = scan((s: NdArray, y: NdArray) => [mul(s, y), s], x, ys);
    return add(sum(last), sum(sin(ys)));
  },
  "a scan's rows, carried by another scan": (x) => {
    const ys = scanned(x);
    const [last] = scan((s: NdArray, y: NdArray) => [mul(s, y), y], ys, ys);
    return add(sum(last), sum(ys));
  },
  "the gradient of a scan": grad((x) => sum(mul(scanned(x), w))),
};

function on(device: Device, f: (x: NdArray) => NdArray): () => void {
  const backend: Backend = {
    name: "counting",
    compile: (graph) => {
      const program = new Program(device, graph);
      return (inputs) => now(program.run(inputs));
    },
  };
  const run = compile(f, { backend, dtype: "float32" });
  return () => run(array(Float32Array.of(1, 2, 3, 4), [4]));
}

test.each(Object.entries(programs))("%s", (_name, f) => {
  const device = new CountingDevice();
  const run = on(device, f);
  run();
  const constants = device.live.size;
  for (let k = 0; k < 3; k++) run();
  expect(device.live.size).toBe(constants);
});

test("a scan's rows are uploaded once, however many kernels read them", () => {
  const device = new CountingDevice();
  const run = on(device, programs["a scan's rows, read by two kernels"]!);
  run();
  const before = device.uploads;
  run();
  expect(device.uploads - before).toBe(5); // x, the three rows of x w, and the scan's rows
});
