/** The exact rank tests of docs/results/rivals.md, from the committed returns. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Row {
  readonly entrant: string;
  readonly returns: readonly number[];
}

/** Every choice of n of the items. */
function* choices<T>(items: readonly T[], n: number): Generator<readonly T[]> {
  if (n === 0) return yield [];
  for (const [i, item] of items.entries())
    for (const rest of choices(items.slice(i + 1), n - 1)) yield [item, ...rest];
}

/**
 * The share of pairs in which x is larger, ties counting half, and how often as unequal a share would arise if all returns
 * were drawn alike: over all divisions of them into two samples of these sizes.
 *
 * Source  Mann & Whitney, Ann. Math. Statist. 18(1), 1947, doi:10.1214/aoms/1177730491
 */
function rankTest(x: readonly number[], y: readonly number[]): { share: number; p: number } {
  const all = [...x, ...y];
  const shareOf = (own: ReadonlySet<number>): number => {
    let wins = 0;
    for (let i = 0; i < all.length; i++)
      for (let j = 0; j < all.length; j++)
        if (own.has(i) && !own.has(j)) wins += all[i]! > all[j]! ? 1 : all[i] === all[j] ? 0.5 : 0;
    return wins / (x.length * y.length);
  };
  const share = shareOf(new Set(x.keys()));
  const shares = [...choices([...all.keys()], x.length)].map((own) => shareOf(new Set(own)));
  const asUnequal = shares.filter((other) => Math.abs(other - 0.5) >= Math.abs(share - 0.5) - 1e-12);
  return { share, p: asUnequal.length / shares.length };
}

const read = (name: string) => JSON.parse(readFileSync(`docs/results/${name}.json`, "utf8"));
const parts: readonly { readonly name: string; readonly rows: readonly Row[] }[] = read("paper");
const rowsOf = (part: string): readonly Row[] =>
  part.startsWith("contest") ? read(part) : parts.find(({ name }) => name === part)!.rows;

describe("the exact rank test", () => {
  it("of two samples of five, with the smallest p there is", () => {
    expect(rankTest([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])).toEqual({ share: 0, p: 2 / 252 });
    expect(rankTest([1, 1], [1, 1])).toEqual({ share: 0.5, p: 1 });
  });

  it.each([
    ["two-doors", "jackknife-per-decision", "maml", 1, 0.008],
    ["two-doors", "emaml-published", "maml", 1, 0.008],
    ["navigation-quick-samples", "reparameterised", "maml", 0.92, 0.03],
    ["corners", "fomaml", "maml", 0.88, 0.06],
    ["corners-samples", "reparameterised-warped", "maml", 1, 0.008],
    ["contest-paper-3", "reparameterised", "maml", 0.84, 0.1],
  ] as const)("%s: %s beside %s", (part, entrant, rival, share, p) => {
    const [x, y] = [entrant, rival].map((name) => rowsOf(part).find((row) => row.entrant === name)!.returns);
    const found = rankTest(x!, y!);
    expect(found.share).toBeCloseTo(share, 12);
    expect(Number(found.p.toPrecision(1))).toBe(p);
  });

  it("the full score term from equal samples on the corners is above every run of a rival", () => {
    const rows = rowsOf("corners-samples");
    const rivals = rows.filter(({ entrant }) => !entrant.startsWith("reparameterised-warped"));
    const own = rows.find(({ entrant }) => entrant === "reparameterised-warped")!;
    expect(rivals).toHaveLength(12);
    expect(Math.min(...own.returns)).toBeGreaterThan(Math.max(...rivals.flatMap(({ returns }) => returns)));
  });
});
