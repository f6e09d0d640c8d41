import { hypot } from "@sgmrl/autodiff/elementary";
import type { MassProperties, Rotation, Shape, Symmetric3, Vec3 } from "../model/robot.ts";

/**
 * Uniform sphere (radius r), capsule (radius r, cylinder length L = 2 halfLength) or box, density ρ:  [eq:mass-properties]
 *   sphere    m = ρ 4/3 π r³                     I = 2/5 m r²
 *   capsule   m = ρ π (r² L + 4/3 r³)            m_s = m 4r / (4r + 3L)   both caps
 *                                                m_c = m − m_s            cylinder
 *             I_a = m_c r²/2 + 2/5 m_s r²        about the axis u
 *             I_t = m_c (3r² + L²)/12 + 2/5 m_s r² + m_s L (3r + 2L)/8
 *             I   = I_t 1 + (I_a − I_t) u uᵀ
 */
export function shapeMassProperties(shape: Shape): MassProperties {
  if (shape.kind === "box") {
    const { halfSizes, center, axes, density } = shape;
    return solid("box", halfSizes, center, axes, density, undefined);
  }
  const r = shape.radius;
  if (shape.kind === "sphere") {
    const mass = (shape.density * 4 * Math.PI * r * r * r) / 3;
    const i = 0.4 * mass * r * r;
    return { mass, center: shape.center, inertia: [i, i, i, 0, 0, 0] };
  }
  const { mass, axial, transverse } = capsuleMoments(shape.density, r, 2 * shape.halfLength);
  const [x, y, z] = unit(shape.axis);
  const e = axial - transverse;
  return {
    mass,
    center: shape.center,
    inertia: [
      transverse + e * x * x,
      transverse + e * y * y,
      transverse + e * z * z,
      e * x * y,
      e * x * z,
      e * y * z,
    ],
  };
}

function capsuleMoments(density: number, r: number, L: number) {
  const mass = density * Math.PI * (r * r * L + (4 / 3) * r * r * r);
  const caps = (mass * 4 * r) / (4 * r + 3 * L);
  const cylinder = mass - caps;
  const axial = (cylinder * r * r) / 2 + 0.4 * caps * r * r;
  const transverse =
    (cylinder * (3 * r * r + L * L)) / 12 + 0.4 * caps * r * r + (caps * L * (3 * r + 2 * L)) / 8;
  return { mass, axial, transverse };
}

/**
 * A uniform solid with half-sizes (a, b, c), or radius and half-length, in axes R:
 *   box        m = 8 ρ a b c          I_x = m (b² + c²)/3
 *   ellipsoid  m = 4/3 π ρ a b c      I_x = m (b² + c²)/5
 *   cylinder   m = 2 π ρ r² h         I_x = I_y = m (3 r² + 4 h²)/12,  I_z = m r²/2
 */
export function solid(
  kind: "box" | "ellipsoid" | "cylinder",
  [a, b, c]: Vec3,
  center: Vec3,
  R: Rotation,
  density: number,
  stated: number | undefined,
): MassProperties {
  if (kind === "cylinder") {
    const m = stated ?? density * 2 * Math.PI * a * a * b;
    const across = (m * (3 * a * a + 4 * b * b)) / 12;
    return { mass: m, center, inertia: turned(R, [across, across, (m * a * a) / 2]) };
  }
  const m = stated ?? density * a * b * c * (kind === "box" ? 8 : (4 / 3) * Math.PI);
  const k = m / (kind === "box" ? 3 : 5);
  return {
    mass: m,
    center,
    inertia: turned(R, [k * (b * b + c * c), k * (a * a + c * c), k * (a * a + b * b)]),
  };
}

/** R diag(moments) Rᵀ */
export function turned(R: Rotation, moments: Vec3): Symmetric3 {
  const entry = (i: 0 | 1 | 2, j: 0 | 1 | 2) =>
    R[i][0] * moments[0] * R[j][0] + R[i][1] * moments[1] * R[j][1] + R[i][2] * moments[2] * R[j][2];
  return [entry(0, 0), entry(1, 1), entry(2, 2), entry(0, 1), entry(0, 2), entry(1, 2)];
}

/**
 * Rigid union, by the parallel-axis theorem with d = c_k − c:
 *   m = Σ m_k     c = Σ m_k c_k / m     I = Σ [ I_k + m_k (|d|² 1 − d dᵀ) ]
 */
export function combine(parts: readonly MassProperties[]): MassProperties {
  const mass = parts.reduce((sum, part) => sum + part.mass, 0);
  if (mass === 0) return { mass: 0, center: [0, 0, 0], inertia: [0, 0, 0, 0, 0, 0] };
  const mean = (k: 0 | 1 | 2) => parts.reduce((sum, part) => sum + part.mass * part.center[k], 0) / mass;
  const center: Vec3 = [mean(0), mean(1), mean(2)];
  const inertia: Symmetric3 = [0, 0, 0, 0, 0, 0];
  for (const { mass: m, center: c, inertia: i } of parts) {
    const x = c[0] - center[0];
    const y = c[1] - center[1];
    const z = c[2] - center[2];
    inertia[0] += i[0] + m * (y * y + z * z);
    inertia[1] += i[1] + m * (x * x + z * z);
    inertia[2] += i[2] + m * (x * x + y * y);
    inertia[3] += i[3] - m * x * y;
    inertia[4] += i[4] - m * x * z;
    inertia[5] += i[5] - m * y * z;
  }
  return { mass, center, inertia };
}

/** v / |v| */
export function unit(v: Vec3): Vec3 {
  const norm = hypot(v[0], v[1], v[2]);
  return [v[0] / norm, v[1] / norm, v[2] / norm];
}
