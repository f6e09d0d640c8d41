/** The definition of a program: executes its statements one after the other, on numbers. */

import { cos, sin } from "../elementary/index.ts";
import type { Mask, Node, Scalar } from "./expression.ts";
import type { ScalarProgram, Statement } from "./program.ts";

/** Runs a program on one row of each of its arrays, and on a tape, in place. */
export function interpret(
  program: ScalarProgram,
  rows: Readonly<Record<string, Float64Array>>,
  tape: number[] = [],
): void {
  const variables = new Map<Node, number | boolean>();
  for (const [name, members] of Object.entries(program.arrays)) {
    members.forEach((member, k) => {
      variables.set(member, rows[name]![k]!);
    });
  }
  run(program.statements, variables, tape);
  for (const [name, members] of Object.entries(program.arrays)) {
    members.forEach((member, k) => {
      rows[name]![k] = variables.get(member) as number;
    });
  }
}

/** The values of formulas where variables have the given values. */
export function evaluate(
  formulas: readonly Scalar[],
  variables: ReadonlyMap<Node, number | boolean>,
): number[] {
  const valueAt = evaluator(variables);
  return formulas.map((formula) => valueAt(formula) as number);
}

function run(statements: readonly Statement[], variables: Map<Node, number | boolean>, tape: number[]): void {
  for (const statement of statements) {
    if (statement.kind === "set") {
      const valueAt = evaluator(variables);
      const values = statement.values.map(valueAt);
      statement.targets.forEach((target, k) => {
        variables.set(target, values[k]!);
      });
    } else if (statement.kind === "push") {
      tape.push(...statement.values.map(evaluator(variables) as (node: Node) => number));
    } else if (statement.kind === "pop") {
      const values = tape.splice(tape.length - statement.targets.length);
      statement.targets.forEach((target, k) => {
        variables.set(target, values[k]!);
      });
    } else if (statement.kind === "repeat") {
      for (let k = 0; k < statement.times; k++) run(statement.body, variables, tape);
    } else {
      for (let k = 0; k < statement.limit; k++) {
        run(statement.body, variables, tape);
        if (evaluator(variables)(statement.mask) === false) break;
      }
    }
  }
}

function evaluator(variables: ReadonlyMap<Node, number | boolean>): (node: Node) => number | boolean {
  const known = new Map<Node, number | boolean>();
  const valueAt = (node: Node): number | boolean => {
    let value = known.get(node);
    if (value === undefined) {
      value = node.type === "mask" ? truth(node) : number(node);
      known.set(node, value);
    }
    return value;
  };
  const number = (node: Scalar): number => {
    const at = (k: number) => valueAt(node.args[k]!) as number;
    switch (node.op) {
      case "constant":
        return node.value!;
      case "variable":
        return (variables.get(node) as number | undefined) ?? 0;
      case "add":
        return at(0) + at(1);
      case "sub":
        return at(0) - at(1);
      case "mul":
        return at(0) * at(1);
      case "div":
        return at(0) / at(1);
      case "neg":
        return -at(0);
      case "sqrt":
        return Math.sqrt(at(0));
      case "abs":
        return Math.abs(at(0));
      case "sin":
        return sin(at(0));
      case "cos":
        return cos(at(0));
      case "select":
        return valueAt(node.args[0]!) ? at(1) : at(2);
      case "grouped":
        if (node.args.length === 1) return at(0);
        return valueAt(node.args[0]!) ? at(1) : 0;
    }
  };
  const truth = (node: Mask): boolean => {
    const [p, q] = node.args;
    switch (node.op) {
      case "always":
        return true;
      case "variable":
        return (variables.get(node) as boolean | undefined) ?? false;
      case "less":
        return valueAt(p!) < valueAt(q!);
      case "and":
        return (valueAt(p!) && valueAt(q!)) as boolean;
      case "or":
        return (valueAt(p!) || valueAt(q!)) as boolean;
      case "not":
        return !valueAt(p!);
      case "differ":
        return valueAt(p!) !== valueAt(q!);
    }
  };
  return valueAt;
}
