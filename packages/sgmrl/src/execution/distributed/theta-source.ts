/** θ as a worker gets it: fetched once per round, verified, and shared by its threads. */

import { sha256 } from "../../files/sha256.ts";
import type { Store } from "./broker.ts";
import { type GroupJob, sharedTheta } from "./protocol.ts";

/** Number of rounds whose θ is kept. */
const kept = 2;

/** Returns θ of a job, or undefined if its round is over. */
export function thetaSource(
  store: Pick<Store, "theta">,
  run: string,
): (job: Pick<GroupJob, "round" | "theta">) => Promise<Float64Array | undefined> {
  const thetas = new Map<string, Float64Array>();
  return async ({ round, theta: hash }) => {
    const known = thetas.get(hash);
    if (known !== undefined) return known;
    const bytes = await store.theta(run, round);
    if (bytes === undefined) return undefined;
    if (sha256(bytes) !== hash)
      throw new Error(`round ${round}: θ does not match its hash; it was damaged in transit`);
    if (thetas.size >= kept) thetas.delete(thetas.keys().next().value!);
    const theta = sharedTheta(bytes);
    thetas.set(hash, theta);
    return theta;
  };
}
