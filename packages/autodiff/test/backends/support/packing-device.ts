/**
 * A device with packed memory, as WebGL2's is, on this side: kernels are JavaScript, so their text is run as it stands. Strict
 * where a graphics card is silent: an argument in another layout and a texel that is not there are errors.
 */

import type { Device, DeviceMemory } from "../../../src/backends/gpu/device.ts";
import { functions } from "../../../src/backends/gpu/functions.ts";
import type { Layout } from "../../../src/backends/gpu/layout.ts";

type Texel = number | readonly number[];

class Memory implements DeviceMemory {
  readonly layout: Layout;
  readonly texels: readonly Texel[];

  constructor(layout: Layout, texels: readonly Texel[]) {
    this.layout = layout;
    this.texels = texels;
  }

  toArray(): Float32Array {
    return Float32Array.from(this.texels.flat());
  }

  delete(): void {}
}

/** What kernels see: memory of one row as an array of texels, other memory through these functions. */
const fetches = {
  texel: (memory: Memory, across: number, down: number) => fetch(memory, across, down, 4),
  element: (memory: Memory, across: number, down: number) => fetch(memory, across, down, 1),
};

/** At the middle of a texel, in parts of the texture. */
function fetch(
  { layout: { lanes, columns, rows }, texels }: Memory,
  across: number,
  down: number,
  own: 1 | 4,
): Texel {
  const [x, y] = [across * columns - 0.5, down * rows - 0.5];
  const [column, row] = [Math.round(x), Math.round(y)];
  const isMiddle = Math.abs(x - column) < 1e-6 && Math.abs(y - row) < 1e-6;
  const isThere = column >= 0 && column < columns && row >= 0 && row < rows;
  if (isMiddle && isThere && lanes === own) return texels[row * columns + column]!;
  throw new Error(
    `no texel of ${own} at column ${x}, row ${y} of ${JSON.stringify({ lanes, columns, rows })}`,
  );
}

export function packingDevice(): Device {
  const library = Object.values(functions).join("\n");
  return {
    mode: "webgl2",
    packs: true,
    kernel(source, output, inputs) {
      type Kernel = (
        this: { readonly thread: { readonly x: number; readonly y: number } },
        ...args: unknown[]
      ) => Texel;
      const make = new Function("texel", "element", `${library}\nreturn ${source};`);
      const kernel = make(fetches.texel, fetches.element) as Kernel; // the text of a kernel of these arguments
      return (...args) => {
        const seen = args.map((arg, i) => {
          const memory = arg as Memory; // made by this device
          if (JSON.stringify(memory.layout) !== JSON.stringify(inputs[i])) {
            throw new Error(`argument ${i} lies as ${JSON.stringify(memory.layout)}`);
          }
          return memory.layout.rows === 1 ? memory.texels : memory;
        });
        const places = Array.from({ length: output.columns * output.rows }, (_, i) => ({
          thread: { x: i % output.columns, y: Math.floor(i / output.columns) },
        }));
        return new Memory(
          output,
          places.map((place) => kernel.apply(place, seen)),
        );
      };
    },
    upload: (numbers, layout) =>
      new Memory(
        layout,
        Array.from({ length: layout.columns * layout.rows }, (_, i) =>
          layout.lanes === 1 ? numbers[i]! : [...numbers.subarray(4 * i, 4 * i + 4)],
        ),
      ),
    read: (memory) => (memory as Memory).toArray(), // made by this device
  };
}
