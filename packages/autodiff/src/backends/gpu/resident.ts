/**
 * A value of a running program: its numbers on this side, its buffer on the device, or both. Each is fetched when it is first
 * asked for.
 *
 * What takes time on some devices is written as a generator that hands out what it waits for: `now` runs one where
 * nothing is promised, `later` where it is.
 */

import type { Buffer, Device, Promised } from "./device.ts";
import type { Layout } from "./layout.ts";

export type Waiting<T> = Generator<Promised<Buffer>, T, Buffer>;

/** Runs to the end; nothing may be promised. */
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
    this.#buffer ??= yield this.#device.upload(this.#numbers!, this.#layout); // one of the two is there
    return this.#buffer;
  }

  *numbers(): Waiting<Float32Array> {
    if (this.#numbers === undefined) {
      const { lanes, columns, rows } = this.#layout;
      const memory = this.#buffer as Exclude<Buffer, Float32Array>; // memory, as there are no numbers
      const read = yield this.#device.read(memory, lanes * columns * rows);
      this.#numbers = read as Float32Array; // what was yielded comes back
    }
    return this.#numbers;
  }

  /** Gives the device's memory back. */
  release(): void {
    if (this.#buffer !== undefined && !(this.#buffer instanceof Float32Array)) this.#buffer.delete();
    this.#buffer = undefined;
  }
}
