// What the package `sgmrl` brings along where it is installed: licences that allow it, and no install script but those that
// the threat model names.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

interface Manifest {
  readonly name: string;
  readonly license?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const permissive = ["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD", "Unlicense"];

/** Every package that is installed with the one in a folder, by following the links that Node follows. */
function installedWith(folder: string, found = new Map<string, Manifest>()): Map<string, Manifest> {
  const real = realpathSync(folder);
  if (found.has(real)) return found;
  const manifest: Manifest = JSON.parse(readFileSync(join(real, "package.json"), "utf8"));
  found.set(real, manifest);
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }))
    for (let above = real; ; above = dirname(above)) {
      const place = join(above, "node_modules", name);
      if (existsSync(place)) installedWith(place, found);
      if (existsSync(place) || dirname(above) === above) break; // an optional one of another platform is nowhere
    }
  return found;
}

const packages = [...installedWith("packages/sgmrl").values()];

it("has licences that allow its use", () => {
  const counts = new Map<string, number>();
  for (const { license = "none" } of packages) counts.set(license, (counts.get(license) ?? 0) + 1);
  console.log(
    `${packages.length} packages at run time: ${[...counts].map(([l, n]) => `${l} ${n}`).join(", ")}`,
  );
  expect(packages.length).toBeGreaterThan(20); // the links were followed
  expect(
    packages.filter(({ license }) => !permissive.includes(license ?? "")).map(({ name }) => name),
  ).toEqual([]);
});

it("runs nothing when it is installed, but for what the threat model names", () => {
  const scripts = ["preinstall", "install", "postinstall"];
  const running = packages.filter((one) => scripts.some((script) => one.scripts?.[script] !== undefined));
  const page = readFileSync("docs/threat-model.md", "utf8");
  expect(running.map(({ name }) => name)).toEqual(["msgpackr-extract"]);
  for (const { name } of running) expect(page).toContain(`\`${name}\``);
});
