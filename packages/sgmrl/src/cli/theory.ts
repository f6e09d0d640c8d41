/** `theory`: the constants of docs/theory.md for a tabular problem, and what they guarantee. */

import { InputError } from "../errors.ts";
import { type Theory, theory } from "../exact/theory/theory.ts";
import { auditNeedle } from "../experiments/audit/default-problems.ts";
import { blamingSpec, parseAuditSpec } from "../experiments/audit/spec.ts";
import { limits, readJson } from "../read-file.ts";
import { type AddCommand, examples, filePath } from "./command.ts";
import { finite } from "./finite.ts";
import { table } from "./terminal.ts";

interface Options {
  readonly spec?: string;
  readonly epsilon: string;
  readonly json?: boolean;
}

export const addTheory: AddCommand = (command, terminal) => {
  command
    .option("--spec <file>", "a problem as JSON, as for audit (default: the needle)", filePath)
    .option("--epsilon <ε>", "target for the root mean square of ‖∇V(θ_k)‖", "0.1")
    .option("--json", "print as JSON")
    .addHelpText(
      "after",
      examples("theory", "theory --spec mdp.json --epsilon 0.01", "theory --spec mdp.json --json"),
    )
    .action(({ spec, epsilon: text, json }: Options) => {
      const epsilon = Number(text);
      if (!(epsilon > 0 && epsilon < Number.POSITIVE_INFINITY))
        throw new InputError(`--epsilon: expected a positive number, got "${text}".`);
      const { problem } =
        spec === undefined
          ? { problem: auditNeedle(3) }
          : parseAuditSpec(readJson(spec, "--spec", limits.problem));
      const { advantage = "reward-to-go", convention = "paper" } = problem.inner;
      if (advantage !== "reward-to-go" || convention !== "paper")
        throw new InputError(
          `spec.inner: the bounds hold for advantage "reward-to-go" in the "paper" convention; got "${advantage}", "${convention}".`,
        );
      const result = finite(
        blamingSpec(() => theory(problem, epsilon)),
        "theory",
      );
      terminal.out(json ? JSON.stringify(result) : theoryText(result));
    });
};

function theoryText({
  tasks,
  gradient,
  smoothness,
  variance,
  gap,
  admissibleStepSize,
  epsilon,
  plans,
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
      row("LRΓ₁", "‖∇²ν(θ; D)‖", ({ bounds }) => bounds.surrogateHessian),
      row("u", "‖∂U/∂θ‖", (task) => task.updateExpansion),
      row("κ_0", "‖∇V‖", ({ smoothness: [V] }) => V!.gradient),
      row("Λ_0", "‖∇²V‖", ({ smoothness: [V] }) => V!.hessian),
      row("σ²", "second moment of SG-MRL's estimate", ({ secondMoment }) => secondMoment.sgmrl),
      row("", "of MAML's", ({ secondMoment }) => secondMoment.maml),
    ]),
    "",
    `Over the tasks: ‖∇V‖ ≤ ${number(gradient)}, L_V = ${number(smoothness)}, σ² ≤ ${number(variance.sgmrl)}, max V − V(θ_0) ≤ ${number(gap)}`,
    ...(admissibleStepSize === undefined
      ? ["V is constant: any step size will do."]
      : [
          `Admissible step size: β ≤ 1/L_V = ${number(admissibleStepSize)}`,
          "",
          `For (1/K) Σ E‖∇V(θ_k)‖² ≤ ε² = ${number(epsilon ** 2)}:`,
          table([
            ["tasks B", "step size β", "iterations K", "trajectories"],
            ...plans.map(({ tasks: B, stepSize, iterations, trajectories }) =>
              [B, stepSize, iterations, trajectories].map(number),
            ),
          ]),
        ]),
  ].join("\n");
}

function number(x: number): string {
  return Number.isInteger(x) && x < 1e6 ? String(x) : x.toPrecision(4);
}
