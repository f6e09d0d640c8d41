import { type FloatType, lanes } from "../backends/wasm/elementary/lanes.ts";
import { createMemory, growMemory, type Memory } from "../backends/wasm/host.ts";
import { UnsupportedError } from "../errors.ts";

const vectorBytes = 16;
/** The largest address that programs compute with. */
const mostBytes = 2 ** 31 - 1;

/** Memory for the arrays of several programs: one row after the other, a row for each state. */
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

  /** The whole memory. Read again after `reserve`, which may replace it. */
  get values(): Float64Array | Float32Array {
    if (this.#view.length === 0) this.#view = this.#newView();
    return this.#view;
  }

  /** Reserves memory for an array of `width` variables for `rows` states; returns its address. */
  reserve(rows: number, width: number): number {
    const address = this.#end;
    const vectors = (this.padded(rows) * width) / this.lanes;
    // Loads may read up to a vector beyond the last row.
    const bytes = address + (vectors + 1) * vectorBytes;
    const problem = `programs need ${bytes} bytes of memory for ${rows} more rows of ${width} numbers`;
    const advice = "Use fewer states at a time.";
    if (bytes > mostBytes) throw new UnsupportedError("wasm", `${problem}; they have ${mostBytes}`, advice);
    if (!growMemory(this.memory, bytes)) {
      throw new UnsupportedError("wasm", `${problem}, which the host refuses`, advice);
    }
    this.#end = bytes - vectorBytes;
    return address;
  }

  /** How many more numbers there is room for. */
  get free(): number {
    return Math.floor((mostBytes - vectorBytes - this.#end) / lanes[this.dtype].bytes);
  }

  #newView(): Float64Array | Float32Array {
    const { buffer } = this.memory;
    return this.dtype === "float64" ? new Float64Array(buffer) : new Float32Array(buffer);
  }

  /** The number of rows, rounded up to whole vectors. */
  padded(rows: number): number {
    return Math.ceil(rows / this.lanes) * this.lanes;
  }

  /** Copies `width` numbers of `from`, at each offset, to the array at `address`; lanes beyond the last row repeat it. */
  write(address: number, width: number, from: Float64Array, offsets: Int32Array): void {
    const [values, start, rows] = [this.values, this.indexOf(address), offsets.length];
    forEachRun(offsets, width, (first, end) => {
      const source = from.subarray(offsets[first]!, offsets[first]! + (end - first) * width);
      values.set(source, start + first * width);
    });
    const last = start + (rows - 1) * width;
    for (let r = rows; r < this.padded(rows); r++) values.copyWithin(start + r * width, last, last + width);
  }

  /** The reverse of `write`. */
  read(address: number, width: number, to: Float64Array, offsets: Int32Array): void {
    const [values, start] = [this.values, this.indexOf(address)];
    forEachRun(offsets, width, (first, end) => {
      to.set(values.subarray(start + first * width, start + end * width), offsets[first]!);
    });
  }

  /** Sets an array of `rows` states to one number. */
  fill(address: number, width: number, rows: number, value: number): void {
    const start = this.indexOf(address);
    this.values.fill(value, start, start + this.padded(rows) * width);
  }

  /** The address of the number `index` of an array. */
  at(address: number, index: number): number {
    return address + index * lanes[this.dtype].bytes;
  }

  /** The index in `values` at which an array begins. */
  indexOf(address: number): number {
    return address / lanes[this.dtype].bytes;
  }
}

/** Visits runs of consecutive rows, which are copied together. */
function forEachRun(offsets: Int32Array, width: number, move: (first: number, end: number) => void): void {
  for (let first = 0; first < offsets.length; ) {
    let end = first + 1;
    while (end < offsets.length && offsets[end] === offsets[end - 1]! + width) end++;
    move(first, end);
    first = end;
  }
}
