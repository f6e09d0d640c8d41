import { fold, type Key, normal, uniform } from "@sgmrl/autodiff/random";

/** A random tree as MJCF: bodies turned at will, every kind of joint, springs, limits, servos; every shape touches a tilted floor. */
export function randomMjcf(key: Key): string {
  const count = 1 + Math.floor(4 * uniform(fold(key, 0), 1)[0]!);
  const parents = Array.from({ length: count }, (_, b) =>
    b === 0 ? -1 : Math.floor(b * uniform(fold(key, 1, b), 1)[0]!),
  );
  const actuators: string[] = [];
  const text = (values: ArrayLike<number>) => Array.from(values, (x) => x.toFixed(4)).join(" ");

  function body(b: number): string {
    const u = uniform(fold(key, 2, b), 20);
    const n = normal(fold(key, 3, b), 30);
    const position = text(n.slice(0, 3).map((x) => 0.3 * x));
    const turned = [
      `quat="${text(n.slice(3, 7))}"`,
      `euler="${text(n.slice(3, 6).map((x) => 50 * x))}"`,
      `axisangle="${text(n.slice(3, 6))} ${(90 * n[6]!).toFixed(3)}"`,
      `xyaxes="${text(n.slice(3, 9))}"`,
      "",
    ][Math.floor(5 * u[0]!)]!;
    const joints = b === 0 && u[1]! < 0.3 ? ["<freejoint/>"] : axial(b, u, n);
    const shape = [
      `<geom type="capsule" size="${text([0.03 + 0.05 * u[2]!, 0.1 + 0.2 * u[3]!])}" quat="${text(n.slice(10, 14))}"/>`,
      `<geom type="sphere" size="${text([0.05 + 0.1 * u[2]!])}" pos="${text(n.slice(10, 13).map((x) => 0.1 * x))}"/>`,
      `<geom type="box" size="${text([0.05 + u[2]! / 9, 0.05 + u[3]! / 9, 0.1])}" euler="${text(n.slice(10, 13).map((x) => 60 * x))}"/>`,
      `<inertial pos="${text(n.slice(10, 13).map((x) => 0.1 * x))}" mass="${text([0.5 + u[2]!])}" diaginertia="0.03 0.025 0.02" quat="${text(n.slice(14, 18))}"/>`,
    ][Math.floor(4 * u[4]!)]!;
    const inside = parents.flatMap((parent, child) => (parent === b ? [body(child)] : []));
    return `<body name="b${b}" pos="${position}" ${turned}>${joints.join("")}${shape}${inside.join("")}</body>`;
  }

  function axial(b: number, u: Float64Array, n: Float64Array): string[] {
    const kinds = ["hinge", "slide", "ball", "hinge"];
    const first = kinds[Math.floor(4 * u[5]!)]!;
    return (u[6]! < 0.3 && first !== "ball" ? [first, "slide"] : [first]).map((kind, k) => {
      const o = 18 + 6 * k;
      const place = `pos="${text(n.slice(o, o + 3).map((x) => 0.1 * x))}" axis="${text(n.slice(o + 3, o + 6))}"`;
      const damping = `damping="${text([u[7 + k]!])}" armature="${text([0.1 * u[9 + k]!])}"`;
      const name = `j${b}-${k}`;
      if (kind === "ball") {
        const limit =
          u[13]! < 0.7 ? `range="0 ${(20 + 120 * u[14]!).toFixed(2)}" margin="${text([0.1 * u[15]!])}"` : "";
        return `<joint type="ball" name="${name}" ${damping} ${place} ${limit}/>`;
      }
      const degrees = kind === "hinge" ? 60 : 0.3;
      const range = u[11 + k]! < 0.5 ? `range="${text([-degrees * u[13]!, degrees * u[14]!])}"` : "";
      const spring =
        u[12]! < 0.5 ? `stiffness="${text([5 * u[15]!])}" springref="${text([0.3 * degrees * u[16]!])}"` : "";
      if (u[17]! < 0.6) {
        const servo = [`<motor gear="3"`, `<position kp="7" kv="0.2"`, `<velocity kv="2" forcerange="-1 1"`];
        actuators.push(`${servo[Math.floor(3 * u[18]!)]} joint="${name}" ctrlrange="-1 1"/>`);
      }
      return `<joint type="${kind}" name="${name}" ${damping} ${place} ${range} ${spring}/>`;
    });
  }

  const n = normal(fold(key, 5), 2);
  const slope = [0.3 * n[0]!, 0.3 * n[1]!, 1];
  const world = body(0);
  return `<mujoco model="random tree"><option timestep="0.003" integrator="${uniform(key, 1)[0]! < 0.5 ? "Euler" : "RK4"}"/>
<default><geom contype="0" conaffinity="1" condim="${uniform(fold(key, 4), 1)[0]! < 0.2 ? 1 : 3}" margin="0.01"/></default>
<worldbody><geom type="plane" size="1 1 1" contype="1" conaffinity="0" pos="0 0 -0.2" zaxis="${text(slope)}"/>${world}</worldbody>
<actuator>${actuators.join("")}</actuator></mujoco>`;
}
