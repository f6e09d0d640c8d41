/**
 * A module: functions that share one imported memory, some of them exported.
 *
 * Source  WebAssembly Core Specification 2.0, section 5.5 (Modules)
 */

import { type Bytes, joined } from "./bytes.ts";
import { encodeFunction } from "./encode.ts";
import type { FunctionBuilder } from "./function.ts";
import { type ValueType, valueTypeCode } from "./instructions.ts";
import { unsigned } from "./leb128.ts";

const section = { type: 1, import: 2, function: 3, export: 7, code: 10 };
const magicAndVersion = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const kind = { function: 0x00, memory: 0x02 };

export interface ModuleOptions {
  readonly exports: readonly FunctionBuilder[];
  /** Minimum size of the imported memory, in pages of 64 KiB. */
  readonly memoryPages: number;
}

/** The name pair under which the memory is imported. */
export const memoryImport = { module: "env", name: "memory" } as const;

/** The bytes of a module holding `exports` and every function they call. */
export function assembleModule({ exports, memoryPages }: ModuleOptions): Uint8Array {
  const functions = reachable(exports);
  const indices = new Map<object, number>(functions.map((fn, index) => [fn, index]));
  const indexOf = (callee: object): number => {
    const index = indices.get(callee);
    if (index === undefined) throw new Error("internal: a call to a function outside the module");
    return index;
  };
  const types = functions.map((fn) => functionType(fn.parameters, fn.result));
  const distinctTypes = [...new Set(types.map((type) => type.join()))];
  const { module, name } = memoryImport;

  return joined([
    magicAndVersion,
    encodeSection(section.type, vector(distinctTypes.map((type) => type.split(",").map(Number)))),
    encodeSection(
      section.import,
      vector([[...text(module), ...text(name), kind.memory, 0x00, ...unsigned(memoryPages)]]),
    ),
    encodeSection(
      section.function,
      vector(types.map((type) => unsigned(distinctTypes.indexOf(type.join())))),
    ),
    encodeSection(
      section.export,
      vector(exports.map((fn) => [...text(fn.name), kind.function, ...unsigned(indexOf(fn))])),
    ),
    encodeSection(section.code, vector(functions.map((fn) => sized(encodeFunction(fn, indexOf))))),
  ]);
}

/** The functions and everything they call, callers first, in a fixed order. */
function reachable(roots: readonly FunctionBuilder[]): FunctionBuilder[] {
  const found = new Set(roots);
  for (const fn of found) for (const callee of fn.callees) found.add(callee);
  return [...found];
}

function functionType(parameters: readonly ValueType[], result: ValueType | undefined): Bytes {
  const results = result === undefined ? [] : [result];
  const codes = (types: readonly ValueType[]): Bytes => vector(types.map((type) => [valueTypeCode[type]]));
  return [0x60, ...codes(parameters), ...codes(results)];
}

function encodeSection(id: number, content: Bytes): Bytes {
  return joined([[id], sized(content)]);
}

function sized(content: Bytes): Bytes {
  return joined([unsigned(content.length), content]);
}

function vector(items: readonly Bytes[]): Bytes {
  return joined([unsigned(items.length), ...items]);
}

function text(value: string): Bytes {
  return sized(new TextEncoder().encode(value));
}
