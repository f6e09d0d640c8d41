import { fold, key } from "@sgmrl/autodiff/random";
import { workspaceOf } from "../../../src/rigid-body/dynamics/workspace.ts";
import { compileModel, robotFromMjcf, step } from "../../../src/rigid-body/index.ts";
import { largestDifference } from "./measure-parity.ts";
import { nearStart } from "./mjcf-models.ts";
import { loadLatestXml, loadOfficialXml, type Release } from "./official.ts";

/** One step of a robot from MJCF against the official engine. */
export interface MjcfParity {
  readonly states: number;
  /** Those with contacts. */
  readonly touching: number;
  /** Largest |Δqvel| and |Δqpos|, relative to the largest speed reached where that exceeds 1. */
  readonly difference: number;
  /** The state in which it was found. */
  readonly worst: number;
  /** States in which the numbers of contacts or of constraint rows differ. */
  readonly countMismatches: number;
}

/** One step from `states` random states near the described pose; `tolerance` is where the official solver stops, 1e-8. */
export async function measureMjcf(
  name: string,
  xml: string,
  states: number,
  seed: number,
  { release = "3.3.8", tolerance }: { readonly release?: Release; readonly tolerance?: number } = {},
): Promise<MjcfParity> {
  const option = tolerance === undefined ? "" : `<option tolerance="${tolerance}"/>`;
  const theirs = xml.replace("</mujoco>", `${option}</mujoco>`);
  const official = await (release === "3.3.8" ? loadOfficialXml(name, theirs) : loadLatestXml(theirs));
  const robot = robotFromMjcf(xml);
  const model = compileModel(release === "3.3.8" ? robot : { ...robot, margins: "sum" });
  const ws = workspaceOf(model);
  let [difference, worst, touching, countMismatches] = [0, 0, 0, 0];
  for (let i = 0; i < states; i++) {
    const { state, control } = nearStart(model, fold(key(seed), i));
    const expected = official.step(state, control);
    const ours = step(model, state, control);
    const speed = Math.max(1, ...expected.qvel.map(Math.abs));
    const parts = [largestDifference(ours.qvel, expected.qvel), largestDifference(ours.qpos, expected.qpos)];
    const found = Math.max(...parts) / speed;
    if (!(found <= difference)) [difference, worst] = [found, i];
    if (ws.contactCount !== official.data.ncon || ws.edgeCount !== official.data.nefc) countMismatches++;
    if (ws.contactCount > 0) touching++;
  }
  return { states, touching, difference, worst, countMismatches };
}
