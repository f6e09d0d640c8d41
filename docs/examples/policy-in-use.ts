// A policy in use: load a trained policy, act, adapt to the outcome, act better.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fold, key } from "@sgmrl/autodiff/random";
import { type AdaptivePolicy, type Episode, loadPolicy, parseConfig, train } from "sgmrl";

const directory = join(mkdtempSync(join(tmpdir(), "sgmrl-")), "run");
await train(
  parseConfig({ preset: "needle", flags: { "--iterations": "100", "--final-tasks": "2" } }),
  directory,
  { workers: 0 },
);

// The needle: four arms; here the second pays 1, the first 0, the others 0.45. One pull is an episode.
const pays = [0, 1, 0.45, 0.45];
const pull = (policy: AdaptivePolicy, n: number): Episode => {
  const observation = [1];
  const action = policy.act(observation, fold(key(7), n));
  return { observations: [observation], actions: [action], rewards: [pays[action[0]!]!] };
};
const mean = (policy: AdaptivePolicy) =>
  Array.from({ length: 1000 }, (_, n) => pull(policy, n).rewards[0]!).reduce((sum, r) => sum + r / 1000, 0);

const learnt = await loadPolicy(directory);
const adapted = learnt.adapt([pull(learnt, 1001), pull(learnt, 1002), pull(learnt, 1003)]);
console.log("before", mean(learnt).toFixed(2), "after three pulls", mean(adapted).toFixed(2));

//> before 0.45 after three pulls 1.00
