/**
 * A program as vector instructions: every lane of a vector is a state of its own, and one function runs the program for
 * blocks of as many states as a vector has lanes.
 *
 *   sharing    a formula used more than once is computed once, where it is first needed, and kept in a local
 *   hoisting   loop-invariant values are computed before the loop
 *   skipping   values that only `whenAny` of a mask needs are in a branch, taken if any lane needs it
 *
 * A lane's bits do not depend on the other lanes: a branch that it shares leaves it the zeros it would have had.
 */

import {
  anyTrue,
  i32,
  integer,
  load,
  type V,
  vectorConstant,
} from "../backends/wasm/assembler/expression.ts";
import { FunctionBuilder, type Local } from "../backends/wasm/assembler/function.ts";
import { elementary, elementarySinCos } from "../backends/wasm/elementary/elementary.ts";
import { and, type Lanes, not, or, select, xor } from "../backends/wasm/elementary/lanes.ts";
import { plan } from "./emit-plan.ts";
import { loadRows, storeRows, vectorBytes } from "./emit-rows.ts";
import { Reads, Scope } from "./emit-scope.ts";
import type { Group, Node } from "./expression.ts";
import { assigned, demanded, readBy, type ScalarProgram, type Statement, tapeGrowth } from "./program.ts";

/**
 * (blocks, address of each array, address of the tape if there is one) → nothing. A block is as many rows of each array
 * as a vector has lanes; there is at least one. Each block has a tape of its own, one after the other, on which every
 * number is a vector.
 */
export function emitProgram(program: ScalarProgram, L: Lanes): FunctionBuilder {
  const arrays = Object.values(program.arrays);
  const growth = tapeGrowth(program.statements);
  const tapes = growth === 0 ? [] : [growth];
  const fn = new FunctionBuilder(program.name, ["i32", ...[...arrays, ...tapes].map(() => "i32" as const)]);
  const remaining = fn.local("i32");
  fn.set(remaining, fn.parameter(0, "i32"));
  const bases = arrays.map((_, k) => fn.parameter(k + 1, "i32"));
  // The end of what is on the block's tape.
  const top = growth === 0 ? undefined : fn.parameter(arrays.length + 1, "i32");
  const emitter = new Emitter(fn, L, top);
  const [read, changed] = [readBy(program.statements), new Set(assigned(program.statements))];
  fn.doWhile(() => {
    arrays.forEach((members, k) => {
      const locals = members.map((member) => emitter.localOf(member));
      // Numbers that share a vector with a changed one are stored with it.
      loadRows(fn, L, bases[k]!, locals, (m) => read.has(members[m]!) || changed.has(members[m]!));
    });
    const inArrays = new Set<Node>(arrays.flat());
    for (const variable of changed) if (!inArrays.has(variable)) emitter.reset(variable);
    if (top !== undefined && growth < 0) fn.set(top, integer("sub", top, i32(vectorBytes * growth)));
    emitter.block(program.statements);
    // A program that empties its tape has come back to the beginning of it.
    if (top !== undefined && growth < 0) fn.set(top, integer("sub", top, i32(vectorBytes * growth)));
    arrays.forEach((members, k) => {
      const locals = members.map((member) => emitter.localOf(member));
      storeRows(fn, L, bases[k]!, locals, (m) => changed.has(members[m]!));
      fn.set(bases[k]!, integer("add", bases[k]!, i32(L.count * L.bytes * members.length)));
    });
    fn.set(remaining, integer("sub", remaining, i32(1)));
  }, remaining);
  return fn;
}

type Loop = Extract<Statement, { readonly body: unknown }>;

class Emitter {
  readonly #fn: FunctionBuilder;
  readonly #L: Lanes;
  readonly #top: Local<"i32"> | undefined;
  readonly #zero: V;
  readonly #locals = new Map<Node, Local<"v128">>();
  #known = new Scope(undefined);
  readonly #reads = new Reads();

  constructor(fn: FunctionBuilder, L: Lanes, top: Local<"i32"> | undefined) {
    this.#fn = fn;
    this.#L = L;
    this.#top = top;
    this.#zero = L.constant(0);
  }

  /** The local that holds a variable. */
  localOf(variable: Node): Local<"v128"> {
    let local = this.#locals.get(variable);
    if (local === undefined) {
      local = this.#fn.local("v128");
      this.#locals.set(variable, local);
    }
    return local;
  }

  /** Variables that are in no array begin every block as 0. */
  reset(variable: Node): void {
    this.#fn.set(this.localOf(variable), this.#zero);
  }

  block(statements: readonly Statement[]): void {
    for (const statement of statements) {
      if (statement.kind === "set") this.#set(statement.targets, statement.values);
      else if (statement.kind === "push") this.#push(statement.values);
      else if (statement.kind === "pop") this.#pop(statement.targets);
      else this.#loop(statement);
    }
  }

  #push(values: readonly Node[]): void {
    const [fn, top] = [this.#fn, this.#top!];
    this.#demand(values).forEach((value, k) => {
      fn.store("v128.store", top, value, vectorBytes * k);
    });
    fn.set(top, integer("add", top, i32(vectorBytes * values.length)));
  }

  #pop(targets: readonly Node[]): void {
    const [fn, top] = [this.#fn, this.#top!];
    fn.set(top, integer("sub", top, i32(vectorBytes * targets.length)));
    targets.forEach((target, k) => {
      fn.set(this.localOf(target), load("v128.load", top, vectorBytes * k));
    });
    this.#forget(targets);
  }

  #set(targets: readonly Node[], values: readonly Node[]): void {
    const fn = this.#fn;
    const kept = this.#demand(values).map((value) => (value.node.kind === "local" ? value : fn.let(value)));
    const isCopied = new Set(targets.map((target) => this.#locals.get(target)?.node.index));
    // A value that is another variable's local must be read before that variable is set.
    const safe = kept.map((value) =>
      value.node.kind === "local" && isCopied.has(value.node.index) ? fn.let(value) : value,
    );
    targets.forEach((target, k) => {
      fn.set(this.localOf(target), safe[k]!);
    });
    this.#forget(targets);
  }

  #loop(statement: Loop): void {
    const limit = statement.kind === "repeat" ? statement.times : statement.limit;
    if (limit <= 0) return; // the loop below runs its body before it counts
    const fn = this.#fn;
    const changing = assigned(statement.body);
    this.#forget(changing);
    this.#hoist(statement, new Set(changing));
    const outside = this.#known;
    this.#known = new Scope(outside);
    const rounds = fn.local("i32");
    fn.set(rounds, i32(limit));
    const again = fn.local("i32");
    fn.doWhile(() => {
      this.block(statement.body);
      fn.set(rounds, integer("sub", rounds, i32(1)));
      if (statement.kind === "repeat") fn.set(again, rounds);
      else {
        const [mask] = this.#demand([statement.mask]);
        fn.set(again, integer("and", anyTrue(mask!), integer("lt_s", i32(0), rounds)));
      }
    }, again);
    this.#known = outside;
  }

  /** Computes what the loop's body needs, does not change, and does not skip. */
  #hoist(statement: Loop, changing: ReadonlySet<Node>): void {
    const roots = demanded([statement]);
    const { nodes, region } = plan(roots, this.#known);
    const changed = this.#reads.of([...changing]);
    const varies = (node: Node) => (this.#reads.ofNode(node) & changed) !== 0n;
    const isSkipped = (node: Node) => {
      const group = region.get(node);
      return group?.results.some(varies) ?? false;
    };
    const invariant = nodes.filter((node) => node.op !== "variable" && !varies(node) && !isSkipped(node));
    const inside = new Set<Node>(roots);
    for (const node of nodes)
      if (varies(node) || isSkipped(node)) for (const arg of node.args) inside.add(arg);
    const edge = invariant.filter((node) => inside.has(node));
    this.#demand(edge, true);
  }

  #forget(variables: readonly Node[]): void {
    const changed = this.#reads.of(variables);
    this.#known.remove((node) => (this.#reads.ofNode(node) & changed) !== 0n);
  }

  /** The values of the roots, computed here if they are not known. With `keep`, each in a local. */
  #demand(roots: readonly Node[], keep = false): V[] {
    const { nodes, found, uses, region } = plan(roots, this.#known);
    const wanted = new Set(keep ? roots : []);
    const partners = turns(nodes);
    const members = new Map<Group | undefined, Node[]>();
    for (const node of nodes) {
      const group = region.get(node);
      const known = members.get(group);
      if (known === undefined) members.set(group, [node]);
      else known.push(node);
    }
    const emitRegion = (group: Group | undefined) => {
      for (const node of members.get(group) ?? []) {
        if (this.#known.has(node)) continue;
        const own = node.type === "scalar" ? node.group : undefined;
        if (own?.mask !== undefined && group === undefined) {
          this.#branch(own, found, () => emitRegion(own));
        } else if (wanted.has(node) || this.#isKept(node, uses.get(node)!)) {
          const partner = partners.get(node);
          this.#keep(node, partner !== undefined && region.get(partner) === group ? partner : undefined);
        }
      }
    };
    emitRegion(undefined);
    return roots.map((root) => this.#value(root));
  }

  #isKept(node: Node, uses: number): boolean {
    if (node.op === "sin" || node.op === "cos") return true;
    return uses > 1 && node.op !== "variable";
  }

  #keep(node: Node, partner: Node | undefined): void {
    if (node.op === "sin" || node.op === "cos") this.#turn(node, node.op, partner);
    else this.#known.set(node, this.#fn.let(this.#value(node)));
  }

  /** A sine or cosine, together with the other of the same angle, because they share most of the work. */
  #turn(node: Node, op: "sin" | "cos", partner: Node | undefined): void {
    const [fn, L] = [this.#fn, this.#L];
    const x = fn.let(this.#value(node.args[0]!));
    if (partner === undefined) {
      this.#known.set(node, fn.let(elementary[op](fn, L, x)));
      return;
    }
    const both = elementarySinCos(fn, L, x);
    this.#known.set(node, fn.let(both[op]));
    this.#known.set(partner, fn.let(both[op === "sin" ? "cos" : "sin"]));
  }

  #branch(group: Group, needed: ReadonlySet<Node>, emit: () => void): void {
    const fn = this.#fn;
    const outside = this.#known;
    const mask = fn.let(this.#value(group.mask!));
    const results = group.results.filter((result) => result.op === "grouped" && needed.has(result));
    const locals = results.map(() => fn.local("v128"));
    this.#known = new Scope(outside);
    fn.if(
      anyTrue(mask),
      () => {
        emit();
        results.forEach((result, k) => {
          fn.set(locals[k]!, and(mask, this.#value(result.args[1]!)));
        });
      },
      () => {
        for (const local of locals) fn.set(local, this.#zero);
      },
    );
    this.#known = outside;
    results.forEach((result, k) => {
      outside.set(result, locals[k]!);
    });
  }

  #value(node: Node): V {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    if (node.op === "variable") return this.localOf(node);
    const L = this.#L;
    const at = (k: number) => this.#value(node.args[k]!);
    switch (node.op) {
      case "constant":
        return L.constant(node.value!);
      case "add":
        return L.add(at(0), at(1));
      case "sub":
        return L.sub(at(0), at(1));
      case "mul":
        return L.mul(at(0), at(1));
      case "div":
        return L.div(at(0), at(1));
      case "neg":
        return L.neg(at(0));
      case "sqrt":
        return L.sqrt(at(0));
      case "abs":
        return L.abs(at(0));
      case "select":
        return select(at(0), at(1), at(2));
      case "grouped":
        return node.args.length === 1 ? at(0) : and(at(0), at(1));
      case "always":
        return vectorConstant(new Int32Array(4).fill(-1));
      case "less":
        return L.lt(at(0), at(1));
      case "and":
        return and(at(0), at(1));
      case "or":
        return or(at(0), at(1));
      case "not":
        return not(at(0));
      case "differ":
        return xor(at(0), at(1));
      default:
        throw new Error(`internal: ${node.op} is emitted before it is used`);
    }
  }
}

/** Maps each sine to the cosine of the same angle, and vice versa. */
function turns(nodes: readonly Node[]): Map<Node, Node> {
  const first = new Map<Node, Node>();
  const partners = new Map<Node, Node>();
  for (const node of nodes) {
    if (node.op !== "sin" && node.op !== "cos") continue;
    const angle = node.args[0]!;
    const other = first.get(angle);
    if (other === undefined) first.set(angle, node);
    else {
      partners.set(node, other);
      partners.set(other, node);
    }
  }
  return partners;
}
