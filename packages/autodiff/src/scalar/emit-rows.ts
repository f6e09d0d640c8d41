/** Rows of numbers in memory, and vectors with one row in each lane. */
import { type Expr, load, shuffle, type V } from "../backends/wasm/assembler/expression.ts";
import type { FunctionBuilder, Local } from "../backends/wasm/assembler/function.ts";
import type { Lanes } from "../backends/wasm/elementary/lanes.ts";

export const vectorBytes = 16;

/**
 * Loads the rows at `base`, one per lane, into one local for each of their numbers, as far as needed. May read up to a
 * vector beyond the last row.
 */
export function loadRows(
  fn: FunctionBuilder,
  L: Lanes,
  base: Expr<"i32">,
  locals: readonly Local<"v128">[],
  isNeeded: (m: number) => boolean,
): void {
  for (const members of vectorsOf(L, locals.length, isNeeded)) {
    const rows = Array.from({ length: L.count }, (_, lane) =>
      fn.let(load("v128.load", base, L.bytes * (lane * locals.length + members[0]!))),
    );
    const columns = transpose(fn, L, rows);
    members.forEach((m, k) => {
      fn.set(locals[m]!, columns[k]!);
    });
  }
}

/** The reverse of `loadRows`. Numbers that share a vector with a stored one must have been loaded. */
export function storeRows(
  fn: FunctionBuilder,
  L: Lanes,
  base: Expr<"i32">,
  locals: readonly Local<"v128">[],
  isNeeded: (m: number) => boolean,
): void {
  const store = L.bytes === 4 ? "v128.store32_lane" : "v128.store64_lane";
  for (const members of vectorsOf(L, locals.length, isNeeded)) {
    const columns = Array.from({ length: L.count }, (_, k) => locals[members[k] ?? members[0]!]!);
    const rows = transpose(fn, L, columns);
    rows.forEach((row, lane) => {
      const at = (m: number) => L.bytes * (lane * locals.length + m);
      if (members.length === L.count) fn.store("v128.store", base, row, at(members[0]!));
      else
        members.forEach((m, k) => {
          fn.store(store, base, row, at(m), k);
        });
    });
  }
}

/** Groups the numbers 0, 1, ... of a row into vectors; keeps the vectors that contain a needed number. */
function vectorsOf(L: Lanes, width: number, isNeeded: (m: number) => boolean): number[][] {
  const all = Array.from({ length: Math.ceil(width / L.count) }, (_, v) =>
    Array.from({ length: Math.min(L.count, width - v * L.count) }, (_, k) => v * L.count + k),
  );
  return all.filter((members) => members.some(isNeeded));
}

/** Transposes a square of lanes, its rows the vectors, by interleaving the two halves log2(lanes) times. */
function transpose(fn: FunctionBuilder, L: Lanes, rows: readonly V[]): V[] {
  const half = L.count / 2;
  const interleave = (a: V, b: V, from: number): V => {
    const bytes = Array.from({ length: vectorBytes }, (_, byte) => {
      const lane = Math.floor(byte / L.bytes);
      const source = from + Math.floor(lane / 2);
      return (lane % 2) * vectorBytes + source * L.bytes + (byte % L.bytes);
    });
    return fn.let(shuffle(bytes, a, b));
  };
  let vectors = [...rows];
  for (let lanes = 1; lanes < L.count; lanes *= 2) {
    vectors = vectors
      .slice(0, half)
      .flatMap((row, i) => [
        interleave(row, vectors[i + half]!, 0),
        interleave(row, vectors[i + half]!, half),
      ]);
  }
  return vectors;
}
