import { Bundle } from "../array/bundle.ts";
import type { ArrayType, NdArray } from "../array/ndarray.ts";
import { zerosLike } from "../primitives/comparison.ts";
import type { Derivative } from "../primitives/primitive.ts";
import type { Body } from "../trace/graph.ts";
import { pushForward } from "../transforms/jvp.ts";
import { bodyOf, byRole, type Counts, chosen, inOrder, movingInputs, placed, type Roles } from "./body.ts";

/**
 * One loop for the value and its tangent:                                                       [eq:scan-jvp]
 *
 *   dc_{t+1}, dy_t = J_f(c_t, x_t, k) (dc_t, dx_t, dk)
 */
export function loopWithTangents(
  tangents: readonly Derivative[],
  inputs: readonly NdArray[],
  params: Counts & { readonly body: Body },
  run: (inputs: Roles<NdArray>, body: Body) => NdArray[],
): readonly [value: Bundle, tangent: Bundle] {
  const { graph } = params.body;
  const { carries } = params;
  const moving = movingInputs(
    graph,
    tangents.map((dx) => dx !== null),
    carries,
  );
  const moves = byRole(moving, params);
  const started = tangents.map((dx, i) => (moving[i] ? (dx ?? zerosLike(inputs[i]!)) : null));
  let stepMoves: boolean[] = [];

  const pair = <T>(all: readonly T[], derivatives: readonly (T | null)[]): Roles<T> => {
    const [x, dx] = [byRole(all, params), byRole(derivatives, params)];
    const both = (role: keyof Roles<T>): T[] => [
      ...x[role],
      ...chosen(dx[role] as readonly T[], moves[role]),
    ];
    return { carry: both("carry"), rows: both("rows"), fixed: both("fixed") };
  };
  const body = bodyOf(pair<ArrayType>(graph.inputs, graph.inputs), ({ carry, rows, fixed }) => {
    const given: Roles<NdArray> = {
      carry: carry.slice(0, carries),
      rows: rows.slice(0, params.rows),
      fixed: fixed.slice(0, moves.fixed.length),
    };
    const dc = placed(carry.slice(carries), moves.carry);
    const dx = placed(rows.slice(params.rows), moves.rows);
    const dk = placed(fixed.slice(moves.fixed.length), moves.fixed);
    const { values, tangents: moved } = pushForward(graph, inOrder(given), [...dc, ...dx, ...dk]);
    const dcNext = moved.slice(0, carries).map((dy, i) => dy ?? zerosLike(values[i]!));
    const dys = moved.slice(carries);
    stepMoves = dys.map((dy) => dy !== null);
    return [
      ...values.slice(0, carries),
      ...chosen(dcNext, moves.carry),
      ...values.slice(carries),
      ...dys.filter((dy) => dy !== null),
    ];
  });
  const results = run(pair(inputs, started), body);
  const extra = moves.carry.filter(Boolean).length;
  const outputs = graph.outputs.length - carries;
  const ends = results.slice(0, carries);
  const ys = results.slice(carries + extra, carries + extra + outputs);
  return [
    new Bundle([...ends, ...ys]),
    new Bundle([
      ...placed(results.slice(carries, carries + extra), moves.carry),
      ...placed(results.slice(carries + extra + outputs), stepMoves),
    ]),
  ];
}
