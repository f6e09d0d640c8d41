/**
 * A module: functions that share one imported memory, some of them exported.
 *
 * Source  WebAssembly Core Specification 2.0, section 5.5 (Modules)
 */

import { encodeFunction } from "./encode.ts";
import type { Expr } from "./expression.ts";
import type { FunctionBuilder, Statement } from "./function.ts";
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
  const found = new Set<FunctionBuilder>(roots);
  for (const fn of found) {
    const seen = new Set<Expr>();
    const visitExpression = (expr: Expr): void => {
      if (seen.has(expr) || !("args" in expr.node)) return;
      seen.add(expr);
      // A call's callee is always the FunctionBuilder it was made from (FunctionBuilder.callValue).
      if (expr.node.kind === "call") found.add(expr.node.callee as FunctionBuilder);
      expr.node.args.forEach(visitExpression);
    };
    const visit = (statement: Statement): void => {
      if (statement.kind === "set") visitExpression(statement.value);
      if ("args" in statement) statement.args.forEach(visitExpression);
      if (statement.kind === "call") found.add(statement.callee);
      if (statement.kind === "while") statement.body.forEach(visit);
      if ("condition" in statement) visitExpression(statement.condition);
      if (statement.kind === "if") [...statement.whenTrue, ...statement.whenFalse].forEach(visit);
    };
    fn.body.forEach(visit);
    if (fn.resultValue !== undefined) visitExpression(fn.resultValue);
  }
  return [...found];
}

function functionType(parameters: readonly ValueType[], result: ValueType | undefined): Bytes {
  const results = result === undefined ? [] : [result];
  const codes = (types: readonly ValueType[]): Bytes => vector(types.map((type) => [valueTypeCode[type]]));
  return [0x60, ...codes(parameters), ...codes(results)];
}

type Bytes = readonly number[] | Uint8Array;

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

/**
 * Concatenates bytes. A long program has megabytes, which as plain arrays of numbers would take 8 times as
 * much.
 */
function joined(parts: readonly Bytes[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
