/** State of the emitter: values already computed, and the variables that a formula reads. */
import type { V } from "../backends/wasm/assembler/expression.ts";
import type { Node } from "./expression.ts";

/** The known values of a block, dropped at its end. */
export class Scope {
  readonly #outside: Scope | undefined;
  readonly #values = new Map<Node, V>();

  constructor(outside: Scope | undefined) {
    this.#outside = outside;
  }

  get(node: Node): V | undefined {
    return this.#values.get(node) ?? this.#outside?.get(node);
  }

  has(node: Node): boolean {
    return this.get(node) !== undefined;
  }

  set(node: Node, value: V): void {
    this.#values.set(node, value);
  }

  /** A loop removes what its body changes before it begins, so outer scopes are not affected. */
  remove(isChanged: (node: Node) => boolean): void {
    for (const node of this.#values.keys()) if (isChanged(node)) this.#values.delete(node);
  }
}

/** The variables that a formula reads, as bits. */
export class Reads {
  readonly #known = new Map<Node, bigint>();
  #count = 0n;

  of(nodes: readonly Node[]): bigint {
    return nodes.reduce((bits, node) => bits | this.ofNode(node), 0n);
  }

  ofNode(node: Node): bigint {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const bits = node.op === "variable" ? 1n << this.#count++ : this.of(node.args);
    this.#known.set(node, bits);
    return bits;
  }
}
