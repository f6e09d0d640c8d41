/** Plans the evaluation of formulas. */
import type { Scope } from "./emit-scope.ts";
import type { Group, Node } from "./expression.ts";

export interface Plan {
  /** All nodes that must be computed, operands first. */
  readonly nodes: readonly Node[];
  readonly found: ReadonlySet<Node>;
  /** The number of uses of each. */
  readonly uses: ReadonlyMap<Node, number>;
  /** The group that each belongs to: the only one that uses it. */
  readonly region: ReadonlyMap<Node, Group | undefined>;
}

/** Used in several groups, or in one and outside it. */
const several = Symbol("several");

export function plan(roots: readonly Node[], known: Scope): Plan {
  const found = new Set<Node>();
  const pending = [...roots];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (found.has(node) || node.op === "constant" || known.has(node)) continue;
    found.add(node);
    pending.push(...node.args);
  }
  const nodes = [...found].sort((a, b) => a.id - b.id);
  const uses = new Map<Node, number>();
  const users = new Map<Node, Group | undefined | typeof several>();
  const use = (node: Node, by: Group | undefined | typeof several) => {
    const before = uses.get(node) ?? 0;
    uses.set(node, before + 1);
    if (before === 0) users.set(node, by);
    else if (users.get(node) !== by) users.set(node, several);
  };
  for (const root of roots) use(root, undefined);
  const region = new Map<Node, Group | undefined>();
  const settle = (members: readonly Node[]) => {
    const [first, ...others] = members.map((member) => users.get(member));
    const only = first !== several && others.every((other) => other === first) ? first : undefined;
    for (const member of members) region.set(member, only);
  };
  for (const node of nodes.toReversed()) {
    const group = node.type === "scalar" ? node.group : undefined;
    if (!region.has(node)) {
      settle(group === undefined ? [node] : group.results.filter((result) => found.has(result)));
    }
    const own = region.get(node);
    if (group?.mask === undefined) for (const arg of node.args) use(arg, own);
    else {
      use(node.args[0]!, own);
      use(node.args[1]!, own ?? group);
    }
  }
  return { nodes, found, uses, region };
}
