// Folders stand on floors: each imports from its own and from those below (docs/architecture.md), so that a reader can begin
// at the bottom and no two folders need each other.
import { globSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { expect, it } from "vitest";

/** From the bottom up; folders of one row may not import each other. "" is the files beside the folders. */
const floors: Readonly<Record<string, readonly (readonly string[])[]>> = {
  sgmrl: [
    [""],
    ["statistics", "files"],
    ["policy"],
    ["sampling"],
    ["inner"],
    ["meta-gradient"],
    ["exact"],
    ["config"],
    ["execution"],
    ["training"],
    ["report"],
    ["experiments"],
    ["cli"],
    ["index.ts"],
  ],
  envs: [
    ["render", "rigid-body/model"],
    ["framework"],
    ["tabular", "point"],
    ["rigid-body/dynamics", "rigid-body/robots"],
    ["rigid-body/compile", "rigid-body/differentiable", "rigid-body/render"],
    ["rigid-body/program"],
    ["rigid-body/mjcf"],
    ["rigid-body"],
    ["locomotion"],
    ["registry.ts", "draw-trajectory.ts"],
    ["index.ts"],
  ],
};

/** Imports that lead up, or across a row: "config/a.ts imports training/b.ts". */
function wrongArrows(sources: ReadonlyMap<string, string>, rows: readonly (readonly string[])[]): string[] {
  const row = (file: string): { readonly floor: number; readonly room: string } => {
    const matches = rows.flatMap((rooms, floor) =>
      rooms
        .filter((room) => room === file || room === "" || file.startsWith(`${room}/`))
        .map((room) => ({ floor, room })),
    );
    const nearest = matches.sort((a, b) => b.room.length - a.room.length)[0];
    if (nearest === undefined || (nearest.room === "" && file.includes("/")))
      throw new Error(`${file}: its folder has no floor; give it one.`);
    return nearest;
  };
  return [...sources].flatMap(([file, text]) =>
    [...text.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].flatMap(([, path]) => {
      const target = posix.normalize(posix.join(posix.dirname(file), path!));
      const [from, to] = [row(file), row(target)];
      const lawful = from.room === to.room || to.floor < from.floor;
      return lawful ? [] : [`${file} imports ${target}`];
    }),
  );
}

it.each(Object.entries(floors))("%s: no import leads upwards, or across", (name, rows) => {
  const src = join("packages", name, "src");
  const sources = new Map(
    globSync(join(src, "**/*.ts")).map((file) => [
      relative(src, file).replaceAll("\\", "/"),
      readFileSync(file, "utf8"),
    ]),
  );
  expect(sources.size).toBeGreaterThan(50);
  expect(wrongArrows(sources, rows)).toEqual([]);
});

it("finds each way of importing from above, and what stands on no floor", () => {
  const rows = [[""], ["low", "beside"], ["high"], ["index.ts"]];
  const importing = (file: string, line: string) => wrongArrows(new Map([[file, line]]), rows);
  expect(importing("low/a.ts", 'import { x } from "../high/b.ts";')).toEqual(["low/a.ts imports high/b.ts"]);
  expect(importing("low/deep/a.ts", 'import type { X } from "../../high/b.ts";')).toHaveLength(1);
  expect(importing("low/a.ts", 'export * from "../high/b.ts";')).toHaveLength(1);
  expect(importing("low/a.ts", 'const x = await import("../high/b.ts");')).toHaveLength(1);
  expect(importing("low/a.ts", 'import { x } from "../beside/b.ts";')).toHaveLength(1);
  expect(importing("ground.ts", 'import { x } from "./low/b.ts";')).toHaveLength(1);
  expect(importing("high/a.ts", 'import { x } from "../index.ts";')).toHaveLength(1);
  expect(importing("high/a.ts", 'import { x } from "../low/b.ts";\nimport y from "../ground.ts";')).toEqual(
    [],
  );
  expect(importing("low/a.ts", 'import { x } from "./deep/b.ts";')).toEqual([]);
  expect(() => importing("new/a.ts", 'import { x } from "../low/b.ts";')).toThrow(
    "new/a.ts: its folder has no floor",
  );
});
