// Whatever a user can import from the packages says, where it is declared, what it is.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const entryPoints: readonly string[] = [
  "packages/sgmrl/src/index.ts",
  "packages/sgmrl/src/exact/index.ts",
  "packages/sgmrl/src/execution/distributed/index.ts",
  "packages/envs/src/index.ts",
  "packages/envs/src/rigid-body/index.ts",
  "packages/autodiff/src/index.ts",
];

/** [name, file that declares it] of what a module hands on: `export { a, type B } from "./c.ts"`. */
function handedOn(entry: string, source: string): (readonly [string, string])[] {
  return [...source.matchAll(/export (?:type )?\{([^}]*)\} from "(\.[^"]+)"/g)].flatMap(([, names, path]) =>
    names!
      .split(",")
      .map((name) =>
        name
          .replace(/\btype\b/, "")
          .split(" as ")[0]!
          .trim(),
      )
      .filter((name) => name !== "")
      .map((name) => [name, join(dirname(entry), path!)] as const),
  );
}

/** The exported names of a file that stand behind no docstring; a comment between other declarations does not count. */
function undocumented(names: readonly string[], source: string): string[] {
  return names.filter((name) => {
    const declaration = new RegExp(
      `^export (?:declare |async |abstract )*(?:function\\*?|const|class|interface|type) ${name}\\b`,
      "m",
    );
    const found = declaration.exec(source);
    if (found === null) throw new Error(`${name} is not declared where it is exported from`);
    return !source.slice(0, found.index).trimEnd().endsWith("*/");
  });
}

it.each(entryPoints)("%s: every export has a docstring", (entry) => {
  const source = readFileSync(entry, "utf8");
  const exported = handedOn(entry, source);
  expect(exported.length).toBeGreaterThan(0);
  const bare = exported.flatMap(([name, file]) =>
    undocumented([name], readFileSync(file, "utf8")).map(() => `${name} (${file})`),
  );
  expect(bare).toEqual([]);
});

/** Every error that a function of a file throws itself, or by another function of the file. */
function thrown(name: string, source: string, visited: Set<string> = new Set()): string[] {
  const functions = new Map(
    [...source.matchAll(/^(?:export )?(?:async )?function\*? (\w+)[\s\S]*?\n}$/gm)].map((found) => [
      found[1]!,
      found[0],
    ]),
  );
  const body = functions.get(name);
  if (body === undefined || visited.has(name)) return [];
  visited.add(name);
  const called = [...functions.keys()].filter((other) => new RegExp(`\\b${other}\\(`).test(body));
  return [
    ...[...body.matchAll(/throw new (\w+)/g)].map(([, error]) => error!),
    ...called.flatMap((other) => thrown(other, source, visited)),
  ];
}

/** The names of functions that throw and whose docstrings say nothing of errors. */
function silentOnErrors(names: readonly string[], source: string): string[] {
  return names.filter((name) => {
    if (thrown(name, source).length === 0) return false;
    const at = source.search(new RegExp(`^export (?:async )?function\\*? ${name}\\b`, "m"));
    const docstring = source.slice(source.lastIndexOf("/**", at), at);
    return !/\b(Errors?|[Tt]hrows|[Rr]efuses)\b/.test(docstring);
  });
}

it.each(entryPoints)("%s: every export that throws says what and when", (entry) => {
  const silent = handedOn(entry, readFileSync(entry, "utf8")).flatMap(([name, file]) =>
    silentOnErrors([name], readFileSync(file, "utf8")).map(() => `${name} (${file})`),
  );
  expect(silent).toEqual([]);
});

it("finds what throws in silence, itself or by a function of its file", () => {
  const source = [
    "/** A. */\nexport function a(): void {\n  b();\n}",
    "function b(): void {\n  throw new RangeError();\n}",
    "/**\n * C.\n *\n * Errors  RangeError always\n */\nexport function c(): void {\n  b();\n}",
    "/** D. */\nexport function d(): void {}",
    "",
  ].join("\n\n");
  expect(thrown("a", source)).toEqual(["RangeError"]);
  expect(silentOnErrors(["a", "c", "d"], source)).toEqual(["a"]);
});

it("finds what has none", () => {
  const source =
    "/** A. */\nexport function a(): void {}\nexport const b = 1;\n\n/** C. */\nconst x = 1;\nexport type C = 1;\n";
  expect(undocumented(["a", "b", "C"], source)).toEqual(["b", "C"]);
  expect(() => undocumented(["d"], source)).toThrow("d is not declared");
  expect(handedOn("p/index.ts", 'export { a, type B as C } from "./d.ts";')).toEqual([
    ["a", "p/d.ts"],
    ["B", "p/d.ts"],
  ]);
});
