import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type NdArray, zerosLike } from "../../src/index.ts";
import {
  hessianProductsAgree,
  jvpMatchesDifferences,
  tangentOf,
  vjpIsTransposeOfJvp,
} from "../../src/testing/index.ts";
import { namedCases, primitiveNamed } from "../support/cases.ts";
import { curved } from "../support/curved.ts";
import { edgeHolds } from "../support/edges.ts";
import { type EquivalentMutants, equivalentMutants } from "../support/mutation/equivalent.ts";
import { MutableRule, type RuleUse } from "../support/mutation/mutated-rule.ts";
import { type Edge, type Point, type PrimitiveCase, pointOf } from "../support/setting.ts";

// The tests are tested: a rule with a mistake in it must break a law. Mistakes are changes of the rule's own
// program at one place (../support/mutation/operators.ts), so new rules and new lines get theirs by themselves.

const tally = { caught: 0, equivalent: 0, made: 0 };
const survivors: string[] = [];
const used = new Set<object>();

afterAll(() => {
  console.log(
    `caught ${tally.caught} of ${tally.made} mistakes in derivative rules; ` +
      `${tally.equivalent} of the others change nothing (argued one by one in equivalent.ts), ` +
      `${survivors.length} got through${survivors.map((survivor) => `\n  ${survivor}`).join("")}`,
  );
});

// The rules of loops make loops of other programs; mistakes are made in those (loops-mutation.test.ts).
const withPrograms = namedCases.filter(([name]) => !["scan", "cond", "part"].includes(name));

describe.each(withPrograms)("%s", (name, testCase) => {
  it.each(["jvp", "vjp"] as const)("a mistake in its %s is caught", (rule) => {
    const mutable = new MutableRule(primitiveNamed(name), rule);
    const mistakes = mutable.mistakes(lawsOf(testCase, rule));
    const through = [...mistakes].flatMap(([mistake, uses]) => {
      // One that is argued to change nothing is tried where the others are caught, not everywhere.
      const tried = isEquivalent(name, rule, mistake) ? uses.slice(0, 20) : uses;
      return mutable.withMistake(mistake, () => tried.some(breaks)) ? [] : [mistake];
    });
    const explained = through.flatMap((mistake) => equivalentTo(name, rule, mistake) ?? []);
    for (const entry of explained) used.add(entry);
    const unexplained = through.filter((mistake) => !isEquivalent(name, rule, mistake));

    tally.made += mistakes.size;
    tally.caught += mistakes.size - through.length;
    tally.equivalent += through.length - unexplained.length;
    survivors.push(...unexplained.map((mistake) => `${name} ${rule}: ${mistake}`));
    expect(unexplained).toEqual([]);
  });
});

it("has no explanation for a mutant that does not exist", () => {
  expect(equivalentMutants.filter((entry) => !used.has(entry))).toEqual([]);
});

function equivalentTo(name: string, rule: string, mistake: string): EquivalentMutants | undefined {
  return equivalentMutants.find(
    (known) => known.primitive === name && known.rule === rule && known.mistakes.includes(mistake),
  );
}

function isEquivalent(name: string, rule: string, mistake: string): boolean {
  return equivalentTo(name, rule, mistake) !== undefined;
}

function breaks({ run }: RuleUse): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}

/**
 * The laws at a few points of the case, the quick and telling ones first. Arrays only, of rank 1 and more: the
 * programs of scalars are the same but for broadcasts.
 */
function lawsOf(testCase: PrimitiveCase, rule: "jvp" | "vjp"): RuleUse[] {
  const { settings, edges } = testCase;
  const stated = edges.map((edge): RuleUse => ({ run: () => edgeHolds(asVectors(edge)), nests: false }));
  const points = fc
    .sample(settings.chain(pointOf), { numRuns: testCase.isCostly ? 20 : 80, seed: 1 })
    .filter(({ xs }) => xs.every(({ data }) => data.length > 1));
  const smooth = points.filter(({ setting }) => setting.smooth);
  const [some, all] = [ofEachKind(points).flatMap(variants), points.flatMap(variants)];
  // Differences say nothing of a vjp, and take many evaluations; the other rule tells most mistakes.
  const quotients = rule === "jvp";
  return [
    ...some.map(transposes),
    ...stated,
    ...(quotients ? some.map(differences) : []),
    ...ofEachKind(smooth).map(secondOrder),
    ...all.map(transposes),
    ...(quotients ? all.map(differences) : []),
    ...smooth.slice(0, 10).map(secondOrder),
  ];
}

/** Two points of every kind of setting, whatever its shapes; those of highest rank have the longest programs. */
function ofEachKind(points: readonly Point[]): Point[] {
  const byKind = new Map<string, Point[]>();
  const rank = ({ xs }: Point): number => Math.max(...xs.map(({ shape }) => shape.length));
  for (const point of points.toSorted((a, b) => rank(b) - rank(a))) {
    const kind = point.setting.text.replaceAll(/\[[^\]]*\]/g, "");
    byKind.set(kind, [...(byKind.get(kind) ?? []), point]);
  }
  return [...byKind.values()].flatMap((kind) => kind.slice(0, 2)).slice(0, 12);
}

/** A point with all arguments moving, and with each of them alone: rules skip what does not move. */
function variants(point: Point): Point[] {
  const { setting, xs, dxs, others } = point;
  if (xs.length === 1) return [point];
  const alone = xs.map((x, i): Point => {
    const apply = (moving?: NdArray): NdArray => setting.apply(...xs.with(i, moving!));
    return { ...point, setting: { ...setting, apply }, xs: [x], dxs: [dxs[i]!], others: [others[i]!] };
  });
  return [point, ...alone];
}

function transposes({ setting: { apply }, xs, dxs, yBar }: Point): RuleUse {
  return { run: () => void vjpIsTransposeOfJvp(apply, xs, dxs, yBar), nests: false };
}

function differences({ setting: { apply }, xs, dxs }: Point): RuleUse {
  const run = (): void => void jvpMatchesDifferences(apply, xs, dxs);
  return { run, calls: () => void tangentOf(apply, xs, dxs), nests: false };
}

function secondOrder({ setting: { apply, differences }, xs, dxs, others, yBar }: Point): RuleUse {
  const run = (): void => {
    const g = curved(apply, xs, yBar);
    const origin = xs.map((x) => zerosLike(x));
    hessianProductsAgree(g, origin, dxs, others, { differences });
  };
  return { run, nests: true };
}

/** An edge stated for numbers, for vectors of one element. */
function asVectors(edge: Edge): Edge {
  if (!edge.at.every((x) => typeof x === "number")) return edge;
  return {
    ...edge,
    at: edge.at.map((x) => [x]),
    value: [edge.value],
    gradients: edge.gradients.map((x) => [x]),
  };
}
