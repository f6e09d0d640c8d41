/**
 * Everything that writes files dies at each of its operations on them. Begun again, it leaves the bytes of one that nobody
 * disturbed, and no file beside them.
 *
 *   FUZZ=2 pnpm test packages/sgmrl/test/cli/killed-at-each-operation.test.ts    at each; else at every few of the long ones
 */
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { runs } from "../../../../vitest.fuzz.ts";
import { bundled, runScript } from "../support/processes.ts";
import { bytesOf, emptyFolder } from "../support/runs.ts";

let dying: string;
let living: string;
beforeAll(async () => {
  [dying, living] = await Promise.all([bundled("dying-child"), bundled("command-child")]);
}, 120_000);

const nothing = async (): Promise<void> => {};
async function done(what: string, root: string, number: number): Promise<void> {
  const { code, stderr } = await runScript(living, [what, root, String(number)]);
  expect(code, stderr).toBe(0);
}

/** [what dies, its number, what begins again, what the folder holds before, at every how many operations] */
const writers: readonly (readonly [string, number, string, (root: string) => Promise<void>, number])[] = [
  ["train", 6, "run", nothing, 2],
  ["longer", 9, "longer", (root) => done("run", root, 6), 2],
  ["from", 5, "from", (root) => done("run", root, 9), 3],
  ["sweep", 2, "sweep", nothing, 11],
  ["report", 0, "report", (root) => done("run", root, 3), 1],
  [
    "compare",
    0,
    "compare",
    async (root) => {
      await done("run", join(root, "a"), 3);
      cpSync(join(root, "a"), join(root, "b"), { recursive: true });
      await done("longer", join(root, "b"), 6);
    },
    1,
  ],
  ["render", 0, "render", nothing, 1],
  ["kept", 0, "kept", nothing, 1],
];

it.each(writers)(
  "%s",
  async (what, number, again, prepare, stride) => {
    const start = join(emptyFolder(), "start");
    mkdirSync(start);
    await prepare(start);
    const undisturbed = join(emptyFolder(), "copy");
    cpSync(start, undisturbed, { recursive: true, preserveTimestamps: true });
    await done(what, undisturbed, number);
    const expected = bytesOf(undisturbed, what);

    const copies = emptyFolder();
    const every = runs(1) > 1 ? 1 : stride;
    const { code, stderr } = await runScript(dying, [what, String(number), start, copies, String(every)]);
    expect(code, stderr).toBe(0);
    const deaths = readdirSync(copies).sort((a, b) => Number(a) - Number(b));
    const roots = deaths.map((k) => join(copies, k));
    const { code: ended, stderr: words } = await runScript(living, [
      again,
      roots.join(delimiter),
      String(number),
    ]);
    expect(ended, words).toBe(0);
    for (const [i, root] of roots.entries())
      expect(bytesOf(root, what), `killed at operation ${deaths[i]}`).toEqual(expected);
    expect(deaths.length).toBeGreaterThan(5);
    console.log(
      `${what}: killed at ${deaths.length} of its operations on files; other bytes and stray files 0`,
    );
  },
  runs(1) > 1 ? 600_000 : 120_000,
);
