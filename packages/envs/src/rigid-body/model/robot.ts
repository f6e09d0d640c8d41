/** A vector in R^3, [m] unless said otherwise. */
export type Vec3 = readonly [number, number, number];

/** A rotation by its rows. */
export type Rotation = readonly [Vec3, Vec3, Vec3];

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
 * Parameters of a soft constraint.
 *   timeConstant [s], dampingRatio [1]   of the spring-damper that removes a violation
 *   impedance (d0, dWidth, width, midpoint, power): the impedance d(r) changes from d0 at
 *   r = 0 to dWidth at |r| = width (see constraint-law.ts)
 *   Source: MuJoCo documentation, "Solver parameters" (solref, solimp).
 */
export interface Softness {
  readonly timeConstant: number;
  readonly dampingRatio: number;
  readonly impedance: readonly [number, number, number, number, number];
}

/** Contact parameters of a shape or the floor; contact-pairs.ts mixes those of a pair. */
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
 * Bit masks: two shapes may touch if the `groups` of one share a bit with the `touches` of the other. A shape
 * without masks touches the floor and, with selfCollision, every other shape without masks.
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
  /** [kg/m^3]; 0 where the body's mass is given separately. */
  readonly density: number;
  readonly surface: Surface;
}

interface Round extends ShapeCommon {
  readonly radius: number;
  /**
   * Axes of the equivalent box in a fluid, as a rotation whose third column is along the shape's axis. If
   * absent, the shortest rotation that takes +z to that axis.
   */
  readonly boxFrame?: Rotation;
}

export interface Sphere extends Round {
  readonly kind: "sphere";
}

/** All points within `radius` of the segment center ± halfLength · axis. */
export interface Capsule extends Round {
  readonly kind: "capsule";
  /** Direction of the "+" end, in the body frame; normalised on compilation. */
  readonly axis: Vec3;
  readonly halfLength: number;
}

/** It touches the floor and spheres; a pair of a box and another shape that may touch is refused. */
export interface Box extends ShapeCommon {
  readonly kind: "box";
  /** The columns are the box's axes. */
  readonly axes: Rotation;
  /** Half of each edge [m]. */
  readonly halfSizes: Vec3;
}

export type Shape = Sphere | Capsule | Box;

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
  /** The coordinate in the pose in which the robot is described [m or rad]. */
  readonly reference: number;
  /** Constant of a spring at rest at springReference, or at 0 where that is absent [N/m or N m/rad]. */
  readonly stiffness: number;
  readonly springReference?: number;
  /** Allowed coordinates, absent when unlimited [m or rad]. */
  readonly range?: readonly [number, number];
  /** Distance from an end of the range at which the limit starts to act [m or rad]; 0 if absent. */
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
  /** The three axes, in the body frame, in which the quaternion and the velocity are expressed. */
  readonly axes: readonly [Vec3, Vec3, Vec3];
  /** How far the orientation may turn from that of the described pose; absent when unlimited. */
  readonly limit?: {
    /** [rad] */
    readonly angle: number;
    /** As `limitMargin` of an axial joint. */
    readonly margin: number;
    readonly softness: Softness;
  };
}

export type Joint = AxialJoint | FreeJoint | BallJoint;

/** A rigid body; in the described pose its frame is parallel to the world's. */
export interface Body {
  readonly name: string;
  /** Name of an earlier body, or "world". */
  readonly parent: string;
  /** Origin of the frame in the parent's frame [m]. */
  readonly position: Vec3;
  /** Applied in order; a body without joints is welded to its parent. */
  readonly joints: readonly Joint[];
  readonly shapes: readonly Shape[];
  /** Mass in addition to that of the shapes. */
  readonly masses?: readonly MassProperties[];
}

/**
 * A torque or force on one joint, with u = clamp(control, range), length l = gear · q and its rate dl/dt:
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

/** The plane normal · x = height: z = height if there is no normal. */
export interface Floor {
  /** [m] */
  readonly height: number;
  /** Unit vector out of the ground; (0, 0, 1) if absent. */
  readonly normal?: Vec3;
  readonly surface: Surface;
  readonly contacts?: Contacts;
}

/** A robot and its world, as data. SI units; x forward, z up. */
export interface Robot {
  readonly name: string;
  /** [s] */
  readonly timestep: number;
  readonly integrator: "euler" | "rk4";
  /** [m/s^2] */
  readonly gravity: Vec3;
  /** If given, masses and inertias are scaled so that the masses sum to this [kg]. */
  readonly totalMass?: number;
  /** A medium at rest: density [kg/m^3], viscosity [Pa s]. */
  readonly fluid?: { readonly density: number; readonly viscosity: number };
  /** If absent, nothing touches the ground. */
  readonly floor?: Floor;
  /** A contact's margin: the larger of the two surfaces' (default), or their sum; see contact-pairs.ts. */
  readonly margins?: "largest" | "sum";
  /** Whether shapes of bodies other than parent and child collide. */
  readonly selfCollision: boolean;
  /** Pairs of bodies, by name, whose shapes do not collide. */
  readonly excluded?: readonly (readonly [string, string])[];
  readonly bodies: readonly Body[];
  readonly motors: readonly Motor[];
}
