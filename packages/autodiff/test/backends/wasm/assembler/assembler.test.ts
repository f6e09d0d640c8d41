import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { i32, integer, load, vectorConstant } from "../../../../src/backends/wasm/assembler/expression.ts";
import { FunctionBuilder } from "../../../../src/backends/wasm/assembler/function.ts";
import { signed, unsigned } from "../../../../src/backends/wasm/assembler/leb128.ts";
import { assembleModule } from "../../../../src/backends/wasm/assembler/module.ts";
import { float32Lanes as L } from "../../../../src/backends/wasm/elementary/lanes.ts";
import { createMemory, instantiate, type Memory } from "../../../../src/backends/wasm/host.ts";

describe("LEB128", () => {
  it("matches the examples of the specification of DWARF, appendix C", () => {
    expect(unsigned(624485)).toEqual([0xe5, 0x8e, 0x26]);
    expect(signed(-123456n)).toEqual([0xc0, 0xbb, 0x78]);
    expect([unsigned(0), unsigned(127), unsigned(128)]).toEqual([[0], [0x7f], [0x80, 1]]);
    expect([signed(63n), signed(64n), signed(-64n), signed(-65n)]).toEqual([
      [0x3f],
      [0xc0, 0],
      [0x40],
      [0xbf, 0x7f],
    ]);
  });

  it("reads back", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), (value) => {
        const bytes = signed(value);
        const raw = bytes.reduce((sum, byte, i) => sum | (BigInt(byte & 0x7f) << BigInt(7 * i)), 0n);
        return BigInt.asIntN(7 * bytes.length, raw) === value;
      }),
    );
  });

  it("has the same bytes for a whole number as for the bigint", () => {
    const edges = [0, -0, 63, 64, -64, -65, 8191, 8192, -8192, -8193, 2 ** 31 - 1, -(2 ** 31)];
    for (const value of edges) expect(signed(value)).toEqual(signed(BigInt(value)));
    fc.assert(fc.property(fc.integer(), (value) => signed(value).join() === signed(BigInt(value)).join()));
    expect(() => signed(0.5)).toThrow(RangeError);
  });

  it("refuses what is no unsigned 32-bit integer", () => {
    expect(() => unsigned(-1)).toThrow(/unsigned/);
    expect(() => unsigned(0.5)).toThrow(/unsigned/);
  });
});

function run(fn: FunctionBuilder): {
  call: (...args: number[]) => unknown;
  bytes: Uint8Array;
  memory: Memory;
} {
  const bytes = assembleModule({ exports: [fn], memoryPages: 1 });
  const memory = createMemory(1);
  return { call: instantiate(bytes, memory)[fn.name]!, bytes, memory };
}

describe("functions", () => {
  it("sums a range with a counted loop and a conditional", () => {
    const fn = new FunctionBuilder("sumOfOdd", [], "i32");
    const total = fn.local("i32");
    fn.range(0, 10, 1, (i) => {
      fn.if(integer("and", i, i32(1)), () => fn.set(total, integer("add", total, i)));
    });
    fn.return(total);
    expect(run(fn).call()).toBe(1 + 3 + 5 + 7 + 9);
  });

  it("holds a long body, and what the functions it calls call", () => {
    const addThree = new FunctionBuilder("addThree", ["i32"], "i32");
    addThree.return(integer("add", addThree.parameter(0, "i32"), i32(3)));
    const addSix = new FunctionBuilder("addSix", ["i32"], "i32");
    addSix.return(
      addSix.callValue(addThree, "i32", addSix.callValue(addThree, "i32", addSix.parameter(0, "i32"))),
    );
    const fn = new FunctionBuilder("long", [], "i32");
    const total = fn.local("i32");
    const times = 1000;
    for (let i = 0; i < times; i++) fn.set(total, fn.callValue(addSix, "i32", total));
    fn.return(total);
    expect(run(fn).call()).toBe(6 * times);
  });

  it("emits nothing for an empty range", () => {
    const fn = new FunctionBuilder("empty", [], "i32");
    const total = fn.local("i32");
    fn.range(3, 3, 1, () => fn.set(total, i32(1)));
    fn.return(total);
    expect(run(fn).call()).toBe(0);
  });

  it("computes a shared node once", () => {
    const shared = new FunctionBuilder("f", ["i32"], "i32");
    const square = integer("mul", shared.parameter(0, "i32"), shared.parameter(0, "i32"));
    shared.return(integer("add", square, square));
    const { call, bytes } = run(shared);
    expect(call(5)).toBe(50);
    const multiply = 0x6c;
    expect(bytes.filter((byte) => byte === multiply)).toHaveLength(1);
  });

  it("calls other functions of the module, each emitted once", () => {
    const double = new FunctionBuilder("double", ["i32"], "i32");
    double.return(integer("add", double.parameter(0, "i32"), double.parameter(0, "i32")));
    const fn = new FunctionBuilder("f", ["i32"], "i32");
    fn.return(fn.callValue(double, "i32", fn.callValue(double, "i32", fn.parameter(0, "i32"))));
    expect(run(fn).call(3)).toBe(12);
  });

  it("hoists a vector constant out of a loop", () => {
    const fn = new FunctionBuilder("fill", []);
    fn.range(0, 64, 16, (address) => {
      fn.store(
        "v128.store",
        address,
        L.add(load("v128.load", address), vectorConstant(Float32Array.of(1, 2, 3, 4))),
      );
    });
    const { call, bytes, memory } = run(fn);
    call();
    expect(Array.from(new Float32Array(memory.buffer, 48, 4))).toEqual([1, 2, 3, 4]);
    const constantAt = bytes.findIndex((byte, i) => byte === 0xfd && bytes[i + 1] === 0x0c);
    const loopAt = bytes.findIndex((byte, i) => byte === 0x03 && bytes[i + 1] === 0x40);
    expect(constantAt).toBeGreaterThan(0);
    expect(constantAt).toBeLessThan(loopAt);
  });
});
