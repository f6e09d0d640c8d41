/** A vector in R^3, [m] unless said otherwise. */
export type Vec3 = readonly [number, number, number];

/** A symmetric 3x3 matrix as (xx, yy, zz, xy, xz, yz). */
export type Symmetric3 = [number, number, number, number, number, number];

export interface MassProperties {
  /** [kg] */
  mass: number;
  /** Centre of mass [m]. */
  center: Vec3;
  /** About the centre of mass, axes of the body frame [kg m^2]. */
  inertia: Symmetric3;
}

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

/**
 * Which shapes may touch: two do if a bit of the group of either is among those that the other touches. Without it, a shape
 * touches the floor and, with selfCollision, all other shapes that have none.
 */
export interface Contacts {
  readonly groups: number;
  readonly touches: number;
}

interface ShapeCommon {
  readonly name: string;
  readonly contacts?: Contacts;
  /** In the body frame [m]. */
  readonly center: Vec3;
  readonly radius: number;
  /**
   * Axes of its equivalent box in a fluid, by rows, the third column along its own axis; without it, the axes of the
   * world turned the shortest way.
   */
  readonly boxFrame?: readonly [Vec3, Vec3, Vec3];
  /** [kg/m^3]; 0 where the body's mass is given otherwise. */
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
  /** Spring towards springReference, or 0 [N/m or N m/rad]. */
  readonly stiffness: number;
  readonly springReference?: number;
  /** Allowed coordinates, absent when unlimited [m or rad]. */
  readonly range?: readonly [number, number];
  /** How near the end of its range it is held back [m or rad]; 0 if absent. */
  readonly limitMargin?: number;
  readonly limitSoftness: Softness;
}

/** Six degrees of freedom: qpos = position (3), unit quaternion w x y z (4). */
export interface FreeJoint extends JointCommon {
  readonly kind: "free";
  /** The quaternion of the described pose; (1, 0, 0, 0) if absent. */
  readonly orientation?: readonly [number, number, number, number];
}

/** Three degrees of freedom about a point: qpos = unit quaternion w x y z (4). */
export interface BallJoint extends JointCommon {
  readonly kind: "ball";
  /** The point, in the body frame [m]. */
  readonly anchor: Vec3;
  /** The three axes, in the body frame, about which its quaternion and its velocity are expressed. */
  readonly axes: readonly [Vec3, Vec3, Vec3];
}

export type Joint = AxialJoint | FreeJoint | BallJoint;

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
  /** Mass that is not that of a shape. */
  readonly masses?: readonly MassProperties[];
}

/**
 * A torque or force on one joint, with u = clamp(control, range), l = gear · q and its rate:
 *   gear · clamp(gain u + bias_0 + bias_1 l + bias_2 dl/dt, forceRange)
 * A motor has gain 1 and no bias; a position servo gain k and bias (0, −k, −b).
 */
export interface Motor {
  readonly joint: string;
  readonly gear: number;
  /** May be infinite. */
  readonly range: readonly [number, number];
  readonly servo?: {
    readonly gain: number;
    readonly bias: Vec3;
    readonly forceRange: readonly [number, number];
  };
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
  readonly floor?: { readonly height: number; readonly surface: Surface; readonly contacts?: Contacts };
  /** How the margins of two surfaces make that of a contact: see contact-pairs.ts. Without it, the largest counts. */
  readonly margins?: "largest" | "sum";
  /** Whether shapes of bodies other than parent and child collide. */
  readonly selfCollision: boolean;
  /** Pairs of bodies that do not. */
  readonly excluded?: readonly (readonly [string, string])[];
  readonly bodies: readonly Body[];
  readonly motors: readonly Motor[];
}
