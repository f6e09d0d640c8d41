// Your own robot: read it from MJCF, turn it into an environment, check it, train on it.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fold, key, uniformAt } from "@sgmrl/autodiff/random";
import { atTimeLimit, checkEnvironment, rigidBody, robotEnvironment } from "@sgmrl/envs";
import { loadPolicy, train, trainable } from "sgmrl";

const robot = rigidBody.robotFromMjcf(`
<mujoco model="cart with a pole">
  <option timestep="0.01"/>
  <worldbody>
    <body name="cart" pos="0 0 0.5">
      <joint name="rail" type="slide" axis="1 0 0" damping="0.5"/>
      <geom type="box" size="0.2 0.1 0.05" contype="0" conaffinity="0"/>
      <body name="pole">
        <joint name="pivot" axis="0 1 0" damping="0.02"/>
        <geom type="capsule" fromto="0 0 0 0 0 0.6" size="0.03"/>
      </body>
    </body>
  </worldbody>
  <actuator><motor joint="rail" gear="100" ctrlrange="-1 1"/></actuator>
</mujoco>`);

interface PlaceTask {
  /** Where the cart should stand [m]. */
  readonly place: number;
}

const environment = robotEnvironment<PlaceTask>({
  name: "cart-with-a-pole",
  summary: "a cart balances a pole at an unknown place",
  robot,
  family: {
    description: "the place is uniform on [-1, 1] m",
    sample: (key) => ({ place: 2 * uniformAt(key, 0) - 1 }),
  },
  frameSkip: 2,
  actionScale: 1,
  horizon: 100,
  start(key, { qpos }) {
    qpos[1] = 0.1 * (2 * uniformAt(key, 0) - 1);
  },
  reward: ({ place }, { qpos: [x, angle] }) => 1 - angle! * angle! - 0.1 * Math.abs(x! - place),
  terminated: ([, angle]) => Math.abs(angle!) > 1,
  differentiable: {
    slopes: ({ place }, { qpos: [x, angle] }) => ({ qpos: [-0.1 * Math.sign(x! - place), -2 * angle!] }),
    jumps: "the pole falls",
  },
  goals: ({ place }) => [{ place: [place, 0] }],
});

checkEnvironment(environment);
const flags = {
  "--iterations": "20",
  "--tasks": "6",
  "--inner-trajectories": "8",
  "--outer-trajectories": "8",
};
const sizes = { "--hidden": "16", "--evaluate-tasks": "5", "--final-tasks": "5" };
const directory = join(mkdtempSync(join(tmpdir(), "sgmrl-")), "run");
await train(await trainable({ environment, flags: { ...flags, ...sizes } }), directory, { workers: 0 });

/** For how many of the 100 steps the pole stays up, on average over 20 starts. */
function stepsUpright(act: (observation: Float64Array, n: number) => ArrayLike<number>): number {
  const task = { place: 0 };
  let steps = 0;
  for (let start = 0; start < 20; start++) {
    let state = environment.reset(fold(key(1), start), task);
    let isUp = true;
    while (isUp && !atTimeLimit(environment, state)) {
      const next = environment.step(state, act(environment.observe(state, task), steps++), task);
      state = next.state;
      isUp = !next.terminated;
    }
  }
  return steps / 20;
}
const policy = await loadPolicy(directory);
console.log("left alone", stepsUpright(() => [0]).toFixed(0));
console.log("trained", stepsUpright((observation, n) => policy.act(observation, fold(key(2), n))).toFixed(0));

//> left alone 37
//> trained 97
