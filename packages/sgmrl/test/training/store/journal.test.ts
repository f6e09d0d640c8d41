import { createHash } from "node:crypto";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { damageOf, reopenJournal } from "../../../src/training/store/journal.ts";
import { emptyFolder } from "../../support/runs.ts";

it("a journal beyond what a text may hold is reopened, up to its mark", () => {
  const path = join(emptyFolder(), "metrics.jsonl");
  const line = '{"iteration":0}\n';
  const lines = line.repeat(1e5); // more than is read at once
  writeFileSync(path, lines);
  truncateSync(path, 501 * 2 ** 20); // without blocks on the disk
  const hash = createHash("sha256").update(lines);
  const mark = { bytes: lines.length, sha256: hash.copy().digest("hex") };
  expect(damageOf(path, mark)).toBeUndefined();
  expect(damageOf(path, { ...mark, bytes: 9 })).toContain("its first 9 bytes are not what they were");
  const journal = reopenJournal(path, mark);
  journal.append(JSON.parse(line));
  expect(journal.mark()).toEqual({
    bytes: lines.length + line.length,
    sha256: hash.update(line).digest("hex"),
  });
  journal.close();
  expect(readFileSync(path, "utf8")).toBe(lines + line);
});

it("a journal that is missing, or shorter than at its mark, is told from one that is whole", () => {
  const path = join(emptyFolder(), "metrics.jsonl");
  const empty = { bytes: 0, sha256: createHash("sha256").digest("hex") };
  expect(damageOf(path, empty)).toBeUndefined();
  expect(damageOf(path, { ...empty, bytes: 1 })).toContain("metrics.jsonl: its first 1 bytes");
  writeFileSync(path, "1");
  expect(damageOf(path, { ...empty, bytes: 2 })).toContain("metrics.jsonl: its first 2 bytes");
});
