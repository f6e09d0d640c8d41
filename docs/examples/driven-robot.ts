// SHA-256 of a robot's qpos and qvel after some steps, as "Robots" on the site shows it: the browser computes the same bits.
// Others: node --conditions=sgmrl-source docs/examples/driven-robot.ts '{"robot": …, "control": …, "steps": …}' …
import { createHash } from "node:crypto";
import { rigidBody, robots } from "@sgmrl/envs";

interface Drive {
  readonly robot: keyof typeof robots;
  readonly control: readonly number[];
  readonly steps: number;
}
const own = process.argv.slice(2).map((text): Drive => JSON.parse(text));
const drives = own.length > 0 ? own : [{ robot: "hopper", control: [0.5, -0.5, 1], steps: 100 } as const];

for (const { robot, control, steps } of drives) {
  const model = rigidBody.compileModel(robots[robot]);
  let state = rigidBody.initialState(model);
  for (let k = 0; k < steps; k++) state = rigidBody.step(model, state, control);
  const bytes = new DataView(new ArrayBuffer(8 * (model.nq + model.nv)));
  [...state.qpos, ...state.qvel].forEach((x, i) => {
    bytes.setFloat64(8 * i, x, true);
  });
  console.log(createHash("sha256").update(new Uint8Array(bytes.buffer)).digest("hex"));
}

//> 0be353158d42ede3369f16eb9b92ba9b9f7bd80a99554ea72a79a8a44dfd0d57
