/**
 * Builds the text of one kernel. A value that is not stored is expanded at the index where it is needed, down
 * to the stored values it depends on.
 */

import type { NdArray } from "../../array/ndarray.ts";
import { internal } from "../../errors.ts";
import type { PrimitiveName } from "../../primitives/table.ts";
import { type Graph, type Ref, typeOf } from "../../trace/graph.ts";
import { layoutOf } from "./layout.ts";
import { fetch, type Index } from "./place.ts";
import { type Print, printers } from "./printer.ts";

export interface KernelTextOptions {
  readonly graph: Graph;
  /** Values to read from memory. */
  readonly stored: ReadonlySet<Ref>;
  /** Whether values are packed, four to a texel. */
  readonly packs: boolean;
}

export class KernelText {
  readonly #graph: Graph;
  readonly #stored: ReadonlySet<Ref>;
  readonly #packs: boolean;
  /** Stored values this kernel reads, in the order of its arguments. */
  readonly reads: Ref[] = [];
  readonly #lines: string[] = [];
  #known = new Map<string, string>();
  /** Indices along an axis that are known to be a given lane of a group of four. */
  readonly #lanes = new Map<string, { readonly four: string; readonly lane: number }>();
  #count = 0;

  constructor({ graph, stored, packs }: KernelTextOptions) {
    this.#graph = graph;
    this.#stored = stored;
    this.#packs = packs;
  }

  get text(): string {
    return this.#lines.join("\n");
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  /** Names an expression, so that it is computed once. */
  name(expression: string): string {
    const known = this.#known.get(expression);
    if (known !== undefined) return known;
    const name = `t${this.#count++}`;
    this.line(`const ${name} = ${expression};`);
    this.#known.set(expression, name);
    return name;
  }

  /** A variable that starts at a value. */
  variable(start: string): string {
    const name = `s${this.#count++}`;
    this.line(`let ${name} = ${start};`);
    return name;
  }

  /** for (let j = 0; j < extent; j++) { body }; names defined inside go out of scope after it. */
  loop(extent: number, body: (j: string) => void): void {
    if (extent === 0) return;
    const outer = this.#known;
    this.#known = new Map(outer);
    const j = `j${this.#count++}`;
    this.line(`for (let ${j} = 0; ${j} < ${extent}; ${j}++) {`);
    body(j);
    this.line("}");
    this.#known = outer;
  }

  /**
   * Visits the elements of an axis, four per iteration where they are packed, so each texel is fetched once.
   */
  loopAlong(extent: number, body: (j: string) => void): void {
    const inTexels = this.#packs && extent % 4 === 0;
    this.loop(inTexels ? extent / 4 : extent, (i) => {
      for (const j of inTexels ? this.four(i) : [i]) body(j);
    });
  }

  /** Elements 4 i, ..., 4 i + 3 of an axis. */
  four(i: string): string[] {
    return [0, 1, 2, 3].map((lane) => {
      const name = this.name(`4 * ${i} + ${lane}`);
      this.#lanes.set(name, { four: i, lane });
      return name;
    });
  }

  /** The text of element `index` of a value. */
  value(ref: Ref, index: Index): string {
    const number = this.#uniform(ref);
    if (number !== undefined) return number;
    if (this.#stored.has(ref)) return this.#read(ref, index);
    const equation = this.#graph.equations[ref - this.#graph.inputs.length - this.#graph.constants.length]!;
    // Equations carry the settings of their own primitive.
    const print = printers[equation.primitive.name as PrimitiveName] as Print | undefined;
    if (print === undefined) return internal(`${equation.primitive.name} was not stored`);
    return print(this, equation, index, this.#graph);
  }

  #read(ref: Ref, index: Index): string {
    if (!this.reads.includes(ref)) this.reads.push(ref);
    const argument = `v${this.reads.indexOf(ref)}`;
    const { shape } = typeOf(this.#graph, ref);
    const layout = layoutOf(shape, { packs: this.#packs });
    if (layout.lanes === 1) return fetch(this, argument, layout, shape, index);
    const last = index.at(-1)!;
    const { four, lane } = this.#lanes.get(last) ?? this.#split(last);
    const shapeInTexels = shape.with(-1, shape.at(-1)! / 4);
    return `${fetch(this, argument, layout, shapeInTexels, index.with(-1, four))}[${lane}]`;
  }

  /** The group of four that an element belongs to, and its lane in it. */
  #split(element: string): { readonly four: string; readonly lane: string | number } {
    if (element === "0") return { four: "0", lane: 0 };
    const four = this.name(`Math.floor((${element} + 0.5) / 4.0)`);
    return { four, lane: this.name(`${element} - 4 * ${four}`) };
  }

  /** A finite one-element constant, as a literal. */
  #uniform(ref: Ref): string | undefined {
    const constant: NdArray | undefined = this.#graph.constants[ref - this.#graph.inputs.length];
    const value = constant?.data.length === 1 ? constant.data[0]! : Number.NaN;
    return Number.isFinite(value) ? floatLiteral(value) : undefined;
  }
}

/** A literal that no shader language reads as an integer; these digits determine a float32. */
function floatLiteral(value: number): string {
  const text = Math.fround(value) === 0 ? "0.0" : String(Math.fround(value));
  const literal = /[.e]/.test(text) ? text : `${text}.0`;
  return value < 0 ? `(${literal})` : literal;
}
