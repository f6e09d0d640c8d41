/** Statements of one function: locals, stores, counted loops, conditionals. Encoded by encode.ts. */

import { type Expr, i32, integer } from "./expression.ts";
import { stores, type ValueType } from "./instructions.ts";
import { unsigned } from "./leb128.ts";

export type Statement =
  | { readonly kind: "set"; readonly index: number; readonly value: Expr }
  | { readonly kind: "effect"; readonly bytes: readonly number[]; readonly args: readonly Expr[] }
  | { readonly kind: "call"; readonly callee: FunctionBuilder; readonly args: readonly Expr[] }
  | { readonly kind: "while"; readonly body: readonly Statement[]; readonly condition: Expr<"i32"> }
  | {
      readonly kind: "if";
      readonly condition: Expr<"i32">;
      readonly whenTrue: readonly Statement[];
      readonly whenFalse: readonly Statement[];
    };

/** A local variable is also the expression that reads it. */
export interface Local<T extends ValueType = ValueType> extends Expr<T> {
  readonly node: { readonly kind: "local"; readonly index: number };
}

export class FunctionBuilder {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | undefined;
  readonly locals: ValueType[] = [];
  readonly body: Statement[] = [];
  /** The functions that this one calls. */
  readonly callees: Set<FunctionBuilder> = new Set();
  resultValue: Expr | undefined;
  #block: Statement[] = this.body;

  constructor(name: string, parameters: readonly ValueType[], result?: ValueType) {
    this.name = name;
    this.parameters = parameters;
    this.result = result;
  }

  parameter<T extends ValueType>(index: number, type: T): Local<T> {
    if (this.parameters[index] !== type)
      throw new Error(`internal: ${this.name} has no ${type} parameter ${index}`);
    return { type, node: { kind: "local", index } };
  }

  local<T extends ValueType>(type: T): Local<T> {
    const index = this.parameters.length + this.locals.push(type) - 1;
    return { type, node: { kind: "local", index } };
  }

  set<T extends ValueType>(local: Local<T>, value: Expr<T>): void {
    this.#block.push({ kind: "set", index: local.node.index, value });
  }

  /** Computes `value` here, once, and names it. */
  let<T extends ValueType>(value: Expr<T>): Local<T> {
    const local = this.local(value.type);
    this.set(local, value);
    return local;
  }

  /**
   * Computes expressions of equal structure in lockstep: the first operation of each, the second of each, and
   * so on. Chains of dependent operations then hide each other's latency, which out-of-order execution
   * achieves only in part. Lists passed together share their common subexpressions.
   */
  letTogether(...lists: readonly (readonly Expr[])[]): Expr[][] {
    const known = new Map<Expr, Expr[]>();
    const visit = (exprs: readonly Expr[]): readonly Expr[] => {
      const first = exprs[0]!;
      if (first.node.kind !== "op") return exprs;
      const done = known.get(first);
      if (done !== undefined) return done;
      const args = first.node.args.map((_, k) => visit(exprs.map((expr) => argument(expr, k))));
      const results = exprs.map((expr, i) =>
        this.let(
          withArguments(
            expr,
            args.map((arg) => arg[i]!),
          ),
        ),
      );
      known.set(first, results);
      return results;
    };
    return lists.map((values) => [...visit(values)]);
  }

  store<K extends keyof typeof stores>(
    name: K,
    address: Expr<"i32">,
    value: Expr<(typeof stores)[K][1]>,
    offset = 0,
    lane = 0,
  ): void {
    const [bytes, , align] = stores[name];
    const lanes = name.endsWith("_lane") ? [lane] : [];
    this.#block.push({
      kind: "effect",
      bytes: [...bytes, align, ...unsigned(offset), ...lanes],
      args: [address, value],
    });
  }

  /** Copies bytes; the two ranges may overlap. */
  copyMemory(to: Expr<"i32">, from: Expr<"i32">, size: Expr<"i32">): void {
    this.#block.push({ kind: "effect", bytes: [0xfc, 0x0a, 0x00, 0x00], args: [to, from, size] });
  }

  /** Calls a function for its effects. */
  call(callee: FunctionBuilder, ...args: readonly Expr[]): void {
    this.callees.add(callee);
    this.#block.push({ kind: "call", callee, args });
  }

  /** Calls a function for its value. */
  callValue<T extends ValueType>(callee: FunctionBuilder, type: T, ...args: readonly Expr[]): Expr<T> {
    if (callee.result !== type) throw new Error(`internal: ${callee.name} does not return ${type}`);
    this.callees.add(callee);
    return { type, node: { kind: "call", callee, args } };
  }

  /** body; repeat while condition. The body runs at least once. */
  doWhile(body: () => void, condition: Expr<"i32">): void {
    this.#block.push({ kind: "while", body: this.#collect(body), condition });
  }

  /** for (i = start; i < end; i += step), with bounds known when emitting; an empty range emits no code. */
  range(start: number, end: number, step: number, body: (i: Local<"i32">) => void): void {
    if (start >= end) return;
    const i = this.local("i32");
    this.set(i, i32(start));
    this.doWhile(
      () => {
        body(i);
        this.set(i, integer("add", i, i32(step)));
      },
      integer("lt_s", i, i32(end)),
    );
  }

  if(condition: Expr<"i32">, whenTrue: () => void, whenFalse: () => void = () => {}): void {
    const branches = { whenTrue: this.#collect(whenTrue), whenFalse: this.#collect(whenFalse) };
    this.#block.push({ kind: "if", condition, ...branches });
  }

  /** The value the function returns, evaluated after all statements. */
  return(value: Expr): void {
    this.resultValue = value;
  }

  #collect(body: () => void): readonly Statement[] {
    const outer = this.#block;
    const inner: Statement[] = [];
    this.#block = inner;
    body();
    this.#block = outer;
    return inner;
  }
}

function argument({ node }: Expr, k: number): Expr {
  if (node.kind !== "op") throw new Error("internal: expressions in lockstep differ in structure");
  return node.args[k]!;
}

function withArguments<T extends ValueType>({ type, node }: Expr<T>, args: readonly Expr[]): Expr<T> {
  if (node.kind !== "op") throw new Error("internal: expressions in lockstep differ in structure");
  return { type, node: { ...node, args } };
}
