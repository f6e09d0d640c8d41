import { first, type Setting } from "../theme/measure/setting.ts";
import { downloaded, open, press, refuses, says, type Visited } from "./acts.ts";
import type { Visit } from "./visits.ts";

export const measure: Visit = {
  ready: ".measure button.primary",
  what: "thirteen engines on three devices give right answers; a setting out of range is refused; what runs is stopped",
  async quick(visited) {
    await measured(visited, ["wasm", "webgl", "webgpu"], ["wasm"]);
  },
  async run(visited) {
    const { page } = visited;
    await open(visited, "measure.html", { ...first, rows: 1e9 });
    await refuses(visited, /no measurement/);
    await open(visited, "measure.html", { ...first, devices: ["wasm"], rounds: 50, slice: 500 });
    await page.waitForSelector(".measure button.primary");
    await press(page, "Measure");
    await page.waitForSelector(".measure progress");
    await press(page, "Stop");
    await refuses(visited, /stopped/);
    await measured(visited, ["wasm", "webgl", "webgpu"], ["wasm", "webgl", "webgpu"]);
  },
};

/** What the page offers to download. */
interface Report {
  readonly commit: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly browser: string;
  readonly setting: Setting;
  readonly devices: Readonly<Partial<Record<Setting["devices"][number], string>>>;
  readonly measured: readonly {
    readonly timings: readonly Readonly<Record<"median" | "low" | "high", number> & { name: string }>[];
    readonly errors: Readonly<Record<string, number>>;
    readonly refused: Readonly<Record<string, string>>;
  }[];
}

/** Measures little, to the end; then answers of every engine have been checked. Only the devices `there` exist here. */
async function measured(
  visited: Visited,
  devices: Setting["devices"],
  there: Setting["devices"],
): Promise<void> {
  const { page, found, said } = visited;
  const setting: Setting = { devices, tasks: ["hvp"], rows: 20, width: 8, rounds: 3, slice: 5 };
  await open(visited, "measure.html", setting);
  await page.waitForSelector(".measure button.primary");
  await press(page, "Measure");
  await says(visited, "Measured in");
  const rows = await page.$$eval(".measure tbody tr", (all) => all.map((row) => row.textContent ?? ""));
  said.push(`timed on ${there.join(", ")}: ${rows.length} engines`);
  if (rows.length < 4 * there.length) found.push(`only ${rows.length} engines on ${there.join(", ")}`);
  for (const row of rows) if (!/ms.*error \de-/s.test(row)) found.push(`the row reads ${row}`);

  const listed = await page.$$eval(".measure li", (all) => all.map((one) => one.textContent?.trim() ?? ""));
  const report = JSON.parse(await downloaded(page, "Download JSON")) as Report;
  for (const [k, device] of devices.entries()) {
    const none = "this browser offers none";
    if (listed[k]?.endsWith(`: ${none}`) === there.includes(device))
      found.push(`the list reads ${listed[k]}`);
    if (!listed[k]?.endsWith(`: ${report.devices[device]}`)) found.push(`the file lacks ${listed[k]}`);
  }
  for (const [name, version] of Object.entries(report.versions))
    if (!/^\d+\.\d+\.\d+/.test(version)) found.push(`the file says ${name} is ${version}`);
  if (!("@tensorflow/tfjs" in report.versions)) found.push("the file lacks the version of TensorFlow.js");
  if (report.browser !== (await page.browser().userAgent()) || report.commit === "")
    found.push(`the file names ${report.browser} at ${report.commit}`);
  if (JSON.stringify(report.setting) !== JSON.stringify(setting))
    found.push(`the file holds the setting ${JSON.stringify(report.setting)}`);
  const [only] = report.measured;
  for (const { name, median, low, high } of only?.timings ?? []) {
    const row = rows.find((text) => text.startsWith(name) && text.includes(`${shown(median)} ms`));
    if (!row?.includes(`(${shown(low)} to ${shown(high)})`) || !(only!.errors[name]! < 1e-4))
      found.push(`the file holds ${name}: ${median} (${low} to ${high}), error ${only!.errors[name]}`);
  }
  if (only?.timings.length !== rows.length) found.push(`the file holds ${only?.timings.length} engines`);
  said.push(`JSON: ${only?.timings.length} engines, devices ${JSON.stringify(report.devices)}`);
}

const shown = (x: number): string => (x < 100 ? x.toPrecision(3) : String(Math.round(x)));
