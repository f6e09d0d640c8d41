import { describe, expect, it } from "vitest";
import { definitions, type Files, faults, report, trail } from "../trace.ts";

// Ids are put together here so that this file cites none.
const eq = (id: string): string => `[${"eq"}:${id}]`;
const files = (contents: Record<string, string>): Files => new Map(Object.entries(contents));

const page = `# Rules
Source: a book.
| id | y |
| --- | --- |
| ${eq("sine")} | sin x | cos x |
## ${eq("philox")} A generator
Text that mentions ${eq("sine")} defines nothing.
Source: a paper.
## Others
| ${eq("cosine")} | cos x | −sin x |
`;
const cited = `${eq("sine")} ${eq("philox")}\n${eq("cosine")}`;

describe("the trail from equation to test", () => {
  it("reads definitions from headings and table rows, each with its source", () => {
    expect(
      definitions("docs/a.md", page).map(({ id, title, line, source }) => [id, title, line, source]),
    ).toEqual([
      ["sine", "sin x", 5, "a book."],
      ["philox", "A generator", 6, "a paper."],
      ["cosine", "cos x", 10, "a book."],
    ]);
  });

  it("finds nothing wrong when every id has code and a test", () => {
    const whole = trail(
      files({ "docs/a.md": page }),
      files({ "a.ts": cited }),
      files({ "a.test.ts": cited }),
    );
    expect(faults(whole)).toEqual([]);
    expect(report(whole)).toContain("3 equations, 3 with code, 3 with tests.");
    expect(report(whole)).toContain("[a.ts:2](../a.ts#L2)");
  });

  it.each([
    { fault: "cited by no code", docs: page, code: eq("sine"), tests: cited },
    { fault: "cited by no test", docs: page, code: cited, tests: eq("sine") },
    { fault: "cites", docs: page, code: `${cited} ${eq("typo")}`, tests: cited },
    { fault: "cites", docs: page, code: cited, tests: `${cited} ${eq("typo")}` },
    { fault: "defined twice", docs: `${page}\n# ${eq("sine")} again`, code: cited, tests: cited },
    { fault: "has no line", docs: page.replace("Source: a book.", ""), code: cited, tests: cited },
  ])("reports an id that is $fault", ({ fault, docs, code, tests }) => {
    const broken = trail(
      files({ "docs/a.md": docs }),
      files({ "a.ts": code }),
      files({ "a.test.ts": tests }),
    );
    expect(faults(broken)).not.toEqual([]);
    expect(faults(broken).every((sentence) => sentence.includes(fault))).toBe(true);
  });
});
