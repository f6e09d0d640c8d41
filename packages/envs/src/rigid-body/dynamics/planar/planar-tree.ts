import type { Model, Plane } from "../../model/model.ts";

/**
 * A body of a robot that moves in a plane with axes (u, v): what planar.ts knows of it, as fields with names. (Fields of
 * objects are also quicker than elements of typed arrays, whose bounds and buffers are checked at each access.)
 */
export interface PlanarBody {
  /** Its number in the model. */
  readonly index: number;
  /** Undefined for the world only. */
  readonly parent: PlanarBody | undefined;
  readonly dofs: readonly PlanarDof[];
  /** Frame origin in the parent's frame, centre of mass in the body's [m]. */
  readonly offsetU: number;
  readonly offsetV: number;
  readonly centerU: number;
  readonly centerV: number;
  /** Where the frame and the centre of mass are along the normal, at all times [m]. */
  readonly frameN: number;
  readonly centerN: number;
  /** [kg], and about the centre of mass and the normal [kg m²] */
  readonly bodyMass: number;
  readonly bodyInertia: number;

  /** Orientation and frame origin. */
  angle: number;
  cos: number;
  sin: number;
  u: number;
  v: number;
  /** Inertia about O: (m, h_u, h_v, I); of everything the body carries, once planarMassMatrix has run. */
  mass: number;
  hu: number;
  hv: number;
  inertia: number;
  /** Spatial velocity, and the linear part of the acceleration when qacc = 0; the angular part is 0. */
  velW: number;
  velU: number;
  velV: number;
  accU: number;
  accV: number;
  /** Spatial force (torque about O, force). */
  torque: number;
  forceU: number;
  forceV: number;
}

/** A degree of freedom of such a robot. */
export interface PlanarDof {
  readonly index: number;
  readonly body: PlanarBody;
  readonly qposAddress: number;
  readonly reference: number;
  readonly armature: number;
  /** Its row of the mass matrix: entries first <= k < end (see tree-factor.ts). */
  readonly first: number;
  readonly end: number;
  /** ±1 for a hinge along the normal or against it, 0 for a slide. */
  readonly turn: number;
  /** A slide's axis, a hinge's anchor, in the body frame. */
  readonly axisU: number;
  readonly axisV: number;
  readonly anchorU: number;
  readonly anchorV: number;

  /** The axis or the anchor in the world. */
  placedU: number;
  placedV: number;
  /** S: spatial velocity per unit rate. */
  w: number;
  u: number;
  v: number;
}

export interface PlanarTree extends Plane {
  /** The world first, parents before children. */
  readonly bodies: readonly PlanarBody[];
  readonly dofs: readonly PlanarDof[];
  /** The dofs of the mass matrix's entries, as in model.paths.dofs. */
  readonly entries: readonly PlanarDof[];
}

export function planarTree(model: Model, plane: Plane): PlanarTree {
  const { u, v, n } = plane;
  const { start } = model.paths;
  const bodies: PlanarBody[] = [];
  const dofs: PlanarDof[] = [];
  model.bodyParent.forEach((p, b) => {
    const t = 3 * b;
    const parent = b === 0 ? undefined : bodies[p]!;
    const own: PlanarDof[] = [];
    const frameN = (parent?.frameN ?? 0) + model.bodyPosition[t + n]!;
    const body: PlanarBody = {
      index: b,
      parent,
      dofs: own,
      offsetU: model.bodyPosition[t + u]!,
      offsetV: model.bodyPosition[t + v]!,
      centerU: model.bodyCenter[t + u]!,
      centerV: model.bodyCenter[t + v]!,
      frameN,
      centerN: frameN + model.bodyCenter[t + n]!,
      bodyMass: model.bodyMass[b]!,
      bodyInertia: model.bodyInertia[6 * b + n]!,
      ...{ angle: 0, cos: 1, sin: 0, u: 0, v: 0, mass: 0, hu: 0, hv: 0, inertia: 0 },
      ...{ velW: 0, velU: 0, velV: 0, accU: 0, accV: 0, torque: 0, forceU: 0, forceV: 0 },
    };
    bodies.push(body);
    for (let i = model.bodyFirstDof[b]!; i < model.bodyFirstDof[b + 1]!; i++) {
      const d = 3 * i;
      const qposAddress = model.dofQpos[i]!;
      own.push({
        index: i,
        body,
        qposAddress,
        reference: model.qpos0[qposAddress]!,
        armature: model.dofArmature[i]!,
        first: start[i]!,
        end: start[i + 1]!,
        turn: model.dofRotates[i] === 0 ? 0 : model.dofAxis[d + n]!,
        axisU: model.dofAxis[d + u]!,
        axisV: model.dofAxis[d + v]!,
        anchorU: model.dofAnchor[d + u]!,
        anchorV: model.dofAnchor[d + v]!,
        ...{ placedU: 0, placedV: 0, w: 0, u: 0, v: 0 },
      });
    }
    dofs.push(...own);
  });
  return { u, v, n, bodies, dofs, entries: Array.from(model.paths.dofs, (i) => dofs[i]!) };
}
