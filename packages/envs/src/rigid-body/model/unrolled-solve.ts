import { factorize, solveFactored, type TreePaths } from "./tree-factor.ts";

/** x ← H⁻¹ x for a positive definite H stored by paths; H is left as it is. */
export type TreeSolver = (H: Float64Array, x: Float64Array) => void;

/**
 * The solver of one pattern. Elimination over a tree is many loops of very few turns, each of which the processor
 * mispredicts; written out for a pattern it is a few hundred plain lines, three to five times as fast. Where code may
 * not be made from text (a content security policy without 'unsafe-eval'), the loops of tree-factor.ts do the work, in
 * the same order, to the same bits.
 */
export function treeSolver(paths: TreePaths): TreeSolver {
  try {
    // The text is made of numbers from `paths` alone.
    return new Function("H", "x", unrolledSource(paths)) as TreeSolver;
  } catch (error) {
    if (error instanceof EvalError) return loopSolver(paths);
    throw error;
  }
}

export function loopSolver(paths: TreePaths): TreeSolver {
  const factor = new Float64Array(paths.dofs.length);
  return (H, x) => {
    factor.set(H);
    factorize(factor, paths);
    solveFactored(factor, paths, x);
  };
}

/** The lines of `factorize` and `solveFactored`, one for each turn of their loops, on local variables. */
export function unrolledSource({ start, dofs }: TreePaths): string {
  const n = start.length - 1;
  const off = (i: number) => range(start[i]! + 1, start[i + 1]!);
  const lines = ['"use strict";'];
  for (const s of range(0, dofs.length)) lines.push(`let h${s} = H[${s}];`);
  for (const i of range(0, n)) lines.push(`let x${i} = x[${i}];`);
  for (const k of range(0, n).reverse()) {
    const d = start[k]!;
    lines.push(`h${d} = 1 / h${d};`);
    for (const s of off(k)) {
      const shift = start[dofs[s]!]! - s;
      lines.push(`const l${s} = h${s} * h${d};`);
      for (const t of range(s, start[k + 1]!)) lines.push(`h${shift + t} -= l${s} * h${t};`);
    }
  }
  for (const i of range(0, n).reverse()) for (const s of off(i)) lines.push(`x${dofs[s]} -= l${s} * x${i};`);
  for (const i of range(0, n)) {
    lines.push(`x${i} *= h${start[i]};`);
    for (const s of off(i)) lines.push(`x${i} -= l${s} * x${dofs[s]};`);
    lines.push(`x[${i}] = x${i};`);
  }
  return lines.join("\n");
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, k) => from + k);
}
