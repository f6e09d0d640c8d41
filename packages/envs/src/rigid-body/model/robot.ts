/** A vector in R^3, [m] unless said otherwise. */
export type Vec3 = readonly [number, number, number];

/**
 * How a soft constraint yields.
 *   timeConstant [s], dampingRatio [1]   of the spring-damper that removes a violation
 *   impedance (d0, dWidth, width, midpoint, power): the force share d(r) grows from d0 at
 *   r = 0 to dWidth at |r| = width (see constraint-law.ts)
 *   Source: MuJoCo documentation, "Solver parameters" (solref, solimp).
 */
export interface Softness {
  readonly timeConstant: number;
  readonly dampingRatio: number;
  readonly impedance: readonly [number, number, number, number, number];
}

/** What a shape or the floor brings to a contact; the pair's values are mixed in contact-pairs.ts. */
export interface Surface {
  /** Sliding friction coefficient [1]. */
  readonly friction: number;
  /** 1: frictionless; 3: friction along both tangents. */
  readonly contactDimension: 1 | 3;
  /** Distance at which a contact starts to act [m]. */
  readonly margin: number;
  readonly softness: Softness;
}

interface ShapeCommon {
  readonly name: string;
  /** In the body frame [m]. */
  readonly center: Vec3;
  readonly radius: number;
  /** [kg/m^3] */
  readonly density: number;
  readonly surface: Surface;
}

export interface Sphere extends ShapeCommon {
  readonly kind: "sphere";
}

/** All points within `radius` of the segment center ± halfLength · axis. */
export interface Capsule extends ShapeCommon {
  readonly kind: "capsule";
  /** Direction of the "+" end, in the body frame; normalised on compilation. */
  readonly axis: Vec3;
  readonly halfLength: number;
}

export type Shape = Sphere | Capsule;

interface JointCommon {
  readonly name: string;
  /** Rotor inertia added to the diagonal of the mass matrix [kg or kg m^2]. */
  readonly armature: number;
  /** Viscous force per unit velocity [N s/m or N m s/rad]. */
  readonly damping: number;
}

/** One degree of freedom: a translation along, or a rotation about, an axis fixed in the body. */
export interface AxialJoint extends JointCommon {
  readonly kind: "slide" | "hinge";
  readonly axis: Vec3;
  /** A point on the hinge axis, in the body frame [m]. */
  readonly anchor: Vec3;
  /** The coordinate of the pose in which the robot is described [m or rad]. */
  readonly reference: number;
  /** Spring towards 0 [N/m or N m/rad]. */
  readonly stiffness: number;
  /** Allowed coordinates, absent when unlimited [m or rad]. */
  readonly range?: readonly [number, number];
  readonly limitSoftness: Softness;
}

/** Six degrees of freedom: qpos = position (3), unit quaternion w x y z (4). */
export interface FreeJoint extends JointCommon {
  readonly kind: "free";
}

export type Joint = AxialJoint | FreeJoint;

/** A rigid body; in the described pose its frame is parallel to the world's. */
export interface Body {
  readonly name: string;
  /** Name of an earlier body, or "world". */
  readonly parent: string;
  /** Origin of the frame in the parent's frame [m]. */
  readonly position: Vec3;
  /** Applied in order; none welds the body to its parent. */
  readonly joints: readonly Joint[];
  readonly shapes: readonly Shape[];
}

/** A torque or force on one joint: gear · clamp(control, range). */
export interface Motor {
  readonly joint: string;
  readonly gear: number;
  readonly range: readonly [number, number];
}

/** A robot and its world, as data. SI units; x forward, z up. */
export interface Robot {
  readonly name: string;
  /** [s] */
  readonly timestep: number;
  readonly integrator: "euler" | "rk4";
  /** [m/s^2] */
  readonly gravity: Vec3;
  /** Masses and inertias are scaled to this sum when given [kg]. */
  readonly totalMass?: number;
  /** A medium at rest: density [kg/m^3], viscosity [Pa s]. */
  readonly fluid?: { readonly density: number; readonly viscosity: number };
  /** The plane z = height; absent for no contact with the ground. */
  readonly floor?: { readonly height: number; readonly surface: Surface };
  /** How the margins of two surfaces make that of a contact: see contact-pairs.ts. Without it, the largest counts. */
  readonly margins?: "largest" | "sum";
  /** Whether capsules of bodies other than parent and child collide. */
  readonly selfCollision: boolean;
  readonly bodies: readonly Body[];
  readonly motors: readonly Motor[];
}
