/**
 * Named arrays in the safetensors format, for which Python and Rust have readers. Only float64 is written; all types of
 * floating-point numbers are read.
 *
 *   8 bytes   n, the length of the header, little-endian
 *   n bytes   JSON { "<name>": { "dtype": "F64", "shape": [...], "data_offsets": [begin, end] }, ...,
 *                    "__metadata__": { "<key>": "<string>" } }, padded with spaces to a multiple of 8
 *   the rest  the arrays, row-major, little-endian, end to end in the order of the header
 *
 * Source  safetensors, "Format", https://github.com/huggingface/safetensors
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { parseJsonOr } from "./read-file.ts";
import { schemaProblem } from "./schema-errors.ts";

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export interface Tensors {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

const bytesPerNumber = Float64Array.BYTES_PER_ELEMENT;
const prefix = 8;

export function encodeSafetensors({ tensors, metadata }: Tensors): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let size = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const end = size + data.length * bytesPerNumber;
    header[name] = { dtype: "F64", shape, data_offsets: [size, end] };
    size = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padding = (bytesPerNumber - (json.length % bytesPerNumber)) % bytesPerNumber;
  const begin = prefix + json.length + padding;

  const bytes = new Uint8Array(begin + size);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(json.length + padding), true);
  bytes.set(json, prefix);
  bytes.fill(" ".charCodeAt(0), prefix + json.length, begin);
  let offset = begin;
  for (const { data } of Object.values(tensors)) {
    for (const value of data) {
      view.setFloat64(offset, value, true);
      offset += bytesPerNumber;
    }
  }
  return bytes;
}

/**
 * Reads a safetensors file: float64, float32, float16 and bfloat16, all of which float64 holds exactly. Whatever the
 * format does not allow is refused. `file` is its name in errors.
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): Tensors {
  const refuse = (problem: string): never => {
    throw new InputError(
      `${file}: ${problem}; the file is truncated, was changed, or is not a safetensors file.`,
    );
  };
  if (bytes.length < prefix) refuse(`expected at least ${prefix} bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  const begin = prefix + headerLength;
  if (begin > bytes.length)
    refuse(`expected a header of ${headerLength} bytes, got ${bytes.length - prefix}`);
  const { metadata, entries } = parseHeader(bytes.subarray(prefix, begin), refuse);

  const tensors: Record<string, Tensor> = {};
  let size = 0;
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [from, to],
    },
  ] of entries) {
    const { width, read } = formats[dtype];
    const count = shape.reduce((product, extent) => product * extent, 1);
    if (from !== size || to !== from + count * width)
      refuse(
        `tensor ${JSON.stringify(name)} of shape [${shape.join(", ")}] and type ${dtype} should lie at bytes ` +
          `${size} to ${size + count * width} of the data, not ${from} to ${to}`,
      );
    size = to;
    if (begin + size > bytes.length)
      refuse(`tensor ${JSON.stringify(name)} ends at byte ${begin + size}, but the file at ${bytes.length}`);
    const data = new Float64Array(count);
    for (let i = 0; i < count; i++) data[i] = read(view, begin + from + i * width);
    tensors[name] = { shape, data };
  }
  if (begin + size !== bytes.length) refuse(`expected ${begin + size} bytes, got ${bytes.length}`);
  return { tensors, metadata };
}

interface Format {
  /** Bytes per number. */
  readonly width: number;
  readonly read: (view: DataView, at: number) => number;
}

const formats: Readonly<Record<"F64" | "F32" | "F16" | "BF16", Format>> = {
  F64: { width: 8, read: (view, at) => view.getFloat64(at, true) },
  F32: { width: 4, read: (view, at) => view.getFloat32(at, true) },
  F16: { width: 2, read: (view, at) => half(view.getUint16(at, true)) },
  BF16: { width: 2, read: (view, at) => brainHalf(view.getUint16(at, true)) },
};

/** IEEE binary16: 1 bit of sign, 5 of exponent e, 10 of fraction f; ±2^{e−15}(1 + f/2¹⁰), below e = 1 ±2^{−14} f/2¹⁰. */
function half(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const [e, f] = [(bits >> 10) & 31, bits & 1023];
  if (e === 31) return f === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (e === 0 ? f * 2 ** -24 : (1024 + f) * 2 ** (e - 25));
}

const word = new DataView(new ArrayBuffer(4));

/** The upper half of a float32. */
function brainHalf(bits: number): number {
  word.setUint32(0, bits * 2 ** 16);
  return word.getFloat32(0);
}

const offset = z.int().min(0);
const entrySchema = z.strictObject({
  dtype: z.enum(["F64", "F32", "F16", "BF16"]),
  shape: z.array(z.int().min(0)).max(64),
  data_offsets: z.tuple([offset, offset]),
});
const metadataSchema = z.record(z.string(), z.string());

interface Header {
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: readonly (readonly [string, z.infer<typeof entrySchema>])[];
}

function parseHeader(json: Uint8Array, refuse: (problem: string) => never): Header {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(json);
  } catch {
    return refuse("the header is not text in UTF-8");
  }
  const header = parseJsonOr(text, (problem) => refuse(`the header: ${problem}`));
  if (typeof header !== "object" || header === null || Array.isArray(header))
    return refuse("the header is not a JSON object");
  const { __metadata__: given = {}, ...rest } = header as Readonly<Record<string, unknown>>;
  const entries = Object.entries(rest);
  const checked = <T>(schema: z.ZodType<T>, value: unknown, what: string): T => {
    const problem = schemaProblem(schema, value, (path) => (path === "" ? what : `${what}, ${path}`));
    return problem === "" ? (value as T) : refuse(problem); // the schemas transform nothing
  };
  return {
    metadata: checked(metadataSchema, given, "__metadata__"),
    entries: entries
      .map(([name, value]) => [name, checked(entrySchema, value, `tensor ${JSON.stringify(name)}`)] as const)
      .sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]), // a header may list them in any order
  };
}
