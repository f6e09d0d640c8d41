// Your own robot as a module for `train --env`, with a picture: a unicycle, which falls unless it is balanced, rides
// forward or backward. README.md beside this file trains it and shows what it learns.
import { uniformAt } from "@sgmrl/autodiff/random";
import { box, clip, defineEnvironment, type Environment, finiteFamily, rigidBody } from "@sgmrl/envs";

/** In the xz plane. The spoke only shows how the wheel turns. */
const model = rigidBody.compileModel(
  rigidBody.robotFromMjcf(`
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
</mujoco>`),
);
const { nq, nv, qpos0, timestep } = model;
const frameSkip = 4;
/** An action of this size is the motor's full torque: at first, when its actions have deviation 1, a policy explores gently. */
const actionScale = 4;
const lean = 2;

interface Ride {
  readonly direction: 1 | -1;
}

const environment: Environment<Ride> = defineEnvironment<Ride>({
  name: "unicycle",
  summary: "a unicycle balances and rides forward or backward",
  observation: box(1 + nv, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY), // the lean, and all velocities
  action: box(1, -actionScale, actionScale),
  stateSize: nq + 2 * nv, // coordinates, velocities, the solver's warm start
  horizon: 100,
  discount: 0.99,
  family: finiteFamily<Ride>("forward or backward, each with probability 1/2", [
    { weight: 0.5, task: { direction: 1 } },
    { weight: 0.5, task: { direction: -1 } },
  ]),
  picture: rigidBody.robotPicture<Ride>({
    model: () => model,
    frameSkip,
    control: (action) => action.map((a) => clip(a / actionScale, 1)),
    goals: ({ direction }) => [{ heading: [direction, 0] }],
  }),
  dynamics({ direction }) {
    const workspace = rigidBody.createWorkspace(model);
    const control = new Float64Array(1);
    return {
      start(key, state, s) {
        state.fill(0, s, s + nq + 2 * nv);
        state.set(qpos0, s);
        state[s + lean] = 0.1 * (2 * uniformAt(key, 0) - 1);
      },
      advance(state, s, action, a) {
        const now = {
          qpos: state.subarray(s, s + nq),
          qvel: state.subarray(s + nq, s + nq + nv),
          warmstart: state.subarray(s + nq + nv, s + nq + 2 * nv),
        };
        const start = now.qpos[0]!;
        control[0] = clip(action[a]! / actionScale, 1);
        for (let k = 0; k < frameSkip; k++) rigidBody.stepInPlace(model, now, control, workspace);
        const speed = (now.qpos[0]! - start) / (frameSkip * timestep);
        return 1 + direction * speed - 0.05 * control[0] * control[0];
      },
      terminal: (state, s) => Math.abs(state[s + lean]!) > 0.7,
      observe(state, s, observation, o) {
        observation[o] = state[s + lean]!;
        for (let i = 0; i < nv; i++) observation[o + 1 + i] = state[s + nq + i]!;
      },
    };
  },
});

export default environment;
