/**
 * Encodes a function's statements as bytes, with two passes on the way:
 *
 *   sharing    a node used more than once in one statement is computed at its first use and kept in a local
 *   hoisting   every vector constant inside a loop becomes a local set at the function's start, because V8
 *              rebuilds a v128.const in every iteration (elementary functions run about three times faster)
 */

import { ByteWriter, joined } from "./bytes.ts";
import type { Expr } from "./expression.ts";
import type { FunctionBuilder, Statement } from "./function.ts";
import { type ValueType, valueTypeCode } from "./instructions.ts";
import { unsigned } from "./leb128.ts";

const opcode = {
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  loop: 0x03,
  brIf: 0x0d,
  call: 0x10,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
};
const emptyBlock = 0x40;

export function encodeFunction(fn: FunctionBuilder, indexOf: (callee: object) => number): Uint8Array {
  const locals: ValueType[] = [...fn.locals];
  const newLocal = (type: ValueType): number => fn.parameters.length + locals.push(type) - 1;
  const hoisted = hoistConstants(fn.body, newLocal);
  const code = new ByteWriter();
  const instruction = (operation: number, index: number): void => {
    code.byte(operation);
    code.bytes(unsigned(index));
  };

  for (const [, constant] of hoisted) {
    code.bytes(constant.bytes);
    instruction(opcode.set, constant.local);
  }
  for (const statement of fn.body) encodeStatement(statement);
  if (fn.resultValue !== undefined) encodeRoots([fn.resultValue]);
  code.byte(opcode.end);
  return joined([encodeLocals(locals), code.written()]);

  function encodeStatement(statement: Statement): void {
    switch (statement.kind) {
      case "set":
        encodeRoots([statement.value]);
        instruction(opcode.set, statement.index);
        return;
      case "effect":
        encodeRoots(statement.args);
        code.bytes(statement.bytes);
        return;
      case "call":
        encodeRoots(statement.args);
        instruction(opcode.call, indexOf(statement.callee));
        return;
      case "while":
        code.bytes([opcode.loop, emptyBlock]);
        for (const inner of statement.body) encodeStatement(inner);
        encodeRoots([statement.condition]);
        code.bytes([opcode.brIf, 0, opcode.end]);
        return;
      case "if":
        encodeRoots([statement.condition]);
        code.bytes([opcode.if, emptyBlock]);
        for (const inner of statement.whenTrue) encodeStatement(inner);
        if (statement.whenFalse.length > 0) code.byte(opcode.else);
        for (const inner of statement.whenFalse) encodeStatement(inner);
        code.byte(opcode.end);
        return;
    }
  }

  /** Pushes the values of one statement's expressions, in order. */
  function encodeRoots(roots: readonly Expr[]): void {
    const uses = mayShare(roots) ? countUses(roots) : undefined;
    const kept = new Map<Expr, number>();
    for (const root of roots) encodeExpression(root);

    function encodeExpression(expr: Expr): void {
      const { node } = expr;
      if (node.kind === "local") {
        instruction(opcode.get, node.index);
        return;
      }
      if (node.kind === "constant") {
        const constant = node.lanes === undefined ? undefined : hoisted.get(node.lanes);
        if (constant === undefined) code.bytes(node.bytes);
        else instruction(opcode.get, constant.local);
        return;
      }
      const known = kept.get(expr);
      if (known !== undefined) {
        instruction(opcode.get, known);
        return;
      }
      for (const arg of node.args) encodeExpression(arg);
      if (node.kind === "call") instruction(opcode.call, indexOf(node.callee));
      else code.bytes(node.bytes);
      if ((uses?.get(expr) ?? 0) > 1) {
        const local = newLocal(expr.type);
        kept.set(expr, local);
        instruction(opcode.tee, local);
      }
    }
  }
}

/** Whether a node could be used twice; most statements are one operation on locals and constants. */
function mayShare(roots: readonly Expr[]): boolean {
  const computed = roots.filter(isComputed);
  return computed.length > 1 || computed.some(({ node }) => "args" in node && node.args.some(isComputed));
}

function isComputed({ node }: Expr): boolean {
  return "args" in node;
}

function countUses(roots: readonly Expr[]): Map<Expr, number> {
  const uses = new Map<Expr, number>();
  const visit = (expr: Expr): void => {
    const before = uses.get(expr) ?? 0;
    uses.set(expr, before + 1);
    if (before === 0 && "args" in expr.node) expr.node.args.forEach(visit);
  };
  roots.forEach(visit);
  return uses;
}

interface HoistedConstant {
  readonly bytes: readonly number[];
  readonly local: number;
}

function hoistConstants(
  body: readonly Statement[],
  newLocal: (type: ValueType) => number,
): Map<string, HoistedConstant> {
  const hoisted = new Map<string, HoistedConstant>();
  const seen = new Set<Expr>();
  const visitExpression = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    const { node } = expr;
    if (node.kind === "constant") {
      const { bytes, lanes } = node;
      if (lanes !== undefined && !hoisted.has(lanes)) hoisted.set(lanes, { bytes, local: newLocal("v128") });
    } else if (node.kind !== "local") {
      node.args.forEach(visitExpression);
    }
  };
  const visit = (statement: Statement, inLoop: boolean): void => {
    switch (statement.kind) {
      case "set":
        if (inLoop) visitExpression(statement.value);
        return;
      case "effect":
      case "call":
        if (inLoop) statement.args.forEach(visitExpression);
        return;
      case "while":
        for (const inner of statement.body) visit(inner, true);
        return;
      case "if":
        if (inLoop) visitExpression(statement.condition);
        for (const inner of [...statement.whenTrue, ...statement.whenFalse]) visit(inner, inLoop);
        return;
    }
  };
  for (const statement of body) visit(statement, false);
  return hoisted;
}

/** Run-length encodes the types of the locals: (count, type) pairs. */
function encodeLocals(locals: readonly ValueType[]): number[] {
  const runs: { count: number; type: ValueType }[] = [];
  for (const type of locals) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ count: 1, type });
  }
  return [
    ...unsigned(runs.length),
    ...runs.flatMap(({ count, type }) => [...unsigned(count), valueTypeCode[type]]),
  ];
}
