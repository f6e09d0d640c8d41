/** Programs compiled for vectors of lanes, and the memory that they share. */

import { assembleModule } from "../backends/wasm/assembler/module.ts";
import { type FloatType, lanes } from "../backends/wasm/elementary/lanes.ts";
import { createMemory, growMemory, instantiate, type Memory } from "../backends/wasm/host.ts";
import { UnsupportedError } from "../errors.ts";
import { emitProgram } from "./emit.ts";
import type { ScalarProgram } from "./program.ts";

const vectorBytes = 16;

/** Memory in which the arrays of several programs lie. */
export class LaneMemory {
  readonly memory: Memory = createMemory(0);
  readonly dtype: FloatType;
  #end = 0;
  #view: Float64Array | Float32Array;

  constructor(dtype: FloatType) {
    this.dtype = dtype;
    this.#view = this.#newView();
  }

  /** Lanes of a vector. */
  get lanes(): number {
    return lanes[this.dtype].count;
  }

  /** All of it. Ask again after `reserve`, which may replace it. */
  get values(): Float64Array | Float32Array {
    if (this.#view.length === 0) this.#view = this.#newView();
    return this.#view;
  }

  /** Room for an array of `width` variables for `rows` states; its address. */
  reserve(rows: number, width: number): number {
    const address = this.#end;
    const end = address + Math.ceil(rows / this.lanes) * width * vectorBytes;
    if (end > 2 ** 31 - 1 || !growMemory(this.memory, end)) {
      throw new UnsupportedError("wasm", `${end} bytes of memory`, "Use fewer states at a time.");
    }
    this.#end = end;
    if (this.#view.length === 0) this.#view = this.#newView();
    return address;
  }

  #newView(): Float64Array | Float32Array {
    const { buffer } = this.memory;
    return this.dtype === "float64" ? new Float64Array(buffer) : new Float32Array(buffer);
  }

  /**
   * `width` numbers of `from`, `skip` after each of the offsets, become the states of the array at `address`; lanes beyond
   * the last repeat it.
   */
  write(address: number, width: number, from: Float64Array, offsets: Int32Array, skip: number = 0): void {
    const [values, count, rows] = [this.values, this.lanes, offsets.length];
    let at = this.#indexOf(address);
    for (let first = 0; first < rows; first += count) {
      for (let lane = 0; lane < count; lane++) {
        const row = offsets[Math.min(first + lane, rows - 1)]! + skip;
        for (let k = 0; k < width; k++) values[at + count * k + lane] = from[row + k]!;
      }
      at += count * width;
    }
  }

  /** The reverse of `write`. */
  read(address: number, width: number, to: Float64Array, offsets: Int32Array, skip: number = 0): void {
    const [values, count] = [this.values, this.lanes];
    const start = this.#indexOf(address);
    for (let r = 0; r < offsets.length; r++) {
      const lane = r % count;
      const at = start + (r - lane) * width + lane;
      const row = offsets[r]! + skip;
      for (let k = 0; k < width; k++) to[row + k] = values[at + count * k]!;
    }
  }

  /** Copies an array of `rows` states. */
  copy(from: number, to: number, width: number, rows: number): void {
    const length = Math.ceil(rows / this.lanes) * this.lanes * width;
    const start = this.#indexOf(from);
    this.values.copyWithin(this.#indexOf(to), start, start + length);
  }

  /** Sets an array of `rows` states to one number. */
  fill(address: number, width: number, rows: number, value: number): void {
    const start = this.#indexOf(address);
    this.values.fill(value, start, start + Math.ceil(rows / this.lanes) * this.lanes * width);
  }

  #indexOf(address: number): number {
    return address / (vectorBytes / this.lanes);
  }
}

/** Runs a program on `rows` states, whose arrays are at the given addresses, in the order of the program. */
export type LaneFunction = (rows: number, ...addresses: readonly number[]) => void;

export function compileProgram(program: ScalarProgram, memory: LaneMemory): LaneFunction {
  const fn = emitProgram(program, lanes[memory.dtype]);
  const exports = instantiate(assembleModule({ exports: [fn], memoryPages: 1 }), memory.memory);
  const run = exports[program.name]!;
  return (rows, ...addresses) => run(Math.ceil(rows / memory.lanes), ...addresses);
}
