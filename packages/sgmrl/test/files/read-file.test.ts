import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.ts";
import { parseJson, readFile, readText } from "../../src/files/read-file.ts";
import { emptyFolder } from "../support/runs.ts";

describe("readFile", () => {
  const folder = emptyFolder();
  const path = (name: string): string => join(folder, name);

  it("reads a regular file, and one behind a link", () => {
    writeFileSync(path("file"), "content");
    symlinkSync(path("file"), path("link"));
    expect(readFile(path("file"), 100).toString()).toBe("content");
    expect(readFile(path("link"), 7).toString()).toBe("content");
  });

  it.runIf(process.platform !== "win32")("refuses pipes and devices at once", () => {
    spawnSync("mkfifo", [path("pipe")]);
    expect(() => readFile(path("pipe"), 100)).toThrow(`${path("pipe")}: not a regular file.`);
    expect(() => readFile("/dev/zero", 100)).toThrow("/dev/zero: not a regular file.");
  });

  it("refuses directories, what is not there, and what is too large, whatever it holds", () => {
    mkdirSync(path("folder"));
    writeFileSync(path("large"), "");
    truncateSync(path("large"), 3e9); // without blocks on the disk
    expect(() => readFile(path("folder"), 100)).toThrow(InputError);
    expect(() => readFile(path("nothing"), 100)).toThrow("no such file or directory");
    expect(() => readFile(path("large"), 100, "the spec")).toThrow(
      "the spec: it has 3000000000 bytes; expected at most 100, so it may be the wrong file.",
    );
  });

  it("refuses bytes that are not text", () => {
    writeFileSync(path("bytes"), Uint8Array.of(0xc3, 0x28));
    expect(() => readText(path("bytes"), 100)).toThrow("not a text file in UTF-8");
    writeFileSync(path("marked"), "\uFEFF{}");
    expect(readText(path("marked"), 100)).toBe("{}");
  });
});

describe("parseJson", () => {
  it.each([
    ["[".repeat(5000) + "]".repeat(5000), /nested more than 100 levels deep/],
    [`${'{"a":'.repeat(101)}1${"}".repeat(101)}`, /nested more than 100 levels deep/],
    ["[".repeat(1e6), /nested more than 100 levels deep/],
    ['{"a":1,"b":{"a":2},"a":3}', /an object has the key "a" twice/],
    ['[{"a":{"seed":1,"s\\u0065ed" \n\t : 2}}]', /an object has the key "s\\u0065ed" twice/],
    [`{"a":1,"a"${" ".repeat(1000)}:1}`, /the key "a" twice/],
    ['{"":1,"":2}', /the key "" twice/],
    ['{"a\\"":1,"a\\"":2}', /twice/],
    [`["${"[".repeat(200)}`, /not JSON/],
    ["[".repeat(50), /not JSON/],
    ["nan", /not JSON/],
    ["", /not JSON/],
  ])("refuses %.20s… by name", (text, message) => {
    expect(() => parseJson(text, "a file")).toThrow(InputError);
    expect(() => parseJson(text, "a file")).toThrow(message);
  });

  it("takes a key once in each object, and text that looks like a key", () => {
    const text = '[{"a":"a","b":["a","a",":"],"c":{"a":1,"b":"\\"a\\":1"}},{"a":1}]';
    expect(parseJson(text, "x")).toEqual(JSON.parse(text));
  });

  it("takes what is nested 100 deep, and brackets that are text", () => {
    expect(parseJson("[".repeat(100) + "]".repeat(100), "a file")).toHaveLength(1);
    const strings = ["[".repeat(200), '\\"[[', '"'.repeat(101), "{{}}\\"];
    expect(parseJson(JSON.stringify(strings), "a file")).toEqual(strings);
  });
});
