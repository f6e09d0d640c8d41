// Your own robot as a module for `train --env`: a unicycle, which falls unless it is balanced, rides forward or backward.
// README.md beside this file trains it and shows what it learns.
import { uniformAt } from "@sgmrl/autodiff/random";
import { type Environment, finiteFamily, rigidBody, robotEnvironment } from "@sgmrl/envs";

/** In the xz plane. The spoke only shows how the wheel turns. */
const robot = rigidBody.robotFromMjcf(`
<mujoco model="unicycle">
  <option timestep="0.01"/>
  <default><geom density="500" contype="0" conaffinity="0"/></default>
  <worldbody>
    <geom type="plane" size="10 10 1" conaffinity="1"/>
    <body name="frame" pos="0 0 0.15">
      <joint name="x" type="slide" axis="1 0 0"/>
      <joint name="z" type="slide" axis="0 0 1"/>
      <joint name="lean" axis="0 1 0"/>
      <geom type="capsule" fromto="0 0 0 0 0 0.5" size="0.03"/>
      <geom type="sphere" pos="0 0 0.5" size="0.06"/>
      <body name="wheel">
        <joint name="axle" axis="0 1 0" damping="0.02"/>
        <geom type="sphere" size="0.15" density="100" contype="1"/>
        <geom type="capsule" fromto="0 0 0 0.12 0 0" size="0.015" density="0"/>
      </body>
    </body>
  </worldbody>
  <actuator><motor joint="axle" gear="3" ctrlrange="-1 1"/></actuator>
</mujoco>`);
const lean = 2; // the third joint

interface Ride {
  readonly direction: 1 | -1;
}

const environment: Environment<Ride> = robotEnvironment<Ride>({
  name: "unicycle",
  summary: "a unicycle balances and rides forward or backward",
  robot,
  family: finiteFamily<Ride>("forward or backward, each with probability 1/2", [
    { weight: 0.5, task: { direction: 1 } },
    { weight: 0.5, task: { direction: -1 } },
  ]),
  frameSkip: 4,
  actionScale: 4, // at first, when its actions have deviation 1, a policy explores gently
  horizon: 100,
  start(key, { qpos }) {
    qpos[lean] = 0.1 * (2 * uniformAt(key, 0) - 1);
  },
  observes: { positions: ["lean"] }, // and all velocities
  reward: ({ direction }, { dx, dt, effort }) => 1 + (direction * dx) / dt - 0.05 * effort,
  terminated: (qpos) => Math.abs(qpos[lean]!) > 0.7,
  differentiable: {
    slopes: ({ direction }, { dt }) => ({ dx: direction / dt, effort: -0.05 }),
    jumps: "the wheel touches the floor or the unicycle falls",
  },
  inWords: ({ direction }) => (direction === 1 ? "forward" : "backward"),
  goals: ({ direction }) => [{ heading: [direction, 0] }],
});

export default environment;
