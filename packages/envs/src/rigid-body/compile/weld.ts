import type { Model } from "../model/model.ts";
import type { MassProperties, Symmetric3, Vec3 } from "../model/robot.ts";
import { combine } from "./mass-properties.ts";

/**
 * The same model with every welded body merged into the body it is welded to: fewer bodies, the same motion.
 * Frames are parallel in the described pose, so a welded body's frame is its carrier's, shifted. Contact laws, shapes'
 * `part` and `bodyInverseWeight` keep the numbering of the robot's bodies.
 */
export function mergeWelded(model: Model): Model {
  // The fluid acts on each body at its own centre of mass, so bodies in a fluid stay separate.
  if (model.fluidBoxes.length > 0) return model;
  const count = model.bodyParent.length;
  const carrier = new Int32Array(count);
  const offset: Vec3[] = [[0, 0, 0]];
  const kept: number[] = [0];
  for (let b = 1; b < count; b++) {
    const p = model.bodyParent[b]!;
    const position = shifted(vector(model.bodyPosition, b), offset[p]!);
    const welded = model.bodyFirstDof[b] === model.bodyFirstDof[b + 1] && p !== 0;
    carrier[b] = welded ? carrier[p]! : b;
    offset.push(welded ? position : [0, 0, 0]);
    if (!welded) kept.push(b);
  }
  if (kept.length === count) return model;

  const number = new Map(kept.map((b, k) => [b, k]));
  /** The new index of the body that carries body b. */
  const renumbered = (b: number): number => number.get(carrier[b]!)!;
  const properties = kept.map((b) => combine(partsOf(model, carrier, offset, b)));
  const moved = <S extends Model["shapes"][number]>(shape: S): S => {
    const [x, y, z] = offset[shape.body]!;
    return { ...shape, body: renumbered(shape.body), cx: shape.cx + x, cy: shape.cy + y, cz: shape.cz + z };
  };
  return {
    ...model,
    bodyParent: Int32Array.from(kept, (b) => renumbered(model.bodyParent[b]!)),
    bodyPosition: Float64Array.from(
      kept.flatMap((b) => shifted(vector(model.bodyPosition, b), offset[model.bodyParent[b]!]!)),
    ),
    bodyMass: Float64Array.from(properties, ({ mass }) => mass),
    bodyCenter: Float64Array.from(properties.flatMap(({ center }) => center)),
    bodyInertia: Float64Array.from(properties.flatMap(({ inertia }) => inertia)),
    bodyFirstDof: Int32Array.from([...kept.map((b) => model.bodyFirstDof[b]!), model.nv]),
    bodyLastDof: Int32Array.from(kept, (b) => model.bodyLastDof[b]!),
    bodyIsFree: Uint8Array.from(kept, (b) => model.bodyIsFree[b]!),
    dofBody: model.dofBody.map(renumbered),
    dofMovesBody: Uint8Array.from(
      kept.flatMap((b) => [...model.dofMovesBody.subarray(b * model.nv, (b + 1) * model.nv)]),
    ),
    shapes: model.shapes.map(moved),
    pairs: model.pairs.map((pair) => ({
      ...pair,
      first: pair.first && moved(pair.first),
      second: moved(pair.second),
      ...(pair.box && { box: moved(pair.box) }),
    })),
  };
}

/** Mass properties of the body and of those welded to it, in the body's frame. */
function partsOf(model: Model, carrier: Int32Array, offset: readonly Vec3[], body: number): MassProperties[] {
  const parts: MassProperties[] = [];
  carrier.forEach((own, b) => {
    if (own !== body) return;
    // Six components by the array's stride.
    const inertia = [...model.bodyInertia.subarray(6 * b, 6 * b + 6)] as Symmetric3;
    parts.push({
      mass: model.bodyMass[b]!,
      center: shifted(vector(model.bodyCenter, b), offset[b]!),
      inertia,
    });
  });
  return parts;
}

function vector(values: Float64Array, i: number): Vec3 {
  return [values[3 * i]!, values[3 * i + 1]!, values[3 * i + 2]!];
}

function shifted([x, y, z]: Vec3, [a, b, c]: Vec3): Vec3 {
  return [x + a, y + b, z + c];
}
