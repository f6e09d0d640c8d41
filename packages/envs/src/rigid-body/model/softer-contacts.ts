import { minimumImpedance } from "./constraint-law.ts";
import type { ContactPair, Model } from "./model.ts";

/** Whether a contact begins without force, so that its weight D = d/((1 − d) regularisation) begins at 0. */
const beginsWithoutForce = ({ law: { d0, dWidth } }: ContactPair): boolean =>
  d0 <= minimumImpedance && dWidth > d0;

/** The least depth [m] over which the impedance of such a contact rises; undefined if the model has none. */
export function contactDepth({ pairs }: Model): number | undefined {
  const depths = pairs.filter(beginsWithoutForce).map(({ law }) => law.width);
  return depths.length === 0 ? undefined : Math.min(...depths);
}

const softer = new WeakMap<Model, Map<number, Model>>();

/**
 * The robot whose contacts that begin without force stiffen over at least `depth` [m]:        [eq:softer-contacts]
 *   d(r) → d(r · width/depth) where width < depth
 * The same object for the same model and depth, so that its programs are compiled once; the model itself if it has no
 * such contact.
 */
export function withSofterContacts(model: Model, depth: number): Model {
  const isSoftened = (pair: ContactPair): boolean => beginsWithoutForce(pair) && pair.law.width < depth;
  if (!model.pairs.some(isSoftened)) return model;
  const own = softer.get(model) ?? new Map<number, Model>();
  softer.set(model, own);
  const made = own.get(depth) ?? {
    ...model,
    pairs: model.pairs.map((pair) =>
      isSoftened(pair) ? { ...pair, law: { ...pair.law, width: depth } } : pair,
    ),
  };
  own.set(depth, made);
  return made;
}
