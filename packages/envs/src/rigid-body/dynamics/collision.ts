import { minimumValue } from "../model/constraint-law.ts";
import type { ContactPair, Model, ModelBox, ModelShape } from "../model/model.ts";
import type { Contact, PlacedSegment, Workspace } from "./workspace.ts";

/** Finds every contact of the current pose, in the order of the model's pairs. */
export function collide(model: Model, ws: Workspace): void {
  ws.contactCount = 0;
  for (let p = 0; p < model.pairs.length; p++) {
    const pair = model.pairs[p]!;
    if (pair.first === undefined) collideWithFloor(model, ws, p, pair);
    else if (pair.box !== undefined) collideSphereBox(ws, p, pair, pair.first, pair.box);
    else collideCapsules(ws, p, pair, pair.first);
  }
}

/**
 * Floor n · x = z0 against each end sphere e = c ± h u of a capsule (radius r), independently:     [eq:collision]
 *   dist = n·e − z0 − r                     a contact when dist < margin
 *   P    = e − (n·e) n + (z0 + dist/2) n    half way between the sphere's lowest point and the floor
 *   t1   = u − (n·u) n, normalised ((1, 0, 0) if that is 0),   t2 = n × t1
 * A sphere is one such end with the tangents of `tangents`. A box has a contact with r = 0 and these tangents at the
 * lower end of each of its four diagonals: at most four, and none at the corners above its center however deep it is.
 * In a planar robot t1 lies in the plane: for a sphere, a box and a capsule across it, t1 and t2 change places.
 */
function collideWithFloor(model: Model, ws: Workspace, index: number, pair: ContactPair): void {
  const { rotation: R, segment1 } = ws;
  const shape = pair.second;
  const { cx, cy, cz, ux, uy, uz, halfLength, radius } = shape;
  const r = 9 * shape.body;
  if (model.floorNormal[2] === 1) {
    // Most shapes are far above a level floor.
    const z = ws.position[3 * shape.body + 2]! + R[r + 6]! * cx + R[r + 7]! * cy + R[r + 8]! * cz;
    const az = halfLength * (R[r + 6]! * ux + R[r + 7]! * uy + R[r + 8]! * uz);
    if (z - Math.abs(az) - model.floorHeight - radius >= pair.law.margin) return;
  }
  placeCenter(ws, shape, segment1);
  placeAxis(ws, shape, segment1);
  if (shape.kind === "sphere") {
    floorContact(model, ws, index, pair, 0);
    return;
  }
  if (shape.kind === "diagonal") {
    const [nx, ny, nz] = model.floorNormal;
    const rise = nx * segment1.ax + ny * segment1.ay + nz * segment1.az;
    floorContact(model, ws, index, pair, rise > 0 ? -1 : 1);
    return;
  }
  floorContact(model, ws, index, pair, 1);
  floorContact(model, ws, index, pair, -1);
}

/** Adds a contact at the end c + end · a of the shape in ws.segment1, if the floor is within the margin. */
function floorContact(model: Model, ws: Workspace, index: number, pair: ContactPair, end: -1 | 0 | 1): void {
  const { cx, cy, cz, ax, ay, az } = ws.segment1;
  const shape = pair.second;
  const z0 = model.floorHeight;
  const [nx, ny, nz] = model.floorNormal;
  const x = cx + end * ax;
  const y = cy + end * ay;
  const z = cz + end * az;
  const height = nx * x + ny * y + nz * z;
  const distance = height - z0 - shape.radius;
  if (distance >= pair.law.margin) return;
  const contact = nextContact(ws, index, undefined, shape);
  contact.distance = distance;
  contact.firstAt = 0;
  contact.secondAt = end;
  const level = z0 + distance / 2;
  set(
    contact.position,
    x - height * nx + level * nx,
    y - height * ny + level * ny,
    z - height * nz + level * nz,
  );
  set(contact.normal, nx, ny, nz);
  const t = contact.tangent1;
  if (hasFloorTangent(model, shape)) {
    const [tx, ty, tz] = model.floorTangent;
    set(t, tx, ty, tz);
  } else {
    const rise = nx * ax + ny * ay + nz * az;
    const tx = ax - rise * nx;
    const ty = ay - rise * ny;
    const tz = az - rise * nz;
    const length = Math.sqrt(tx * tx + ty * ty + tz * tz);
    if (length < minimumValue * shape.halfLength) set(t, 1, 0, 0);
    else set(t, tx / length, ty / length, tz / length);
  }
  set(contact.tangent2, ny * t[2]! - nz * t[1]!, nz * t[0]! - nx * t[2]!, nx * t[1]! - ny * t[0]!);
}

/**
 * Two capsules: the closest points c1 + x1 a1 and c2 + x2 a2 of their segments (a = h u, |x| <= 1),  [eq:collision]
 * then one sphere-sphere test. With d = c1 − c2,
 *   A = a1·a1, B = −a1·a2, C = a2·a2, p = −a1·d, q = a2·d, Δ = A C − B²
 *   x1 = (C p − B q)/Δ,  x2 = (A q − B p)/Δ     then clamp one, solve for the other, clamp
 * Parallel segments (Δ ≈ 0) are tested at their ends, until two contacts are found. A pair whose |d| exceeds
 * its reach, the sum of half-lengths, radii and margin, is skipped.
 */
function collideCapsules(ws: Workspace, index: number, pair: ContactPair, first: ModelShape): void {
  const { segment1: s1, segment2: s2 } = ws;
  placeCenter(ws, first, s1);
  placeCenter(ws, pair.second, s2);
  const dx = s1.cx - s2.cx;
  const dy = s1.cy - s2.cy;
  const dz = s1.cz - s2.cz;
  if (dx * dx + dy * dy + dz * dz > pair.reach * pair.reach) return;
  placeAxis(ws, first, s1);
  placeAxis(ws, pair.second, s2);
  const A = s1.ax * s1.ax + s1.ay * s1.ay + s1.az * s1.az;
  const B = -(s1.ax * s2.ax + s1.ay * s2.ay + s1.az * s2.az);
  const C = s2.ax * s2.ax + s2.ay * s2.ay + s2.az * s2.az;
  const p = -(s1.ax * dx + s1.ay * dy + s1.az * dz);
  const q = s2.ax * dx + s2.ay * dy + s2.az * dz;
  const det = A * C - B * B;
  if (first.halfLength === 0 || pair.second.halfLength === 0) {
    sphereContact(ws, index, pair, first, A > 0 ? clampUnit(p / A) : 0, C > 0 ? clampUnit(q / C) : 0, 1);
    return;
  }
  if (Math.abs(det) >= minimumValue) {
    let x1 = (C * p - B * q) / det;
    let x2 = (A * q - B * p) / det;
    if (x1 > 1 || x1 < -1) {
      x1 = x1 > 1 ? 1 : -1;
      x2 = (q - x1 * B) / C;
    }
    if (x2 > 1 || x2 < -1) {
      x2 = x2 > 1 ? 1 : -1;
      x1 = clampUnit((p - x2 * B) / A);
    }
    const interior = Math.abs(x1) < 1 && Math.abs(x2) < 1;
    sphereContact(ws, index, pair, first, x1, x2, interior ? det / (A * C) : 1);
    return;
  }
  let found = 0;
  for (const x1 of ends)
    found += sphereContact(ws, index, pair, first, x1, clampUnit((q - x1 * B) / C), 1) ? 1 : 0;
  for (const x2 of ends) {
    if (found === 2) return;
    found += sphereContact(ws, index, pair, first, clampUnit((p - x2 * B) / A), x2, 1) ? 1 : 0;
  }
}

/**
 * Spheres at p1 and p2: n = (p2 − p1)/|p2 − p1|, dist = |p2 − p1| − r1 − r2, P = p1 + n (r1 + dist/2).
 * The normal points from the first body to the second. Where p1 = p2, as where two axes cross, it is
 *   n = u1 × u2 / |u1 × u2|,   (1, 0, 0) if the axes are parallel
 * In a planar robot that is the plane's normal, so the contact pushes nothing. Axes at an angle φ, with
 * sine2 = sin² φ, count as crossing if their closest points differ by rounding alone, which grows as 1/sin φ.
 */
function sphereContact(
  ws: Workspace,
  index: number,
  pair: ContactPair,
  first: ModelShape,
  x1: number,
  x2: number,
  sine2: number,
): boolean {
  const { segment1: s1, segment2: s2 } = ws;
  const px = s1.cx + x1 * s1.ax;
  const py = s1.cy + x1 * s1.ay;
  const pz = s1.cz + x1 * s1.az;
  const nx = s2.cx + x2 * s2.ax - px;
  const ny = s2.cy + x2 * s2.ay - py;
  const nz = s2.cz + x2 * s2.az - pz;
  const length = Math.sqrt(nx * nx + ny * ny + nz * nz);
  const distance = length - first.radius - pair.second.radius;
  if (distance >= pair.law.margin) return false;
  const contact = nextContact(ws, index, first, pair.second);
  contact.distance = distance;
  contact.firstAt = x1;
  contact.secondAt = x2;
  const coordinates =
    Math.abs(s1.cx) + Math.abs(s1.cy) + Math.abs(s1.cz) + first.halfLength + pair.second.halfLength;
  const rounding = Math.max(minimumValue, indistinct * coordinates);
  if (length * length * sine2 <= rounding * rounding) perpendicular(s1, s2, contact.normal);
  else set(contact.normal, nx / length, ny / length, nz / length);
  const reach = first.radius + distance / 2;
  const n = contact.normal;
  set(contact.position, px + n[0]! * reach, py + n[1]! * reach, pz + n[2]! * reach);
  if (pair.contactDimension === 3) tangents(contact);
  return true;
}

/**
 * A sphere of center p and radius r against a box of half-sizes h, in the box's axes about its center  [eq:sphere-box]
 *   q = clamp(p, ±h)          the box's nearest point
 *   outside   n = (q − p)/|q − p|                dist = |q − p| − r      P = (q + p + r n)/2
 *   inside    n = −outward normal of the         dist = −f − r           P = p − n (f − r)/2
 *             nearest face, f away
 * The normal points from the sphere to the box.
 */
function collideSphereBox(
  ws: Workspace,
  index: number,
  pair: ContactPair,
  sphere: ModelShape,
  box: ModelBox,
): void {
  const { segment1: s, segment2: b, rotation: R } = ws;
  placeCenter(ws, sphere, s);
  placeCenter(ws, pair.second, b);
  const [dx, dy, dz] = [s.cx - b.cx, s.cy - b.cy, s.cz - b.cz];
  if (dx * dx + dy * dy + dz * dz > pair.reach * pair.reach) return;
  const o = 9 * box.body;
  /** A row of the box's axes in the world. */
  const axes = [0, 3, 6].map((row) =>
    [0, 1, 2].map((k) => {
      const [x, y, z] = [box.axes[0][k]!, box.axes[1][k]!, box.axes[2][k]!];
      return R[o + row]! * x + R[o + row + 1]! * y + R[o + row + 2]! * z;
    }),
  ) as [number[], number[], number[]];
  const p = [0, 1, 2].map((k) => axes[0][k]! * dx + axes[1][k]! * dy + axes[2][k]! * dz);
  const q = p.map((x, k) => Math.min(box.halfSizes[k]!, Math.max(-box.halfSizes[k]!, x)));
  const r = sphere.radius;
  const gap = q.map((x, k) => x - p[k]!) as [number, number, number];
  const length = Math.sqrt(gap[0] * gap[0] + gap[1] * gap[1] + gap[2] * gap[2]);
  const depths = p.map((x, k) => box.halfSizes[k]! - Math.abs(x));
  const f = Math.min(...depths);
  const isInside = length <= minimumValue;
  const face = depths.indexOf(f);
  const n = gap.map((x, k) => (isInside ? (k === face ? (p[k]! < 0 ? 1 : -1) : 0) : x / length));
  const distance = isInside ? -f - r : length - r;
  if (distance >= pair.law.margin) return;
  const contact = nextContact(ws, index, sphere, pair.second);
  contact.distance = distance;
  contact.firstAt = 0;
  contact.secondAt = 0;
  const P = p.map((x, k) => (isInside ? x - (n[k]! * (f - r)) / 2 : (q[k]! + x + r * n[k]!) / 2));
  const world = (v: readonly number[], row: readonly number[]) =>
    row[0]! * v[0]! + row[1]! * v[1]! + row[2]! * v[2]!;
  set(contact.normal, world(n, axes[0]), world(n, axes[1]), world(n, axes[2]));
  set(contact.position, b.cx + world(P, axes[0]), b.cy + world(P, axes[1]), b.cz + world(P, axes[2]));
  if (pair.contactDimension === 3) tangents(contact);
}

/** Whether t1 is the model's, whatever the pose. */
function hasFloorTangent({ plane }: Model, { kind, ux, uy, uz }: ModelShape): boolean {
  return kind !== "capsule" || (plane !== undefined && [ux, uy, uz][plane.n] !== 0);
}

interface Frame {
  readonly normal: ArrayLike<number>;
  readonly tangent1: Float64Array;
  readonly tangent2: Float64Array;
}

/** t1 = the y axis, or z where n is within 60° of y, made orthogonal to n and normalised; t2 = n × t1. */
export function tangents({ normal: n, tangent1, tangent2 }: Frame): void {
  const nx = n[0]!;
  const ny = n[1]!;
  const nz = n[2]!;
  const along = Math.abs(ny) < 0.5 ? ny : nz;
  const x = -along * nx;
  const y = (Math.abs(ny) < 0.5 ? 1 : 0) - along * ny;
  const z = (Math.abs(ny) < 0.5 ? 0 : 1) - along * nz;
  const norm = Math.sqrt(x * x + y * y + z * z);
  set(tangent1, x / norm, y / norm, z / norm);
  set(tangent2, (ny * z - nz * y) / norm, (nz * x - nx * z) / norm, (nx * y - ny * x) / norm);
}

/** Points closer than this, relative to their coordinates, may differ by rounding alone. */
const indistinct = 16 * Number.EPSILON;

/** out = a1 × a2 / |a1 × a2|, or (1, 0, 0). */
function perpendicular(s1: PlacedSegment, s2: PlacedSegment, out: Float64Array): void {
  const x = s1.ay * s2.az - s1.az * s2.ay;
  const y = s1.az * s2.ax - s1.ax * s2.az;
  const z = s1.ax * s2.ay - s1.ay * s2.ax;
  const norm = Math.sqrt(x * x + y * y + z * z);
  const lengths = Math.sqrt(
    (s1.ax * s1.ax + s1.ay * s1.ay + s1.az * s1.az) * (s2.ax * s2.ax + s2.ay * s2.ay + s2.az * s2.az),
  );
  if (!(norm >= minimumValue * lengths) || norm === 0) set(out, 1, 0, 0);
  else set(out, x / norm, y / norm, z / norm);
}

const ends = [1, -1] as const;

function placeCenter(ws: Workspace, shape: ModelShape, out: PlacedSegment): void {
  const { rotation: R, position } = ws;
  const r = 9 * shape.body;
  const t = 3 * shape.body;
  const { cx, cy, cz } = shape;
  out.cx = position[t]! + R[r]! * cx + R[r + 1]! * cy + R[r + 2]! * cz;
  out.cy = position[t + 1]! + R[r + 3]! * cx + R[r + 4]! * cy + R[r + 5]! * cz;
  out.cz = position[t + 2]! + R[r + 6]! * cx + R[r + 7]! * cy + R[r + 8]! * cz;
}

function placeAxis(ws: Workspace, shape: ModelShape, out: PlacedSegment): void {
  const R = ws.rotation;
  const r = 9 * shape.body;
  const { ux, uy, uz, halfLength: h } = shape;
  out.ax = h * (R[r]! * ux + R[r + 1]! * uy + R[r + 2]! * uz);
  out.ay = h * (R[r + 3]! * ux + R[r + 4]! * uy + R[r + 5]! * uz);
  out.az = h * (R[r + 6]! * ux + R[r + 7]! * uy + R[r + 8]! * uz);
}

function nextContact(
  ws: Workspace,
  pair: number,
  first: ModelShape | undefined,
  second: ModelShape,
): Contact {
  const contact = ws.contacts[ws.contactCount++]!;
  contact.pair = pair;
  contact.first = first;
  contact.second = second;
  return contact;
}

function clampUnit(x: number): number {
  return Math.min(1, Math.max(-1, x));
}

function set(v: Float64Array, x: number, y: number, z: number): void {
  v[0] = x;
  v[1] = y;
  v[2] = z;
}
