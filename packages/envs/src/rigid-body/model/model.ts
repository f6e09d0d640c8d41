import type { ConstraintLaw } from "./constraint-law.ts";
import type { Motor, Rotation, Vec3 } from "./robot.ts";
import type { TreePaths } from "./tree-factor.ts";

/** A joint's range: a row appears when the coordinate leaves it. */
export interface JointLimit {
  readonly joint: string;
  readonly qposAddress: number;
  readonly dof: number;
  readonly low: number;
  readonly high: number;
  readonly law: ConstraintLaw;
}

/** The largest angle of a ball joint's orientation: a row appears beyond it. */
export interface BallLimit {
  readonly joint: string;
  /** Of the quaternion. */
  readonly qposAddress: number;
  /** The first of three. */
  readonly dof: number;
  readonly angle: number;
  readonly law: ConstraintLaw;
}

/**
 * A segment in its body's frame with a radius; a sphere has half-length 0. Where the floor meets a box it meets its
 * four diagonals, which have radius 0 and touch with the lower end only.
 */
export interface ModelShape {
  readonly name: string;
  readonly kind: "sphere" | "capsule" | "diagonal";
  readonly body: number;
  /** Index of the body in the robot, before welded bodies are merged. */
  readonly part: number;
  readonly cx: number;
  readonly cy: number;
  readonly cz: number;
  /** Unit axis. */
  readonly ux: number;
  readonly uy: number;
  readonly uz: number;
  readonly halfLength: number;
  readonly radius: number;
}

/** A box in its body's frame. */
export interface ModelBox {
  readonly name: string;
  readonly kind: "box";
  readonly body: number;
  readonly part: number;
  readonly cx: number;
  readonly cy: number;
  readonly cz: number;
  /** The columns are the box's axes. */
  readonly axes: Rotation;
  readonly halfSizes: Vec3;
}

/** Two shapes that may touch; `first` is absent for the floor. */
export interface ContactPair {
  readonly first: ModelShape | undefined;
  readonly second: ModelShape;
  /** A box that `first`, a sphere, may touch; `second` is then the sphere around it. */
  readonly box?: ModelBox;
  readonly contactDimension: 1 | 3;
  /** Centres farther apart than this cannot touch [m]; infinite for the floor. */
  readonly reach: number;
  /** μ along both tangents [1]. */
  readonly friction: number;
  readonly law: ConstraintLaw;
}

/** Drag coefficients of the fluid on a body, in the axes of its equivalent box: see fluid-box.ts. */
export interface FluidBox {
  readonly body: number;
  /** Rotation from the box's frame to the body's, row-major. */
  readonly frame: Float64Array;
  /** [N s/m] and [N m s/rad] */
  readonly linearDrag: number;
  readonly angularDrag: number;
  /** Per axis [N s²/m²] and [N m s²/rad²]. */
  readonly quadraticDrag: Float64Array;
  readonly quadraticSpin: Float64Array;
}

/** Which coordinate axes span a plane, and which is its normal; (u, v, n) is right-handed. */
export interface Plane {
  readonly u: 0 | 1 | 2;
  readonly v: 0 | 1 | 2;
  readonly n: 0 | 1 | 2;
}

/** A joint's coordinates in qpos, and the first of the dofs in qvel that move them. */
export interface Coordinate {
  readonly joint: string;
  readonly kind: "axial" | "free" | "ball";
  readonly qposAddress: number;
  readonly dof: number;
}

/**
 * A robot compiled to arrays. Bodies are numbered from 1 in the robot's order (0 is the world), welded ones merged,
 * degrees of freedom ("dofs") in the order of their joints; per-body vectors have stride 3.
 */
export interface Model {
  readonly name: string;
  /** h [s] */
  readonly timestep: number;
  readonly integrator: "euler" | "rk4";
  /** [m/s^2] */
  readonly gravity: readonly [number, number, number];
  readonly nq: number;
  readonly nv: number;
  readonly nu: number;
  /** The pose in which the robot is described. */
  readonly qpos0: Float64Array;

  /** The plane to which the robot's motion is confined, if any: see plane.ts. */
  readonly plane: Plane | undefined;

  /** Names of the robot's bodies, the world first; indexed by `part`. */
  readonly partNames: readonly string[];
  readonly bodyParent: Int32Array;
  /** Frame origin in the parent's frame [m]. */
  readonly bodyPosition: Float64Array;
  /** [kg] */
  readonly bodyMass: Float64Array;
  /** Centre of mass in the body frame [m]. */
  readonly bodyCenter: Float64Array;
  /** About the centre of mass, body axes: (xx, yy, zz, xy, xz, yz), stride 6 [kg m^2]. */
  readonly bodyInertia: Float64Array;
  /** Dofs of a body: bodyFirstDof[b] <= i < bodyFirstDof[b + 1]. */
  readonly bodyFirstDof: Int32Array;
  /** Last dof on the path from the world to the body, −1 when there is none. */
  readonly bodyLastDof: Int32Array;
  /** 1 if the body's only joint is free, else 0. */
  readonly bodyIsFree: Uint8Array;
  /** By part: (translational, rotational) inverse inertia at qpos0, stride 2 [1/kg, 1/(kg m^2)]. */
  readonly bodyInverseWeight: Float64Array;

  readonly coordinates: readonly Coordinate[];
  /** The quaternions of free and ball joints: address, and first of the three dofs that turn it. */
  readonly quaternions: readonly { readonly qposAddress: number; readonly dof: number }[];
  readonly dofJoint: readonly string[];
  readonly dofBody: Int32Array;
  /** The previous dof on the path to the world, −1 at its start. */
  readonly dofParent: Int32Array;
  /** 1 for a rotation, 0 for a translation. */
  readonly dofRotates: Uint8Array;
  /** Address in qpos; −1 for the rotations of free and ball joints. */
  readonly dofQpos: Int32Array;
  /** The quaternion's address at a ball joint's first dof; −1 elsewhere. */
  readonly dofBall: Int32Array;
  /** Unit axis and a point on it, in the body frame, stride 3. */
  readonly dofAxis: Float64Array;
  readonly dofAnchor: Float64Array;
  /** Spring constant [N/m or N m/rad], and the coordinate at which the spring is at rest. */
  readonly dofStiffness: Float64Array;
  readonly dofSpringReference: Float64Array;
  /** [N s/m or N m s/rad] */
  readonly dofDamping: Float64Array;
  /** [kg or kg m^2] */
  readonly dofArmature: Float64Array;
  /** Diagonal of M⁻¹ at qpos0. */
  readonly dofInverseWeight: Float64Array;
  /** Whether any damping is positive. */
  readonly isDamped: boolean;
  /** dofMovesBody[b · nv + i] is 1 if dof i moves body b, else 0. */
  readonly dofMovesBody: Uint8Array;
  /** Sparsity pattern of M and of M + JᵀDJ; dense when bodies of the robot can touch each other. */
  readonly paths: TreePaths;
  /** Entries of the pattern that are 0 in M: pairs of dofs on different branches of the tree. */
  readonly strangers: Int32Array;

  readonly motorDof: Int32Array;
  readonly motorGear: Float64Array;
  readonly motorLow: Float64Array;
  readonly motorHigh: Float64Array;
  /** Undefined for a plain motor. */
  readonly motorServo: readonly Motor["servo"][];

  readonly limits: readonly JointLimit[];
  readonly ballLimits: readonly BallLimit[];
  readonly shapes: readonly (ModelShape | ModelBox)[];
  /** The floor is normal · x = height [m]; unused if no pair involves the floor. */
  readonly floorHeight: number;
  readonly floorNormal: Vec3;
  /** First tangent at a sphere or a box; in a planar robot, at every shape up to its sign. */
  readonly floorTangent: Vec3;
  readonly pairs: readonly ContactPair[];
  /** One for each body in a fluid; empty without a fluid. */
  readonly fluidBoxes: readonly FluidBox[];
}
