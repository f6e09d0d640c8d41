import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../src/errors.ts";
import { decodeSafetensors, encodeSafetensors, type Tensor, type Tensors } from "../src/safetensors.ts";

const tensor: fc.Arbitrary<Tensor> = fc.array(fc.nat(3), { maxLength: 3 }).chain((shape) => {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return fc
    .array(fc.double(), { minLength: size, maxLength: size })
    .map((values) => ({ shape, data: Float64Array.from(values) }));
});
const name = fc
  .string({ minLength: 1 })
  .filter((text) => !["__metadata__", "__proto__"].includes(text) && !/^\d+$/.test(text));
const file: fc.Arbitrary<Tensors> = fc.record({
  tensors: fc.dictionary(name, tensor, { maxKeys: 4, noNullPrototype: true }),
  metadata: fc.dictionary(name, fc.string(), { maxKeys: 2, noNullPrototype: true }),
});

/** A reader written from the format's description alone, with Buffer's methods where the code uses a DataView. */
function readIndependently(bytes: Buffer): Record<string, { shape: number[]; values: number[] }> {
  const headerLength = bytes.readUInt32LE(0) + 2 ** 32 * bytes.readUInt32LE(4);
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + headerLength));
  delete header.__metadata__;
  const data = bytes.subarray(8 + headerLength);
  return Object.fromEntries(
    Object.entries<{ dtype: string; shape: number[]; data_offsets: [number, number] }>(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => {
        expect(dtype).toBe("F64");
        const values: number[] = [];
        for (let at = begin; at < end; at += 8) values.push(data.readDoubleLE(at));
        return [name, { shape, values }];
      },
    ),
  );
}

describe("safetensors", () => {
  it("are read back as they were written, by our reader and by an independent one", () => {
    fc.assert(
      fc.property(file, (content) => {
        const bytes = encodeSafetensors(content);
        expect(decodeSafetensors(bytes, "file")).toEqual(content);
        const expected = Object.entries(content.tensors).map(([name, { shape, data }]) => [
          name,
          { shape, values: [...data] },
        ]);
        expect(readIndependently(Buffer.from(bytes))).toEqual(Object.fromEntries(expected));
        expect(
          (bytes.length - Object.values(content.tensors).reduce((n, { data }) => n + 8 * data.length, 0)) % 8,
        ).toBe(0);
      }),
    );
  });

  it("cut short anywhere, or with a byte more, are refused by name", () => {
    const bytes = encodeSafetensors({
      tensors: {
        "theta/a": { shape: [2], data: Float64Array.of(1, 2) },
        "theta/b": { shape: [], data: Float64Array.of(3) },
      },
      metadata: {},
    });
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeSafetensors(bytes.subarray(0, length), "x.safetensors"), `${length} bytes`).toThrow(
        InputError,
      );
    expect(() => decodeSafetensors(Uint8Array.of(...bytes, 0), "x.safetensors")).toThrow(
      /^x\.safetensors: expected \d+ bytes/,
    );
  });
});
