/** `theory`: the constants of docs/theory.md for a tabular problem, and what they guarantee. */

import { InputError } from "../errors.ts";
import type { StatedConstants } from "../exact/theory/policy-constants.ts";
import type { TaskBounds } from "../exact/theory/task-bounds.ts";
import { type PublishedTheory, type Theory, theory } from "../exact/theory/theory.ts";
import { auditNeedle } from "../experiments/audit/default-problems.ts";
import { blamingSpec, parseAuditSpec } from "../experiments/audit/spec.ts";
import { limits, readJson } from "../files/read-file.ts";
import { type AddCommand, examples, filePath } from "./command.ts";
import { finite } from "./finite.ts";
import { table } from "./terminal.ts";

interface Options {
  readonly spec?: string;
  readonly epsilon: string;
  readonly constants?: StatedConstants;
  readonly json?: boolean;
}

export const addTheory: AddCommand = (command, terminal) => {
  command
    .option("--spec <file>", "a problem as JSON, as for audit (default: the needle)", filePath)
    .option("--epsilon <ε>", "target for the root mean square of ‖∇V(θ_k)‖", "0.1")
    .option(
      "--constants <G,L,ρ>",
      "bounds of another policy than the softmax table: ‖∇ln π‖ ≤ G, ‖∇²ln π‖ ≤ L, ∇²ln π ρ-Lipschitz",
      statedConstants,
    )
    .option("--json", "print as JSON")
    .addHelpText(
      "after",
      `\n${examples(
        "theory",
        "theory --spec mdp.json --epsilon 0.01",
        "theory --spec mdp.json --constants 2.8,2,2.2",
        "theory --spec mdp.json --json",
      )}\n\nNo theorem covers ${uncovered}\n`,
    )
    .action(({ spec, epsilon: text, constants, json }: Options) => {
      const epsilon = Number(text);
      if (!(epsilon > 0 && epsilon < Number.POSITIVE_INFINITY))
        throw new InputError(`--epsilon: expected a positive number, got "${text}".`);
      const { problem } =
        spec === undefined
          ? { problem: auditNeedle(3) }
          : parseAuditSpec(readJson(spec, "--spec", limits.problem));
      const result = finite(
        blamingSpec(() => theory(problem, epsilon, constants)),
        "theory",
      );
      terminal.out(json ? JSON.stringify(result) : theoryText(result));
    });
};

/** What neither theorem says anything about, as the end of a sentence. */
const uncovered =
  "Gaussian policies, whose scores are unbounded, so that they have no G; inner steps that are standardised or have another baseline; other estimates after adaptation than returns less the mean of the others; the weights of the jackknives (docs/theory.md).";

function statedConstants(text: string): StatedConstants {
  const numbers = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [score, hessian, hessianLipschitz] = numbers;
  if (numbers.length !== 3 || numbers.some((x) => !(x >= 0 && x < Number.POSITIVE_INFINITY)))
    throw new InputError(`--constants: expected three numbers G,L,ρ, none negative; got "${text}".`);
  return { score: score!, hessian: hessian!, hessianLipschitz: hessianLipschitz! }; // three, as counted
}

function theoryText({
  tasks,
  gradient,
  smoothness,
  variance,
  gap,
  admissibleStepSize,
  epsilon,
  plans,
  published,
}: Theory): string {
  const row = (
    symbol: string,
    meaning: string,
    value: (task: Theory["tasks"][number]) => number,
  ): string[] => [symbol, ...tasks.map((task) => number(value(task))), meaning];
  return [
    "For every θ (docs/theory.md):",
    "",
    table([
      ["", ...tasks.map(({ weight }, i) => `task ${i} (${number(weight)})`), ""],
      row("G", "‖∇ln π‖", ({ bounds }) => bounds.policy.score),
      row("Ḡ", "the same in mean square", ({ bounds }) => bounds.policy.scoreRms),
      row("L", "‖∇²ln π‖", ({ bounds }) => bounds.policy.hessian),
      row("ρ", "Lipschitz constant of ∇²ln π", ({ bounds }) => bounds.policy.hessianLipschitz),
      row("κ_J", "‖∇J‖", ({ bounds }) => bounds.gradient),
      row("Λ_J", "‖∇²J‖", ({ bounds }) => bounds.hessian),
      row("g_∞", "‖∇̃J(θ; D)‖", ({ bounds }) => bounds.stochasticGradient),
      row("g₂", "‖g(τ; θ)‖ in mean square", ({ bounds }) => bounds.stochasticGradientRms),
      row("LRΓ₁", "‖∇²ν(θ; D)‖", ({ bounds }) => bounds.surrogateHessian),
      row("ρRΓ₁", "Lipschitz constant of ∇²ν", ({ bounds }) => bounds.surrogateHessianLipschitz),
      row("u", "‖∂U/∂θ‖", (task) => task.updateExpansion),
      row("σ_g", "‖ĝ‖ in mean square", (task) => Math.sqrt(task.outerSecondMoment)),
      row("κ_0", "‖∇V‖", ({ smoothness: [V] }) => V!.gradient),
      row("Λ_0", "‖∇²V‖", ({ smoothness: [V] }) => V!.hessian),
      row("σ²", "second moment of SG-MRL's estimate", ({ secondMoment }) => secondMoment.sgmrl),
      row("", "of MAML's", ({ secondMoment }) => secondMoment.maml),
      row("", "of jackknife-linear's", ({ secondMoment }) => secondMoment["jackknife-linear"]),
      row("e_0", "bias of jackknife-linear", (task) => task.linearJackknifeBias),
    ]),
    "",
    `Over the tasks: ‖∇V‖ ≤ ${number(gradient)}, L_V = ${number(smoothness)}, σ² ≤ ${number(variance.sgmrl)}, sup V − V(θ_0) ≤ ${number(gap)}`,
    ...(admissibleStepSize === undefined
      ? ["V is constant: any step size will do."]
      : [
          `Admissible step size: β ≤ 1/L_V = ${number(admissibleStepSize)}`,
          "",
          `For (1/K) Σ E‖∇V(θ_k)‖² ≤ ε² = ${number(epsilon ** 2)}:`,
          table([
            ["tasks B", "step size β", "iterations K", "trajectories", "bound", "with jackknife-linear"],
            ...plans.map(({ tasks: B, stepSize, iterations, trajectories, bound }) =>
              [B, stepSize, iterations, trajectories, bound.sgmrl, bound["jackknife-linear"]].map(number),
            ),
          ]),
          "bound: what is guaranteed with SG-MRL's estimates, and with those of jackknife-linear, which are biased by e_0 at most",
        ]),
    "",
    ...publishedText({ tasks, gradient, smoothness, variance, gap, epsilon, plans, published }),
  ].join("\n");
}

/** Both sets of constants for the same tasks. */
function publishedText({
  tasks,
  gradient,
  smoothness,
  variance,
  gap,
  epsilon,
  plans,
  published: { overHorizon, discounted },
}: Pick<
  Theory,
  "tasks" | "gradient" | "smoothness" | "variance" | "gap" | "epsilon" | "plans" | "published"
>): string[] {
  const [ours] = plans;
  const row = (
    symbol: string,
    own: number | undefined,
    of: (theory: PublishedTheory) => number | undefined,
  ): string[] => [
    symbol,
    ...[own, of(overHorizon), discounted === null ? undefined : of(discounted)].map((x) =>
      x === undefined ? "–" : number(x),
    ),
  ];
  const largest = (of: (bounds: PublishedTheory["tasks"][number]) => number) => (theory: PublishedTheory) =>
    Math.max(...theory.tasks.map(of));
  const own = (of: (bounds: TaskBounds) => number) => Math.max(...tasks.map(({ bounds }) => of(bounds)));
  return [
    "The same for the theorem of Fallah et al. (2021), re-derived by its route (docs/theory.md):",
    "",
    table([
      ["", "here", "its route, sums over H", "with 1/(1 − γ)"],
      row(
        "η_G",
        own((bounds) => bounds.stochasticGradient),
        largest((bounds) => bounds.gradient),
      ),
      row(
        "η_H",
        own((bounds) => Math.max(bounds.hessian, bounds.surrogateHessian)),
        largest((bounds) => bounds.hessian),
      ),
      row(
        "η_ρ",
        own((bounds) => bounds.surrogateHessianLipschitz),
        largest((bounds) => bounds.hessianLipschitz),
      ),
      row("‖∇V‖ ≤", gradient, (theory) => theory.gradient),
      row("L_V", smoothness, (theory) => theory.smoothness),
      row("σ² ≤", variance.sgmrl, (theory) => theory.variance),
      row("sup V − V(θ_0) ≤", gap, (theory) => theory.gap),
      row("tasks B for ε² in all", ours?.tasks, ({ plan }) => plan?.tasks),
      row("iterations K", ours?.iterations, ({ plan }) => plan?.iterations),
      row("trajectories", ours?.trajectories, ({ plan }) => plan?.trajectories),
    ]),
    ...(overHorizon.applies
      ? []
      : ["Its condition |α| ≤ 1/η_H does not hold here, so that theorem says nothing about these steps."]),
    ...(overHorizon.guarantee === undefined || !overHorizon.applies
      ? []
      : [
          `As stated, with β = 1/L_V and B = ${number(overHorizon.guarantee.tasks)}: after ${number(overHorizon.guarantee.iterations)} iterations ` +
            `E‖∇V‖² ≤ ε² + βL_VG_V²/B = ${number(overHorizon.guarantee.bound)}; the second term stays, and only a larger batch or a smaller step lowers it.`,
        ]),
    ...(discounted === null ? ["γ = 1: sums over an infinite horizon do not exist."] : []),
    `What differs: bounds of each factor's largest value in place of mean squares; R in place of half the range; ‖∂U/∂θ‖ ≤ 2; one score at a time, so that its constants grow with N; a condition on α, where ours has none. ε = ${number(epsilon)}.`,
    `Covered by neither: ${uncovered}`,
  ];
}

function number(x: number): string {
  return Number.isInteger(x) && x < 1e6 ? String(x) : x.toPrecision(4);
}
