import { integer, load, type V } from "../../../../src/backends/wasm/assembler/expression.ts";
import { FunctionBuilder } from "../../../../src/backends/wasm/assembler/function.ts";
import { assembleModule } from "../../../../src/backends/wasm/assembler/module.ts";
import { type FloatType, type Lanes, lanes } from "../../../../src/backends/wasm/elementary/lanes.ts";
import { createMemory, instantiate } from "../../../../src/backends/wasm/host.ts";

type FloatArray = Float64Array | Float32Array;

/** Runs a vector function over an array, in WebAssembly. */
export function vectorFunction(
  dtype: FloatType,
  emit: (fn: FunctionBuilder, L: Lanes, x: V) => V,
): (inputs: readonly number[]) => FloatArray {
  const L = lanes[dtype];
  return (inputs) => {
    const bytes = Math.ceil((inputs.length * L.bytes) / 16) * 16;
    const fn = new FunctionBuilder("run", ["i32", "i32"]);
    const [source, target] = [fn.parameter(0, "i32"), fn.parameter(1, "i32")];
    fn.range(0, bytes, 16, (offset) => {
      const x = fn.let(load("v128.load", integer("add", source, offset)));
      fn.store("v128.store", integer("add", target, offset), emit(fn, L, x));
    });
    const memory = createMemory(2 * bytes);
    const exports = instantiate(assembleModule({ exports: [fn], memoryPages: 1 }), memory);
    const FloatArray = dtype === "float64" ? Float64Array : Float32Array;
    new FloatArray(memory.buffer, 0, inputs.length).set(inputs);
    exports.run!(0, bytes);
    return new FloatArray(memory.buffer, bytes, inputs.length).slice();
  };
}

/** The same for a function of two vectors; one call of it per pair of inputs, in lane order. */
export function vectorFunction2(
  dtype: FloatType,
  emit: (fn: FunctionBuilder, L: Lanes, x: V, y: V) => V,
): (xs: readonly number[], ys: readonly number[]) => FloatArray {
  const L = lanes[dtype];
  return (xs, ys) => {
    const bytes = Math.ceil((xs.length * L.bytes) / 16) * 16;
    const fn = new FunctionBuilder("run", []);
    fn.range(0, bytes, 16, (offset) => {
      const [x, y] = [fn.let(load("v128.load", offset)), fn.let(load("v128.load", offset, bytes))];
      fn.store("v128.store", offset, emit(fn, L, x, y), 2 * bytes);
    });
    const memory = createMemory(3 * bytes);
    const exports = instantiate(assembleModule({ exports: [fn], memoryPages: 1 }), memory);
    const FloatArray = dtype === "float64" ? Float64Array : Float32Array;
    new FloatArray(memory.buffer, 0, xs.length).set(xs);
    new FloatArray(memory.buffer, bytes, ys.length).set(ys);
    exports.run!();
    return new FloatArray(memory.buffer, 2 * bytes, xs.length).slice();
  };
}

/** n numbers spread evenly over (0, 1) in no obvious order: multiples of the golden ratio, modulo 1. */
export function spread(n: number): number[] {
  return Array.from({ length: n }, (_, i) => ((i + 1) * 0.6180339887498949) % 1);
}
