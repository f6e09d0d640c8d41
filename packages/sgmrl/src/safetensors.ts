/**
 * Named arrays in the safetensors format, for which Python and Rust have readers. Only float64 is written.
 *
 *   8 bytes   n, the length of the header, little-endian
 *   n bytes   JSON { "<name>": { "dtype": "F64", "shape": [...], "data_offsets": [begin, end] }, ...,
 *                    "__metadata__": { "<key>": "<string>" } }, padded with spaces to a multiple of 8
 *   the rest  the arrays, row-major, little-endian, end to end in the order of the header
 *
 * Source  safetensors, "Format", https://github.com/huggingface/safetensors
 */
import { InputError } from "./errors.ts";

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

/** Reads what `encodeSafetensors` writes; anything else is refused. `file` is its name in errors. */
export function decodeSafetensors(bytes: Uint8Array, file: string): Tensors {
  const refuse = (problem: string): never => {
    throw new InputError(`${file}: ${problem}; the file is truncated or was changed.`);
  };
  if (bytes.length < prefix) refuse(`expected at least ${prefix} bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  const begin = prefix + headerLength;
  if (begin > bytes.length)
    refuse(`expected a header of ${headerLength} bytes, got ${bytes.length - prefix}`);

  const { __metadata__: metadata = {}, ...entries } = parseHeader(bytes.subarray(prefix, begin), refuse);
  const tensors: Record<string, Tensor> = {};
  let size = 0;
  for (const [name, entry] of Object.entries(entries as Record<string, Partial<HeaderEntry>>)) {
    const { dtype, shape, data_offsets: [from, to] = [] } = entry;
    const count = shape?.reduce((product, extent) => product * extent, 1);
    if (dtype !== "F64" || shape === undefined || from !== size || to !== from + count! * bytesPerNumber)
      refuse(`tensor "${name}" is not a float64 array that begins at byte ${size} of the data`);
    size = to!;
    if (begin + size > bytes.length)
      refuse(`tensor "${name}" ends at byte ${begin + size}, the file at ${bytes.length}`);
    const data = new Float64Array(count!);
    for (let i = 0; i < data.length; i++) data[i] = view.getFloat64(begin + from! + i * bytesPerNumber, true);
    tensors[name] = { shape: shape!, data };
  }
  if (begin + size !== bytes.length) refuse(`expected ${begin + size} bytes, got ${bytes.length}`);
  return { tensors, metadata: metadata as Record<string, string> }; // strings, by the format
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function parseHeader(json: Uint8Array, refuse: (problem: string) => never): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(json).toString());
  } catch {
    return refuse("the header is not JSON");
  }
}
