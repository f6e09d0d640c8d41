/**
 * Encodes a function's statements as bytes, with two passes on the way:
 *
 *   sharing    a node used more than once in one statement is computed at its first use and kept in a local
 *   hoisting   every vector constant inside a loop becomes a local set at the function's start, because V8
 *              rebuilds a v128.const in every iteration (elementary functions run about three times faster)
 */

import type { Expr } from "./expression.ts";
import type { FunctionBuilder, Statement } from "./function.ts";
import { simdPrefix, type ValueType, valueTypeCode } from "./instructions.ts";
import { unsigned } from "./leb128.ts";

const vectorConstantOpcode = 0x0c;

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

export function encodeFunction(fn: FunctionBuilder, indexOf: (callee: object) => number): number[] {
  const locals: ValueType[] = [...fn.locals];
  const newLocal = (type: ValueType): number => fn.parameters.length + locals.push(type) - 1;
  const hoisted = hoistConstants(fn.body, newLocal);
  const code: number[] = [];

  for (const [, constant] of hoisted) code.push(...constant.bytes, opcode.set, ...unsigned(constant.local));
  for (const statement of fn.body) encodeStatement(statement);
  if (fn.resultValue !== undefined) encodeRoots([fn.resultValue]);
  return [...encodeLocals(locals), ...code, opcode.end];

  function encodeStatement(statement: Statement): void {
    switch (statement.kind) {
      case "set":
        encodeRoots([statement.value]);
        code.push(opcode.set, ...unsigned(statement.index));
        return;
      case "effect":
        encodeRoots(statement.args);
        code.push(...statement.bytes);
        return;
      case "call":
        encodeRoots(statement.args);
        code.push(opcode.call, ...unsigned(indexOf(statement.callee)));
        return;
      case "while":
        code.push(opcode.loop, emptyBlock);
        for (const inner of statement.body) encodeStatement(inner);
        encodeRoots([statement.condition]);
        code.push(opcode.brIf, 0, opcode.end);
        return;
      case "if":
        encodeRoots([statement.condition]);
        code.push(opcode.if, emptyBlock);
        for (const inner of statement.whenTrue) encodeStatement(inner);
        if (statement.whenFalse.length > 0) code.push(opcode.else);
        for (const inner of statement.whenFalse) encodeStatement(inner);
        code.push(opcode.end);
        return;
    }
  }

  /** Pushes the values of one statement's expressions, in order. */
  function encodeRoots(roots: readonly Expr[]): void {
    const uses = countUses(roots);
    const kept = new Map<Expr, number>();
    for (const root of roots) encodeExpression(root);

    function encodeExpression(expr: Expr): void {
      const { node } = expr;
      if (node.kind === "local") {
        code.push(opcode.get, ...unsigned(node.index));
        return;
      }
      if (node.kind === "constant") {
        const constant = hoisted.get(node.bytes.join());
        if (constant === undefined) code.push(...node.bytes);
        else code.push(opcode.get, ...unsigned(constant.local));
        return;
      }
      const known = kept.get(expr);
      if (known !== undefined) {
        code.push(opcode.get, ...unsigned(known));
        return;
      }
      for (const arg of node.args) encodeExpression(arg);
      if (node.kind === "call") code.push(opcode.call, ...unsigned(indexOf(node.callee)));
      else code.push(...node.bytes);
      if ((uses.get(expr) ?? 0) > 1) {
        const local = newLocal(expr.type);
        kept.set(expr, local);
        code.push(opcode.tee, ...unsigned(local));
      }
    }
  }
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
      const isVector = node.bytes[0] === simdPrefix && node.bytes[1] === vectorConstantOpcode;
      const key = node.bytes.join();
      if (isVector && !hoisted.has(key)) hoisted.set(key, { bytes: node.bytes, local: newLocal("v128") });
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
