import type { Model, ModelShape } from "../model/model.ts";

/** A point at which two shapes touch; all vectors in world axes. */
export interface Contact {
  pair: number;
  /** The side that the normal points away from; undefined for the floor. */
  first: ModelShape | undefined;
  second: ModelShape;
  /** Positions of the closest points on the shapes' segments, −1 to 1; 0 for the floor and for spheres. */
  firstAt: number;
  secondAt: number;
  /** Gap along the normal, negative when penetrating [m]. */
  distance: number;
  position: Float64Array;
  normal: Float64Array;
  tangent1: Float64Array;
  tangent2: Float64Array;
  /** distance − margin [m] */
  r: number;
  /** d(r) */
  impedance: number;
  /** Index of its first constraint row. */
  row: number;
}

/** Consecutive rows N + s T with one N and T: a limit, a frictionless contact, the edges along a tangent. */
export interface RowGroup {
  /** The dofs of N and T: paths.dofs[path + k], 0 <= k < length. */
  path: number;
  length: number;
  /** Rows first <= r < end. */
  first: number;
  end: number;
}

/** The segment c ± a in the world [m]. */
export interface PlacedSegment {
  cx: number;
  cy: number;
  cz: number;
  ax: number;
  ay: number;
  az: number;
}

/** Memory for one forward pass. Spatial vectors are (angular, linear at the point O), stride 6. */
export interface Workspace {
  /** O: the origin of the first body's frame, about which all spatial vectors are taken [m]. */
  readonly origin: Float64Array;
  /** Body frame to world, row-major, stride 9. */
  readonly rotation: Float64Array;
  /** Frame origins [m]. */
  readonly position: Float64Array;
  /** Centres of mass [m]. */
  readonly center: Float64Array;
  readonly axis: Float64Array;
  readonly anchor: Float64Array;
  /** S_i: spatial velocity per unit rate of dof i. */
  readonly motion: Float64Array;
  /** Body inertia about O: (m, h = m c, I_O), stride 10. */
  readonly inertia: Float64Array;
  /** Spatial velocity of each body, and its acceleration when qacc = 0. */
  readonly velocity: Float64Array;
  readonly acceleration: Float64Array;
  /** Spatial force (torque about O, force). */
  readonly force: Float64Array;

  /** M(q), and the matrix of the system being solved, stored by paths: see tree-factor.ts. */
  readonly mass: Float64Array;
  readonly hessian: Float64Array;
  /** Scratch: the factor of either. */
  readonly factor: Float64Array;
  readonly bias: Float64Array;
  /** f = passive − bias + actuator */
  readonly smooth: Float64Array;

  contactCount: number;
  readonly contacts: readonly Contact[];
  readonly segment1: PlacedSegment;
  readonly segment2: PlacedSegment;
  rowCount: number;
  /** Number of limits and pyramid edges: rows, with a row of double weight counted twice. */
  edgeCount: number;
  groupCount: number;
  readonly groups: readonly RowGroup[];
  /** N and T of group g, for dof paths.dofs[path + k] at 2 (g nv + k) and the next; for other dofs 0. */
  readonly directions: Float64Array;
  /** s: the row is N + s T of its group. */
  readonly rowSlide: Float64Array;
  readonly rowReference: Float64Array;
  readonly rowWeight: Float64Array;
  /** J a − aref at the solver's iterate and at its candidate. */
  readonly rowGap: Float64Array;
  readonly rowCandidateGap: Float64Array;

  /** Scratch of bodyContactForces. */
  readonly contactForce: Float64Array;

  /** The solver's a⁺, a⁺ − a, and M times a vector. */
  readonly candidate: Float64Array;
  readonly direction: Float64Array;
  readonly product: Float64Array;
  /** The solution a. */
  readonly acc: Float64Array;
  solverIterations: number;

  /** Runge-Kutta: stage state and weighted sums. */
  readonly stageQpos: Float64Array;
  readonly stageQvel: Float64Array;
  readonly stageVelocitySum: Float64Array;
  readonly stageAccelerationSum: Float64Array;
}

const own = new WeakMap<Model, Workspace>();

/** The model's default workspace, created on first use and kept. */
export function workspaceOf(model: Model): Workspace {
  const known = own.get(model);
  if (known !== undefined) return known;
  const made = createWorkspace(model);
  own.set(model, made);
  return made;
}

/** Sized for the worst case: two points per pair, each with four rows in two groups; two rows per limit, one per ball. */
export function createWorkspace(model: Model): Workspace {
  const { bodyParent, nq, nv, paths, pairs, limits, ballLimits } = model;
  const bodies = bodyParent.length;
  const matrixEntries = paths.dofs.length;
  const maxContacts = 2 * pairs.length;
  const maxLimits = 2 * limits.length + ballLimits.length;
  const maxRows = maxLimits + 4 * maxContacts;
  const maxGroups = maxLimits + 2 * maxContacts;
  const f = (n: number) => new Float64Array(n);
  const rotation = f(9 * bodies);
  for (let k = 0; k < rotation.length; k++) rotation[k] = (k % 9) % 4 === 0 ? 1 : 0;
  return {
    origin: f(3),
    rotation,
    position: f(3 * bodies),
    center: f(3 * bodies),
    axis: f(3 * nv),
    anchor: f(3 * nv),
    motion: f(6 * nv),
    inertia: f(10 * bodies),
    velocity: f(6 * bodies),
    acceleration: f(6 * bodies),
    force: f(6 * bodies),
    mass: f(matrixEntries),
    hessian: f(matrixEntries),
    factor: f(matrixEntries),
    bias: f(nv),
    smooth: f(nv),
    contactCount: 0,
    contacts: Array.from({ length: maxContacts }, emptyContact),
    segment1: { cx: 0, cy: 0, cz: 0, ax: 0, ay: 0, az: 0 },
    segment2: { cx: 0, cy: 0, cz: 0, ax: 0, ay: 0, az: 0 },
    rowCount: 0,
    edgeCount: 0,
    groupCount: 0,
    groups: Array.from({ length: maxGroups }, () => ({ path: 0, length: 0, first: 0, end: 0 })),
    directions: f(2 * nv * maxGroups),
    rowSlide: f(maxRows),
    rowReference: f(maxRows),
    rowWeight: f(maxRows),
    rowGap: f(maxRows),
    rowCandidateGap: f(maxRows),
    contactForce: f(3),
    candidate: f(nv),
    product: f(nv),
    direction: f(nv),
    acc: f(nv),
    solverIterations: 0,
    stageQpos: f(nq),
    stageQvel: f(nv),
    stageVelocitySum: f(nv),
    stageAccelerationSum: f(nv),
  };
}

const nowhere: ModelShape = {
  name: "",
  kind: "sphere",
  body: 0,
  part: 0,
  cx: 0,
  cy: 0,
  cz: 0,
  ux: 0,
  uy: 0,
  uz: 1,
  halfLength: 0,
  radius: 0,
};

function emptyContact(): Contact {
  return {
    pair: -1,
    first: undefined,
    second: nowhere,
    firstAt: 0,
    secondAt: 0,
    distance: 0,
    position: new Float64Array(3),
    normal: new Float64Array(3),
    tangent1: new Float64Array(3),
    tangent2: new Float64Array(3),
    r: 0,
    impedance: 0,
    row: -1,
  };
}
