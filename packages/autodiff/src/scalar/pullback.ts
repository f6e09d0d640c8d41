/** Reverse accumulation over a graph of scalars: the adjoint of a program is another program of the same kind. */

import {
  add,
  constant,
  cos,
  div,
  type Group,
  isZero,
  less,
  type Mask,
  mul,
  type Node,
  neg,
  type Scalar,
  select,
  sin,
  whenAny,
} from "./expression.ts";

/**
 * [eq:vjp] x̄ = Σ_k (∂y_k/∂x) ȳ_k for every x of `inputs`, which are held independent of one another.
 *
 * Masks are piecewise constant, so that through `select`, `abs` and the like the derivative is the taken branch's. The
 * other branch's cotangent is 0, but its slopes multiply it: where one is not finite, the derivative is NaN. Guard the
 * operand, as in select(x < 0, −x, √(select(x < 0, 1, x))). Of the values of a `whenAny`, too, only formulas that were
 * built in it are left out where the mask does not hold; those that were known before are not.
 */
export function pullback(
  outputs: readonly Scalar[],
  cotangents: readonly Scalar[],
  inputs: readonly Scalar[],
): Scalar[] {
  const adjoints = new Adjoints(inputs);
  outputs.forEach((output, k) => {
    adjoints.add(output, cotangents[k]!);
  });
  adjoints.sweep(0);
  return inputs.map((input) => adjoints.of(input));
}

/** Cotangents of nodes, propagated from the youngest node down. */
class Adjoints {
  readonly #cotangents = new Map<Node, Scalar>();
  /** Nodes that wait to be visited, by number. */
  readonly #waiting: Scalar[] = [];
  readonly #inputs: ReadonlySet<Node>;
  readonly #done = new Set<Group>();

  constructor(inputs: Iterable<Node>) {
    this.#inputs = new Set(inputs);
  }

  of(node: Node): Scalar {
    return this.#cotangents.get(node) ?? constant(0);
  }

  entries(): [Node, Scalar][] {
    return [...this.#cotangents];
  }

  add(node: Scalar, cotangent: Scalar): void {
    if (isZero(cotangent) || node.op === "constant") return;
    const before = this.#cotangents.get(node);
    this.#cotangents.set(node, before === undefined ? cotangent : add(before, cotangent));
    if (before === undefined && !this.#inputs.has(node)) this.#insert(node);
  }

  /** Visits every waiting node whose number is at least `start`. */
  sweep(start: number): void {
    for (;;) {
      const node = this.#waiting.at(-1);
      if (node === undefined || node.id < start) return;
      this.#waiting.pop();
      if (node.op === "variable") continue;
      if (node.group !== undefined) this.#visitGroup(node.group, start);
      else this.#visit(node);
    }
  }

  #insert(node: Scalar): void {
    let [low, high] = [0, this.#waiting.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#waiting[middle]!.id < node.id) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, node);
  }

  #visit(node: Scalar): void {
    const y = this.#cotangents.get(node)!;
    this.#cotangents.delete(node);
    const [a, b, c] = node.args;
    // The operation determines which operands are scalars.
    const [p, q, r] = [a as Scalar, b as Scalar, c as Scalar];
    switch (node.op) {
      case "add":
        this.add(p, y);
        this.add(q, y);
        return;
      case "sub":
        this.add(p, y);
        this.add(q, neg(y));
        return;
      case "mul":
        this.add(p, mul(y, q));
        this.add(q, mul(y, p));
        return;
      case "div": {
        const share = div(y, q);
        this.add(p, share);
        this.add(q, neg(mul(share, node)));
        return;
      }
      case "neg":
        this.add(p, neg(y));
        return;
      case "sqrt":
        this.add(p, div(mul(0.5, y), node));
        return;
      case "abs":
        this.add(p, select(less(p, 0), neg(y), y));
        return;
      case "sin":
        this.add(p, mul(y, cos(p)));
        return;
      case "cos":
        this.add(p, neg(mul(y, sin(p))));
        return;
      case "select":
        this.add(q, select(a as Mask, y, 0));
        this.add(r, select(a as Mask, 0, y));
        return;
      default:
        throw new Error(`internal: no derivative of ${node.op}`);
    }
  }

  /** The first result visited has the highest number: by then the cotangents of all of them are complete. */
  #visitGroup(group: Group, start: number): void {
    if (this.#done.has(group)) return;
    this.#done.add(group);
    const cotangents = group.results.map((result) => this.of(result));
    for (const result of group.results) if (result.op === "grouped") this.#cotangents.delete(result);
    const { rule, mask, values } = group;
    if (rule !== undefined) {
      const shares = rule.pullback(cotangents);
      rule.operands.forEach((operand, k) => {
        this.add(operand, shares[k]!);
      });
      return;
    }
    const inner = new Adjoints(this.#inputs);
    const outside: Scalar[] = [];
    const shares = whenAny(mask!, () => {
      values.forEach((value, k) => {
        inner.add(value, cotangents[k]!);
      });
      inner.sweep(Math.max(group.start, start));
      return inner.entries().map(([node, share]) => {
        outside.push(node as Scalar); // only scalars are added
        return share;
      });
    });
    outside.forEach((node, k) => {
      this.add(node, shares[k]!);
    });
  }
}
