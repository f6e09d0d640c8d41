/** Programs over scalars: statements that set variables to formulas of variables. */

import type { Mask, Node, Scalar } from "./expression.ts";

export type Statement =
  /** All values are computed before any variable changes. */
  | { readonly kind: "set"; readonly targets: readonly Node[]; readonly values: readonly Node[] }
  | { readonly kind: "repeat"; readonly times: number; readonly body: readonly Statement[] }
  /** The body, until it leaves the mask false (in all lanes), at most `limit` times. */
  | {
      readonly kind: "while";
      readonly mask: Mask;
      readonly limit: number;
      readonly body: readonly Statement[];
    }
  /** Appends values to the tape; not in a `while`, whose number of rounds a lane does not choose alone. */
  | { readonly kind: "push"; readonly values: readonly Scalar[] }
  /** Sets variables to the last values on the tape, in the order in which they were pushed, and removes those. */
  | { readonly kind: "pop"; readonly targets: readonly Scalar[] };

export function set(
  ...assignments: readonly (readonly [Scalar, Scalar] | readonly [Mask, Mask])[]
): Statement {
  return {
    kind: "set",
    targets: assignments.map(([target]) => target),
    values: assignments.map(([, value]) => value),
  };
}

/**
 * A program. Its arrays are what it reads and leaves, each a list of variables; all other variables live while it runs
 * and begin as 0 or false. Besides arrays it may have a tape, which it either fills or empties: what one program has
 * pushed, another one pops, the last first.
 */
export interface ScalarProgram {
  readonly name: string;
  readonly arrays: Readonly<Record<string, readonly Scalar[]>>;
  readonly statements: readonly Statement[];
}

/** Variables that statements set. */
export function assigned(statements: readonly Statement[]): Node[] {
  return statements.flatMap((statement): readonly Node[] => {
    if (statement.kind === "push") return [];
    return "targets" in statement ? statement.targets : assigned(statement.body);
  });
}

/** Formulas that statements compute, and masks that they test. */
export function demanded(statements: readonly Statement[]): Node[] {
  return statements.flatMap((statement): readonly Node[] => {
    if (statement.kind === "pop") return [];
    if ("values" in statement) return statement.values;
    return statement.kind === "while"
      ? [...demanded(statement.body), statement.mask]
      : demanded(statement.body);
  });
}

/** The numbers that statements append to the tape (positive) or take from it (negative). */
export function tapeGrowth(statements: readonly Statement[]): number {
  return statements.reduce((total, statement) => {
    if (statement.kind === "set") return total;
    if (statement.kind === "push") return total + statement.values.length;
    if (statement.kind === "pop") return total - statement.targets.length;
    const inside = tapeGrowth(statement.body);
    if (statement.kind === "repeat") return total + statement.times * inside;
    if (inside !== 0) throw new Error("internal: a tape is not used in a loop of unknown length");
    return total;
  }, 0);
}

/** Variables that statements read. */
export function readBy(statements: readonly Statement[]): ReadonlySet<Node> {
  const [seen, found] = [new Set<Node>(), new Set<Node>()];
  const pending = demanded(statements);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.op === "variable") found.add(node);
    pending.push(...node.args);
  }
  return found;
}
