/** The laws of one primitive on fresh cases, with or without a mistake planted in its rule: the tests' own, in a page. */
import fc from "fast-check";
import { namedCases, primitiveNamed } from "../../../../packages/autodiff/test/support/cases.ts";
import { pointLaws } from "../../../../packages/autodiff/test/support/laws.ts";
import { equivalentMutants } from "../../../../packages/autodiff/test/support/mutation/equivalent.ts";
import {
  MutableRule,
  type RuleName,
} from "../../../../packages/autodiff/test/support/mutation/mutated-rule.ts";
import { type Point, pointOf } from "../../../../packages/autodiff/test/support/setting.ts";
import { messageOf, serveTasks } from "../live/worker-task.ts";

export interface Mistake {
  readonly rule: RuleName;
  readonly name: string;
}
export interface LawsRequest {
  readonly primitive: string;
  readonly seed: number;
  readonly cases: number;
  readonly mistake?: Mistake;
}
export interface LawOutcome {
  readonly law: string;
  /** Cases that were tried before the law broke, or all. */
  readonly cases: number;
  readonly broken?: { readonly at: string; readonly because: string };
}
export interface LawsResult {
  readonly outcomes: readonly LawOutcome[];
  readonly seconds: number;
  /** The mistakes that can be made in the rules of this primitive. */
  readonly mistakes: readonly Mistake[];
  /** Why the planted mistake changes nothing, where that is argued. */
  readonly equivalent?: string;
}

serveTasks(({ primitive, seed, cases, mistake }: LawsRequest, progress): LawsResult => {
  const found = namedCases.find(([name]) => name === primitive);
  if (found === undefined) throw new RangeError(`there is no primitive "${primitive}"`);
  const points = found[1].settings.chain(pointOf);
  progress("finding the mistakes that can be planted");
  // The rules of loops make loops of other programs, in which mistakes are made another way.
  const ofPrograms = ["scan", "cond", "part"].includes(primitive);
  const kinds = ofPrograms ? [] : (["jvp", "vjp"] as const);
  const rules = kinds.map((kind) => new MutableRule(primitiveNamed(primitive), kind));
  const uses = fc
    .sample(points, { numRuns: 40, seed: 1 })
    .map((point) => ({ run: () => tryAll(point), nests: false }));
  const mistakes = rules.flatMap((rule) =>
    [...rule.mistakes(uses).keys()].map((name): Mistake => ({ rule: rule.rule, name })),
  );
  if (
    mistake !== undefined &&
    !mistakes.some(({ rule, name }) => rule === mistake.rule && name === mistake.name)
  )
    throw new RangeError(`no such mistake can be planted in ${primitive}: ${mistake.rule} ${mistake.name}`);
  const planted = rules.find(({ rule }) => rule === mistake?.rule);
  const plant = <T>(run: () => T): T =>
    planted === undefined || mistake === undefined ? run() : planted.withMistake(mistake.name, run);

  const started = performance.now();
  const outcomes = Object.entries(pointLaws).map(([law, holds]): LawOutcome => {
    progress(law);
    const details = plant(() => fc.check(fc.property(points, holds), { numRuns: cases, seed }));
    if (!details.failed) return { law, cases: details.numRuns };
    const [point] = details.counterexample ?? [];
    return {
      law,
      cases: details.numRuns,
      broken: { at: fc.stringify(point), because: messageOf(details.errorInstance) },
    };
  });
  const equivalent = equivalentMutants.find(
    (known) =>
      known.primitive === primitive && known.rule === mistake?.rule && known.mistakes.includes(mistake.name),
  )?.because;
  const seconds = (performance.now() - started) / 1000;
  return { outcomes, seconds, mistakes, ...(equivalent === undefined ? {} : { equivalent }) };
});

/** Calls both rules as the laws do. */
function tryAll(point: Point): void {
  for (const holds of Object.values(pointLaws)) {
    try {
      holds(point);
    } catch {
      // only the calls matter here
    }
  }
}
