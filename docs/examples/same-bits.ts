// SHA-256 of θ after a training run, as "Watch it adapt" on the site shows it: the browser computes the same bits.
// Another run: node --conditions=sgmrl-source docs/examples/same-bits.ts '<part of a config, as JSON>'
import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig, train } from "sgmrl";

const small = {
  experiment: {
    environment: "navigation-2d",
    policy: { kind: "gaussian-mlp", hidden: [16] },
    estimator: { name: "jackknife-linear" },
    inner: {
      steps: 1,
      stepSize: 0.1,
      trajectories: 10,
      advantage: "standardised-gae",
      convention: "timestep-mean",
    },
    outer: { trajectories: 10 },
    horizon: 100,
    discount: 0.99,
    precision: "float64",
  },
  optimizer: { name: "adam", learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  seed: 0,
  iterations: 3,
  tasks: 8,
  evaluation: { every: 1000, tasks: 2, finalTasks: 2, steps: 1 },
};
const config = parseConfig({ file: JSON.parse(process.argv[2] ?? JSON.stringify(small)) });
const { state } = await train(config, join(mkdtempSync(join(tmpdir(), "sgmrl-")), "run"), { workers: 0 });

const bytes = new DataView(new ArrayBuffer(8 * state.theta.length));
state.theta.forEach((x, i) => {
  bytes.setFloat64(8 * i, x, true);
});
console.log(createHash("sha256").update(new Uint8Array(bytes.buffer)).digest("hex"));

//> 10acbbb13cc9c00f8bb085b6870ea67314455d0e8ee0ed7c03acb9c1156a541b
