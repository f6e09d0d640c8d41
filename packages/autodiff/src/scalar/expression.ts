/**
 * Formulas over scalars, as graphs: the text of a program too small and too irregular for arrays, such as one step of a
 * robot. Written with `add`, `mul`, ... as on paper; a robot's constants go in as plain numbers.
 *
 * Folding     constants are folded, and 0 + x = x, 1 · x = x, 0 · x = 0 (x is assumed to be finite)
 * Sharing     equal formulas of equal operands are one node
 * Arithmetic  nothing is reordered, so that every way to run a graph rounds alike
 */
import { cos as cosOf, sin as sinOf } from "../elementary/index.ts";

export type ScalarOp =
  | "constant"
  | "variable"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "neg"
  | "sqrt"
  | "abs"
  | "sin"
  | "cos"
  | "select"
  | "grouped";

export type MaskOp = "always" | "variable" | "less" | "and" | "or" | "not" | "differ";

/** A real number of the program. */
export interface Scalar {
  readonly type: "scalar";
  /** Operands have smaller numbers. */
  readonly id: number;
  readonly op: ScalarOp;
  readonly args: readonly Node[];
  /** Of a constant. */
  readonly value?: number;
  readonly name?: string;
  readonly group?: Group;
}

/** A truth value of the program. */
export interface Mask {
  readonly type: "mask";
  readonly id: number;
  readonly op: MaskOp;
  readonly args: readonly Node[];
  readonly name?: string;
}

export type Node = Scalar | Mask;
export type Operand = Scalar | number;

/** Results that belong together; see `whenAny` and `withRule`. */
export interface Group {
  /** The mask outside which the results are 0 and need not be computed; absent where they always are. */
  readonly mask?: Mask;
  /** Formulas of the group, each the result of the same place before masking. */
  readonly values: readonly Scalar[];
  /** Nodes from this number on belong to the group. */
  readonly start: number;
  /** The rule that replaces differentiation through `values`: cotangents of results to those of `operands`. */
  readonly rule?: {
    readonly operands: readonly Scalar[];
    readonly pullback: (cotangents: readonly Scalar[]) => readonly Scalar[];
  };
  results: readonly Scalar[];
}

let count = 0;

/** The number that the next node will have. */
function nextId(): number {
  return count;
}

/**
 * Known nodes by operation and operands, stored with the youngest operand that is not a constant, so that unused graphs
 * can be collected: constants are kept for ever. Formulas of constants alone are folded.
 */
const shared = new WeakMap<Node, Map<string, Node>>();
const constants = new Map<string, Scalar>();

function intern<N extends Node>(op: N["op"], args: readonly Node[], make: (id: number) => N): N {
  const home = args
    .filter((arg) => arg.op !== "constant")
    .reduce((youngest, arg) => (arg.id > youngest.id ? arg : youngest));
  let table = shared.get(home);
  if (table === undefined) {
    table = new Map();
    shared.set(home, table);
  }
  const key = `${op} ${args.map(({ id }) => id).join(" ")}`;
  // A key names the operation, and with it the kind of node.
  const known = table.get(key) as N | undefined;
  if (known !== undefined) return known;
  const node = make(count++);
  table.set(key, node);
  return node;
}

function scalarNode(op: ScalarOp, ...args: readonly Node[]): Scalar {
  return intern<Scalar>(op, args, (id) => ({ type: "scalar", id, op, args }));
}

function maskNode(op: MaskOp, ...args: readonly Node[]): Mask {
  return intern<Mask>(op, args, (id) => ({ type: "mask", id, op, args }));
}

export function constant(value: number): Scalar {
  const key = Object.is(value, -0) ? "-0" : String(value);
  let node = constants.get(key);
  if (node === undefined) {
    node = { type: "scalar", id: count++, op: "constant", args: [], value };
    constants.set(key, node);
  }
  return node;
}

/** A quantity that the statements of a program read and set. */
export function variable(name: string): Scalar {
  return { type: "scalar", id: count++, op: "variable", args: [], name };
}

export function maskVariable(name: string): Mask {
  return { type: "mask", id: count++, op: "variable", args: [], name };
}

export const always: Mask = { type: "mask", id: count++, op: "always", args: [] };
export const never: Mask = maskNode("not", always);

const lift = (x: Operand): Scalar => (typeof x === "number" ? constant(x) : x);
const known = (x: Operand): number | undefined => (typeof x === "number" ? x : x.value);

/** Whether x is 0 whatever the state: a structural zero. */
export function isZero(x: Operand): boolean {
  return known(x) === 0;
}

export function add(x: Operand, y: Operand): Scalar {
  const [a, b] = [known(x), known(y)];
  if (a !== undefined && b !== undefined) return constant(a + b);
  if (a === 0) return lift(y);
  if (b === 0) return lift(x);
  const [p, q] = [lift(x), lift(y)];
  if (q.op === "neg") return sub(p, q.args[0] as Scalar);
  if (p.op === "neg") return sub(q, p.args[0] as Scalar);
  return p.id <= q.id ? scalarNode("add", p, q) : scalarNode("add", q, p);
}

export function sub(x: Operand, y: Operand): Scalar {
  const [a, b] = [known(x), known(y)];
  if (a !== undefined && b !== undefined) return constant(a - b);
  if (a === 0) return neg(y);
  if (b === 0) return lift(x);
  const [p, q] = [lift(x), lift(y)];
  if (p === q) return constant(0);
  if (q.op === "neg") return add(p, q.args[0] as Scalar);
  return scalarNode("sub", p, q);
}

export function mul(x: Operand, y: Operand): Scalar {
  const [a, b] = [known(x), known(y)];
  if (a !== undefined && b !== undefined) return constant(a * b);
  if (a === 0 || b === 0) return constant(0);
  if (a === 1) return lift(y);
  if (b === 1) return lift(x);
  if (a === -1) return neg(y);
  if (b === -1) return neg(x);
  const [p, q] = [lift(x), lift(y)];
  if (p.op === "neg") return neg(mul(p.args[0] as Scalar, q));
  if (q.op === "neg") return neg(mul(p, q.args[0] as Scalar));
  return p.id <= q.id ? scalarNode("mul", p, q) : scalarNode("mul", q, p);
}

export function div(x: Operand, y: Operand): Scalar {
  const [a, b] = [known(x), known(y)];
  if (a !== undefined && b !== undefined) return constant(a / b);
  if (a === 0) return constant(0);
  if (b === 1) return lift(x);
  return scalarNode("div", lift(x), lift(y));
}

export function neg(x: Operand): Scalar {
  const a = known(x);
  if (a !== undefined) return constant(a === 0 ? 0 : -a);
  const p = lift(x);
  return p.op === "neg" ? (p.args[0] as Scalar) : scalarNode("neg", p);
}

export function sqrt(x: Operand): Scalar {
  const a = known(x);
  return a === undefined ? scalarNode("sqrt", lift(x)) : constant(Math.sqrt(a));
}

export function abs(x: Operand): Scalar {
  const a = known(x);
  return a === undefined ? scalarNode("abs", lift(x)) : constant(Math.abs(a));
}

export function sin(x: Operand): Scalar {
  const a = known(x);
  return a === undefined ? scalarNode("sin", lift(x)) : constant(sinOf(a));
}

export function cos(x: Operand): Scalar {
  const a = known(x);
  return a === undefined ? scalarNode("cos", lift(x)) : constant(cosOf(a));
}

/** mask ? x : y, both computed. */
export function select(mask: Mask, x: Operand, y: Operand): Scalar {
  if (mask === always) return lift(x);
  if (mask === never) return lift(y);
  const [p, q] = [lift(x), lift(y)];
  return p === q ? p : scalarNode("select", mask, p, q);
}

export function min(x: Operand, y: Operand): Scalar {
  return select(less(x, y), x, y);
}

export function max(x: Operand, y: Operand): Scalar {
  return select(less(x, y), y, x);
}

export function sum(terms: readonly Operand[]): Scalar {
  return terms.reduce<Scalar>((total, term) => add(total, term), constant(0));
}

/** x < y; false where either is not a number. */
export function less(x: Operand, y: Operand): Mask {
  const [a, b] = [known(x), known(y)];
  if (a !== undefined && b !== undefined) return a < b ? always : never;
  return maskNode("less", lift(x), lift(y));
}

export function and(p: Mask, q: Mask): Mask {
  if (p === always || p === q) return q;
  if (q === always) return p;
  return p === never || q === never ? never : maskNode("and", p, q);
}

export function or(p: Mask, q: Mask): Mask {
  if (p === never || p === q) return q;
  if (q === never) return p;
  return p === always || q === always ? always : maskNode("or", p, q);
}

export function not(p: Mask): Mask {
  if (p === always) return never;
  if (p === never) return always;
  return p.op === "not" ? (p.args[0] as Mask) : maskNode("not", p);
}

/** Whether p and q are unequal. */
export function differ(p: Mask, q: Mask): Mask {
  if (p === q) return never;
  if (p === never) return q;
  return q === never ? p : maskNode("differ", p, q);
}

export function any(masks: readonly Mask[]): Mask {
  return masks.reduce(or, never);
}

/**
 * The values where the mask holds, 0 elsewhere. If it holds in no lane, they are not computed, nor are formulas that
 * only they use.
 */
export function whenAny(mask: Mask, formulas: () => readonly Operand[]): Scalar[] {
  const start = nextId();
  const values = formulas().map(lift);
  if (mask === always) return values;
  if (mask === never) return values.map(() => constant(0));
  return results({ mask, values, start, results: [] });
}

/** Values with a derivative of their own: `pullback` takes their cotangents to those of `operands`. */
export function withRule(
  operands: readonly Scalar[],
  formulas: () => readonly Operand[],
  pullback: (cotangents: readonly Scalar[]) => readonly Scalar[],
): Scalar[] {
  const start = nextId();
  return results({ values: formulas().map(lift), start, rule: { operands, pullback }, results: [] });
}

function results(group: Group): Scalar[] {
  const { mask, values } = group;
  const made = values.map((value): Scalar => {
    // A structural zero stays one.
    if (isZero(value)) return value;
    const args = mask === undefined ? [value] : [mask, value];
    return { type: "scalar", id: count++, op: "grouped", args, group };
  });
  group.results = made;
  return made;
}
