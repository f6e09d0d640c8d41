import type { FluidBox } from "../model/model.ts";
import type { Robot, Shape, Vec3 } from "../model/robot.ts";
import { shapeMassProperties, unit } from "./mass-properties.ts";

/**
 * The box of equal mass and inertia that represents each body in a fluid at rest. With I_1, I_2, I_3 the     [eq:fluid]
 * principal moments and m the mass, its edges are
 *   b_i = sqrt(6 (I_j + I_k − I_i)/m)
 * (unchanged when mass and inertia are scaled together), and the forces on it, in its own axes, with u the velocity of
 * the centre of mass, ω the angular velocity and d the mean edge,
 *   f_i = −3π d β u_i − ½ ρ b_j b_k |u_i| u_i
 *   τ_i = −π d³ β ω_i − ρ b_i (b_j⁴ + b_k⁴) |ω_i| ω_i / 64
 * (i, j, k) a permutation of the axes, ρ density [kg/m^3], β viscosity [Pa s].
 * Source: MuJoCo documentation, "Inertia model".
 */
export function fluidBoxes(robot: Robot): FluidBox[] {
  const { fluid } = robot;
  if (fluid === undefined) return [];
  return robot.bodies.flatMap((body, b) => body.shapes.map((shape) => fluidBox(shape, b + 1, fluid)));
}

function fluidBox(shape: Shape, body: number, fluid: { density: number; viscosity: number }): FluidBox {
  const { mass, inertia } = shapeMassProperties(shape);
  const axes = shape.kind === "box" ? shape.axes : shape.boxFrame;
  const frame =
    axes === undefined
      ? frameWithAxis(shape.kind === "capsule" ? unit(shape.axis) : [0, 0, 1])
      : Float64Array.from(axes.flat());
  const moments = [0, 1, 2].map((k) => {
    const [x, y, z] = [frame[k]!, frame[3 + k]!, frame[6 + k]!];
    const [xx, yy, zz, xy, xz, yz] = inertia;
    return xx * x * x + yy * y * y + zz * z * z + 2 * (xy * x * y + xz * x * z + yz * y * z);
  });
  const total = moments.reduce((sum, moment) => sum + moment, 0);
  const edges = moments.map((moment) => Math.sqrt((6 * (total - 2 * moment)) / mass));
  const mean = edges.reduce((sum, edge) => sum + edge, 0) / 3;
  const others = (i: number) => [edges[(i + 1) % 3]!, edges[(i + 2) % 3]!] as const;
  return {
    body,
    frame,
    linearDrag: 3 * Math.PI * mean * fluid.viscosity,
    angularDrag: Math.PI * mean * mean * mean * fluid.viscosity,
    quadraticDrag: Float64Array.from(edges, (_, i) => {
      const [p, q] = others(i);
      return 0.5 * fluid.density * p * q;
    }),
    quadraticSpin: Float64Array.from(edges, (edge, i) => {
      const [p, q] = others(i);
      return (fluid.density * edge * (p ** 2 * p ** 2 + q ** 2 * q ** 2)) / 64;
    }),
  };
}

/** The shortest rotation that takes +z to the unit vector u, row-major: 1 + [k]× + [k]×²/(1 + u_z), k = z × u. */
function frameWithAxis([x, y, z]: Vec3): Float64Array {
  if (z < -1 + 1e-12) return Float64Array.of(1, 0, 0, 0, -1, 0, 0, 0, -1);
  const s = 1 / (1 + z);
  return Float64Array.of(1 - s * x * x, -s * x * y, x, -s * x * y, 1 - s * y * y, y, -x, -y, z);
}
