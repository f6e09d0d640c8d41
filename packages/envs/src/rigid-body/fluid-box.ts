import { shapeMassProperties, unit } from "./mass-properties.ts";
import type { FluidBox } from "./model.ts";
import type { Robot, Shape, Vec3 } from "./robot.ts";

/**
 * The box of equal mass and inertia that stands for each body in the fluid. With I_1, I_2, I_3 the  [eq:fluid]
 * principal moments and m the mass, its edges are
 *   b_i = sqrt(6 (I_j + I_k − I_i)/m)
 * For a capsule: axis 3 is its own, b_1 = b_2 = sqrt(6 I_a/m), b_3 = sqrt(6 (2 I_t − I_a)/m). Edges
 * are unchanged when mass and inertia are scaled together.
 */
export function fluidBoxes(robot: Robot): FluidBox[] {
  return robot.bodies.flatMap((body, b) => body.shapes.map((shape) => ({ body: b + 1, ...boxOf(shape) })));
}

function boxOf(shape: Shape): Omit<FluidBox, "body"> {
  const { mass, inertia } = shapeMassProperties(shape);
  const frame = frameWithAxis(shape.kind === "capsule" ? unit(shape.axis) : [0, 0, 1]);
  const column = (k: number): Vec3 => [frame[k]!, frame[3 + k]!, frame[6 + k]!];
  const moment = ([x, y, z]: Vec3): number => {
    const [xx, yy, zz, xy, xz, yz] = inertia;
    return xx * x * x + yy * y * y + zz * z * z + 2 * (xy * x * y + xz * x * z + yz * y * z);
  };
  const [i1, i2, i3] = [moment(column(0)), moment(column(1)), moment(column(2))];
  const edge = (own: number, other1: number, other2: number) =>
    Math.sqrt((6 * (other1 + other2 - own)) / mass);
  return { frame, edges: [edge(i1, i2, i3), edge(i2, i3, i1), edge(i3, i1, i2)] };
}

/** The shortest rotation that takes +z to the unit vector u, row-major: 1 + [k]× + [k]×²/(1 + u_z), k = z × u. */
function frameWithAxis([x, y, z]: Vec3): Float64Array {
  if (z < -1 + 1e-12) return Float64Array.of(1, 0, 0, 0, -1, 0, 0, 0, -1);
  const s = 1 / (1 + z);
  return Float64Array.of(1 - s * x * x, -s * x * y, x, -s * x * y, 1 - s * y * y, y, -x, -y, z);
}
