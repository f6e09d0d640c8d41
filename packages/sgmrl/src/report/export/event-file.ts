/**
 * TensorBoard event files: one record per recorded iteration.
 *
 *   record   length (uint64), crc(length), data, crc(data)      little-endian; crc: CRC-32C, masked
 *   data     Event { double wall_time = 1; int64 step = 2; string file_version = 3 | Summary summary = 5 }
 *            Summary { repeated Value value = 1 }, Value { string tag = 1; float simple_value = 2 }
 *
 * Source  TensorFlow, core/lib/io/record_writer.h, core/lib/hash/crc32c.h, core/util/event.proto,
 *         core/framework/summary.proto
 */
import crc32c from "crc-32/crc32c.js";
import { PbfWriter } from "pbf";

export interface Event {
  readonly step: number;
  /** Seconds. */
  readonly wallTime: number;
  readonly values: Readonly<Record<string, number>>;
}

/** The bytes of an event file. Values are stored as float32, like all TensorBoard scalars. */
export function eventFile(events: readonly Event[]): Uint8Array {
  const version = encode((event) => {
    event.writeDoubleField(1, events[0]?.wallTime ?? 0);
    event.writeStringField(3, "brain.Event:2");
  });
  const records = [version, ...events.map(encodeEvent)].map(record);
  return Buffer.concat(records);
}

function encodeEvent({ step, wallTime, values }: Event): Uint8Array {
  return encode((event) => {
    event.writeDoubleField(1, wallTime);
    event.writeVarintField(2, step);
    event.writeMessage(5, writeSummary, values);
  });
}

function writeSummary(values: Event["values"], summary: PbfWriter): void {
  for (const entry of Object.entries(values)) summary.writeMessage(1, writeValue, entry);
}

function writeValue([tag, value]: readonly [string, number], writer: PbfWriter): void {
  writer.writeBytesField(1, Buffer.from(tag)); // pbf's own UTF-8 is wrong from U+20000 on
  writer.writeFloatField(2, value);
}

function encode(write: (writer: PbfWriter) => void): Uint8Array {
  const writer = new PbfWriter();
  write(writer);
  return writer.finish();
}

function record(data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(8 + 4 + data.length + 4);
  bytes.writeBigUInt64LE(BigInt(data.length), 0);
  bytes.writeUInt32LE(maskedCrc(bytes.subarray(0, 8)), 8);
  bytes.set(data, 12);
  bytes.writeUInt32LE(maskedCrc(data), 12 + data.length);
  return bytes;
}

/**
 * The CRC of data that contains CRCs is weak, so the stored CRC is rotated by 15 bits and offset by a
 * constant.
 */
export function maskedCrc(data: Uint8Array): number {
  const crc = crc32c.buf(data) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
