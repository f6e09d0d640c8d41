/**
 * A value of a running program: its numbers on the host, its buffer on the device, or both. Each is created
 * when it is first needed.
 *
 * Operations that are asynchronous on some devices are generators that yield what they wait for: `now` runs
 * one synchronously, `later` awaits its promises.
 */

import type { Buffer, Device, Promised } from "./device.ts";
import type { Layout } from "./layout.ts";

export type Waiting<T> = Generator<Promised<Buffer>, T, Buffer>;

/** Runs to the end; nothing yielded may be a promise. */
export function now<T>(work: Waiting<T>): T {
  let state = work.next();
  while (!state.done) state = work.next(state.value as Buffer); // devices without promises
  return state.value;
}

export async function later<T>(work: Waiting<T>): Promise<T> {
  let state = work.next();
  while (!state.done) state = work.next(await state.value);
  return state.value;
}

export class Resident {
  readonly #device: Device;
  readonly #layout: Layout;
  #numbers: Float32Array | undefined;
  #buffer: Buffer | undefined;

  constructor(
    device: Device,
    layout: Layout,
    { numbers, buffer }: { readonly numbers?: Float32Array; readonly buffer?: Buffer },
  ) {
    this.#device = device;
    this.#layout = layout;
    this.#buffer = buffer;
    this.#numbers = numbers ?? (buffer instanceof Float32Array ? buffer : undefined);
  }

  *buffer(): Waiting<Buffer> {
    this.#buffer ??= yield this.#device.upload(yield* this.numbers(), this.#layout);
    return this.#buffer;
  }

  *numbers(): Waiting<Float32Array> {
    this.#numbers ??= yield* this.fetch();
    return this.#numbers;
  }

  /** Its numbers, which are not on the host yet. */
  protected *fetch(): Waiting<Float32Array> {
    const { lanes, columns, rows } = this.#layout;
    const memory = this.#buffer as Exclude<Buffer, Float32Array>; // memory, as there are no numbers
    return (yield this.#device.read(memory, lanes * columns * rows)) as Float32Array; // what was yielded comes back
  }

  /** Row t, with the given layout and size. */
  *row(t: number, layout: Layout, size: number): Waiting<Resident> {
    const numbers = yield* this.numbers();
    return new Resident(this.#device, layout, { numbers: numbers.subarray(t * size, (t + 1) * size) });
  }

  /** The values that may hold device memory for its numbers: itself, and its rows. */
  get pieces(): readonly Resident[] {
    return [this];
  }

  /** Releases its own device memory. */
  release(): void {
    if (this.#buffer !== undefined && !(this.#buffer instanceof Float32Array)) this.#buffer.delete();
    this.#buffer = undefined;
  }
}

/**
 * The rows of an array, each as a step of a loop stored it: a later loop over the rows reads them in place;
 * for any other use they are assembled on the host, once.
 */
export class Rows extends Resident {
  readonly #rows: readonly Resident[];
  readonly #size: number;

  constructor(device: Device, layout: Layout, rows: readonly Resident[], size: number) {
    super(device, layout, {});
    this.#rows = rows;
    this.#size = size;
  }

  protected override *fetch(): Waiting<Float32Array> {
    const all = new Float32Array(this.#size);
    const each = this.#size / this.#rows.length;
    for (const [t, row] of this.#rows.entries()) all.set(yield* row.numbers(), t * each);
    return all;
  }

  // biome-ignore lint/correctness/useYield: like the other kind of row, with nothing to wait for
  override *row(t: number): Waiting<Resident> {
    return this.#rows[t]!;
  }

  override get pieces(): readonly Resident[] {
    return [this, ...this.#rows.flatMap((row) => row.pieces)];
  }
}
