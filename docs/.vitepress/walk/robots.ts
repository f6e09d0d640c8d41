import { type Driven, names } from "../theme/robots/setting.ts";
import { example, open, press, refuses, type Visited } from "./acts.ts";
import type { Visit } from "./visits.ts";

const actuators: Readonly<Record<Driven["robot"], number>> = {
  "half-cheetah": 6,
  ant: 8,
  hopper: 3,
  walker2d: 6,
  swimmer: 2,
};

export const robots: Visit = {
  ready: ".robots .hash",
  what: "all robots have the bits of Node after 100 steps, and differ from the official engine by rounding; keys drive",
  async quick(visited) {
    await firstFrame(visited);
    await drive(visited);
    await press(visited.page, "Play"); // is looked at while it moves
  },
  async run(visited) {
    const { page } = visited;
    await firstFrame(visited);
    await drive(visited);
    await compare(visited);
    await open(visited, "robots.html", { robot: "hopper", control: [0], steps: 0 });
    await refuses(visited, /no robot/);
    const state = { qpos: [1, 2], qvel: [], warmstart: [] };
    await open(visited, "robots.html", { robot: "hopper", control: [0, 0, 0], steps: 0, state });
    await refuses(visited, /qpos has length 2; expected 6/);
    await open(visited, "robots.html", { robot: "ant", control: [0, 0, 0, 0, 0, 0, 0, 0], steps: 0 });
    await page.waitForSelector(".robots .hash");
    await press(page, "Play");
  },
};

/** From the key that plays to the first frame that shows the robot elsewhere. */
async function firstFrame({ page, said }: Visited): Promise<void> {
  await page.focus(".stage");
  await page.evaluate(() => {
    const drawn = document.querySelector(".stage svg")!;
    let begun = 0;
    document.addEventListener("keydown", () => (begun = performance.now()), { once: true, capture: true });
    const moved = new Promise<number>((done) => {
      const observer = new MutationObserver(() => {
        observer.disconnect();
        requestAnimationFrame(() => done(performance.now() - begun));
      });
      observer.observe(drawn, { subtree: true, attributes: true, childList: true });
    });
    Object.assign(globalThis, { moved });
  });
  await page.keyboard.press(" ");
  const milliseconds = (await page.evaluate("moved")) as number;
  await page.keyboard.press(" ");
  said.push(`moves ${milliseconds.toFixed(0)} ms after the first key`);
}

/** Drives robots 100 steps in the page and on Node, under controls that differ between actuators. */
async function drive(visited: Visited): Promise<void> {
  const { page, found, said } = visited;
  const drives = names.map((robot) => ({
    robot,
    control: Array.from({ length: actuators[robot] }, (_, k) => (k % 2 === 0 ? 0.8 : -0.35)),
  }));
  const args = drives.map((one) => JSON.stringify({ ...one, steps: 100 }));
  const onNode = example("driven-robot.ts", args, "packages/envs");
  const shown: (string | undefined)[] = [];
  for (const one of drives) {
    await open(visited, "robots.html", { ...one, steps: 0 } satisfies Driven);
    await page.waitForSelector(".robots .hash");
    await press(page, "100 steps");
    await page.waitForFunction(() =>
      / 100 steps/.test(document.querySelector(".robots h2 ~ p")?.textContent ?? ""),
    );
    shown.push(await page.$eval(".robots .hash", (one) => one.textContent?.trim()));
  }
  (await onNode).split("\n").forEach((hash, k) => {
    said.push(`${names[k]}: ${hash.slice(0, 12)}… on Node`);
    if (shown[k] !== hash) found.push(`${names[k]} is at ${shown[k]} in the page, at ${hash} on Node`);
  });
}

/** Beside the official engine, while it walks: the differences of docs/results/mujoco-parity.md, with room. */
async function compare({ page, address, found, said }: Visited): Promise<void> {
  await page.goto(`${address}/robots.html`);
  await page.waitForSelector(".robots .hash");
  await press(page, "Compare with MuJoCo");
  await page.waitForFunction(() => /MuJoCo \d/.test(document.querySelector(".official")?.textContent ?? ""), {
    timeout: 120_000,
  });
  for (const robot of names) {
    await page.select(".robots select", robot);
    await page.focus(".stage");
    await page.keyboard.down("q");
    await page.keyboard.press(" ");
    await page.waitForFunction(
      () => Number.parseFloat(document.querySelector(".status")?.textContent ?? "") > 1,
      {
        timeout: 120_000,
      },
    );
    await page.keyboard.press(" ");
    await page.keyboard.up("q");
    await page.waitForFunction(() => /at most/.test(document.querySelector(".official")?.textContent ?? ""), {
      timeout: 120_000,
    });
    const text = await page.$eval(".official", (one) => one.textContent?.replace(/\s+/g, " ").trim() ?? "");
    const largest = Number(/at most (\S+) in velocity/.exec(text)?.[1]);
    said.push(`${robot}: ${text}`);
    if (!(largest < 1e-8)) found.push(`${robot}: ${text}`);
    if (!(await page.url()).includes(robot)) found.push(`the address does not hold ${robot}`);
  }
}
