import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type Tensor,
  type Tensors,
} from "../../src/files/safetensors.ts";

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

  const written = (header: string, data: Uint8Array = new Uint8Array(0)): Uint8Array => {
    const json = new TextEncoder().encode(header);
    const bytes = new Uint8Array(8 + json.length + data.length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    bytes.set(data, 8 + json.length);
    return bytes;
  };

  it("of float32, float16 and bfloat16 are read exactly, in any order of the header", () => {
    const data = new Uint8Array(16);
    const view = new DataView(data.buffer);
    view.setFloat32(0, 0.1, true);
    view.setFloat32(4, -1e-40, true); // subnormal
    // 1, the least subnormal 2⁻²⁴, −65504; then 1 and −2⁻¹²⁶ as upper halves of float32
    for (const [i, bits] of [0x3c00, 0x0001, 0xfbff].entries()) view.setUint16(8 + 2 * i, bits, true);
    view.setUint16(14, 0xbf80, true);
    const header = {
      c: { dtype: "BF16", shape: [1], data_offsets: [14, 16] },
      "7": { dtype: "F16", shape: [3], data_offsets: [8, 14] },
      a: { dtype: "F32", shape: [1, 2], data_offsets: [0, 8] },
    };
    const { tensors } = decodeSafetensors(written(JSON.stringify(header), data), "x");
    expect(tensors.a).toEqual({
      shape: [1, 2],
      data: Float64Array.of(Math.fround(0.1), Math.fround(-1e-40)),
    });
    expect(tensors["7"]!.data).toEqual(Float64Array.of(1, 2 ** -24, -65504));
    expect(tensors.c!.data).toEqual(Float64Array.of(-1));
  });

  const entry = '{"dtype":"F64","shape":[1],"data_offsets":[0,8]}';
  it.each<[string, string, RegExp]>([
    ["a name twice", `{"a":${entry},"a":${entry}}`, /the header: an object has the key "a" twice/],
    ["a name twice, once escaped", `{"a":${entry},"\\u0061":${entry}}`, /has the key "\\u0061" twice/],
    [
      "a field twice",
      '{"a":{"dtype":"F64","dtype":"F64","shape":[1],"data_offsets":[0,8]}}',
      /has the key "dtype" twice/,
    ],
    ["a prototype", `{"__proto__":${entry}}`, /key "__proto__"/],
    [
      "an unknown field",
      '{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8],"strides":[1]}}',
      /tensor "a": there is no field "strides" here/,
    ],
    [
      "too many offsets",
      '{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,4,8]}}',
      /tensor "a", data_offsets: expected at most 2 entries; got \[0,4,8\]/,
    ],
    ["a null entry", '{"a":null}', /tensor "a": expected an object; got null/],
    [
      "an entry without a type",
      '{"a":{"shape":[1],"data_offsets":[0,8]}}',
      /tensor "a", dtype: expected one of "F64", .*; got nothing/,
    ],
    [
      "integers",
      '{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}',
      /tensor "a", dtype: expected one of "F64", .*; got "I64"/,
    ],
    [
      "a negative extent",
      '{"a":{"dtype":"F64","shape":[-1],"data_offsets":[0,8]}}',
      /tensor "a", shape\.0: expected a (whole )?number/,
    ],
    [
      "a fraction of an extent",
      '{"a":{"dtype":"F64","shape":[0.5,2],"data_offsets":[0,8]}}',
      /tensor "a", shape\.0: expected a (whole )?number/,
    ],
    [
      "an extent beyond whole numbers",
      '{"a":{"dtype":"F64","shape":[1e300],"data_offsets":[0,8]}}',
      /shape\.0/,
    ],
    [
      "a size that overflows",
      '{"a":{"dtype":"F64","shape":[4503599627370496,4503599627370496],"data_offsets":[0,8]}}',
      /should lie at/,
    ],
    ["a gap", '{"a":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}', /should lie at bytes 0 to 8/],
    [
      "metadata that are no texts",
      `{"__metadata__":{"k":1},"a":${entry}}`,
      /__metadata__, k: expected a string; got 1/,
    ],
    ["a list as its header", "[]", /not a JSON object/],
    ["null as its header", "null", /not a JSON object/],
    ["no JSON", "{a}", /the header: not JSON/],
  ])("with %s are refused", (_, header, message) => {
    expect(() => decodeSafetensors(written(header, new Uint8Array(8)), "x.safetensors")).toThrow(InputError);
    expect(() => decodeSafetensors(written(header, new Uint8Array(8)), "x.safetensors")).toThrow(message);
  });

  it("with a header that is not UTF-8 are refused", () => {
    const bytes = written(`{"?":${entry}}`, new Uint8Array(8));
    bytes[10] = 0xc3;
    expect(() => decodeSafetensors(bytes, "x")).toThrow("not text in UTF-8");
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
