/** Programs compiled for vectors of lanes. */

import { assembleModule } from "../backends/wasm/assembler/module.ts";
import { lanes } from "../backends/wasm/elementary/lanes.ts";
import { instantiate } from "../backends/wasm/host.ts";
import { emitProgram } from "./emit.ts";
import type { LaneMemory } from "./lane-memory.ts";
import type { ScalarProgram } from "./program.ts";

/**
 * Runs a program on `rows` states, whose arrays are at the given addresses, in the order of the program. The address of
 * its tape comes last, if it has one.
 */
export type LaneFunction = (rows: number, ...addresses: readonly number[]) => void;

export function compileProgram(program: ScalarProgram, memory: LaneMemory): LaneFunction {
  const fn = emitProgram(program, lanes[memory.dtype]);
  const exports = instantiate(assembleModule({ exports: [fn], memoryPages: 1 }), memory.memory);
  const run = exports[program.name]!;
  return (rows, ...addresses) => {
    if (rows > 0) run(Math.ceil(rows / memory.lanes), ...addresses);
  };
}
