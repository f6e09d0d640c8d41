import { describe, expect, it } from "vitest";
import { checkConfig, parseConfig } from "../../src/config/parse-config.ts";
import { presets } from "../../src/config/presets.ts";
import { InputError } from "../../src/errors.ts";

describe("parseConfig", () => {
  it("lets a coefficient be chosen while training where tasks are compared", () => {
    const flags = { "--estimator": "sgmrl-other-tasks", "--score-coefficient": "auto" };
    expect(parseConfig({ flags }).experiment.estimator).toEqual({
      name: "sgmrl-other-tasks",
      scoreCoefficient: "auto",
    });
  });

  it("gives a preset in full: with horizon and discount of its environment", () => {
    const { experiment, ...rest } = presets.quick!;
    expect(parseConfig({})).toEqual({
      ...rest,
      experiment: { ...experiment, estimator: { name: "reparameterised" }, horizon: 100, discount: 0.99 },
    });
  });

  it.each(Object.keys(presets))("accepts the preset %s, and what it gives once more", (preset) => {
    const config = parseConfig({ preset });
    expect(checkConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it("lets flags override the file, and the file the preset", () => {
    const file = { seed: 3, iterations: 7, experiment: { inner: { stepSize: 0.5 } } };
    const config = parseConfig({ file, flags: { "--seed": "9", "--hidden": "8,4" } });
    expect(config).toMatchObject({
      seed: 9,
      iterations: 7,
      experiment: { policy: { hidden: [8, 4] }, inner: { stepSize: 0.5, trajectories: 20 } },
    });
  });

  it("chooses the kind of policy by the environment's actions, unless told", () => {
    const kindOf = (flags: Record<string, string>) => parseConfig({ flags }).experiment.policy.kind;
    expect(kindOf({ "--env": "needle-bandit" })).toBe("categorical-mlp");
    expect(kindOf({ "--env": "corner-2d" })).toBe("gaussian-mlp");
    expect(kindOf({ "--env": "corner-2d", "--policy": "categorical-mlp" })).toBe("categorical-mlp");
  });

  it("chooses the estimator by the environment, unless one is named or the preset has one", () => {
    const of = (flags: Record<string, string>, preset = "quick") =>
      parseConfig({ preset, flags }).experiment.estimator;
    expect(of({})).toEqual({ name: "reparameterised" });
    expect(of({}, "paper-navigation")).toEqual({ name: "reparameterised" });
    expect(of({ "--env": "corner-2d-dense" })).toEqual({ name: "reparameterised" });
    expect(of({ "--env": "tabular-dense" })).toEqual({ name: "jackknife-per-decision" });
    for (const env of ["half-cheetah-direction", "ant-goal"])
      expect(of({ "--env": env })).toEqual({ name: "jackknife-linear", scoreCoefficient: "auto" });
    expect(of({ "--env": "needle-bandit", "--estimator": "maml" })).toEqual({ name: "maml" });
    expect(of({ "--score-coefficient": "0.5" })).toEqual({ name: "reparameterised", scoreCoefficient: 0.5 });
    expect(of({ "--env": "ant-goal", "--score-coefficient": "1" })).toEqual({
      name: "jackknife-linear",
      scoreCoefficient: 1,
    });
    expect(of({ "--env": "toy-1d" }, "corners")).toEqual({ name: "maml" });
    expect(of({}, "locomotion")).toEqual({ name: "jackknife-per-decision" });
  });

  it("says of an unknown environment only that", () => {
    expect(() => parseConfig({ flags: { "--env": "maze" } })).toThrow(
      /^config.experiment.environment \(--env\): [^\n]*$/,
    );
  });

  it("refuses an estimator that is no object", () => {
    const file = { experiment: { estimator: "maml" } };
    expect(() => parseConfig({ file })).toThrow(/experiment.estimator: .*got "maml"/);
  });

  it("gives another optimizer its own defaults", () => {
    expect(parseConfig({ flags: { "--optimizer": "sgd", "--learning-rate": "0.5" } }).optimizer).toEqual({
      name: "sgd",
      learningRate: 0.5,
      momentum: 0,
    });
  });

  it("keeps the preset's optimizer where its name is given again", () => {
    for (const preset of Object.keys(presets)) {
      const { optimizer } = parseConfig({ preset });
      const { name } = optimizer;
      expect(parseConfig({ preset, flags: { "--optimizer": name } }).optimizer).toEqual(optimizer);
      expect(parseConfig({ preset, file: { optimizer: { name, epsilon: 1e-5 } } }).optimizer).toEqual({
        ...optimizer,
        epsilon: 1e-5,
      });
    }
    const flags = { "--optimizer": "adam" };
    expect(parseConfig({ file: { optimizer: { name: "sgd", learningRate: 7 } }, flags })).toEqual(
      parseConfig({}),
    );
  });

  it("drops what belonged to an estimator or an advantage that a flag replaces, and keeps what is given with it", () => {
    const of = (preset: string, flags: Record<string, string>) => parseConfig({ preset, flags }).experiment;
    expect(of("half-cheetah-short", {}).estimator).toEqual({
      name: "jackknife-linear",
      scoreCoefficient: "auto",
    });
    expect(of("half-cheetah-short", { "--estimator": "maml" }).estimator).toEqual({ name: "maml" });
    expect(
      of("half-cheetah-short", { "--estimator": "sgmrl", "--score-coefficient": "0.5" }).estimator,
    ).toEqual({
      name: "sgmrl",
      scoreCoefficient: 0.5,
    });
    expect(of("half-cheetah-short", { "--score-coefficient": "1" }).estimator).toEqual({
      name: "jackknife-linear",
      scoreCoefficient: 1,
    });
    expect(of("locomotion", {}).inner.gaeLambda).toBe(0.997);
    expect(of("locomotion", { "--advantage": "centred" }).inner.gaeLambda).toBeUndefined();
    expect(of("locomotion", { "--advantage": "gae", "--gae-lambda": "0.5" }).inner.gaeLambda).toBe(0.5);
  });

  it("lets a flag replace the optimizer of a file, whose other fields go with it", () => {
    const file = JSON.parse(JSON.stringify(parseConfig({})));
    expect(parseConfig({ file, flags: { "--optimizer": "sgd" } }).optimizer).toEqual({
      name: "sgd",
      learningRate: 0.01,
      momentum: 0,
    });
    expect(parseConfig({ file, flags: { "--optimizer": "adam" } })).toEqual(parseConfig({}));
  });

  // [flags, what the error names: the field, its flag, what is allowed, what was given]
  it.each<[Record<string, string>, string]>([
    [{ "--env": "maze" }, 'config.experiment.environment (--env): expected one of "navigation-2d"'],
    [{ "--env": "maze" }, 'got "maze"'],
    [{ "--estimator": "x" }, 'config.experiment.estimator.name (--estimator): expected one of "sgmrl", '],
    [
      { "--inner-steps": "0" },
      "config.experiment.inner.steps (--inner-steps): expected a number of at least 1; got 0",
    ],
    [
      { "--step-size": "-1" },
      "config.experiment.inner.stepSize (--step-size): expected a number above 0; got -1",
    ],
    [{ "--seed": "1.5" }, "config.seed (--seed): expected a whole number"],
    [{ "--seed": "one" }, '--seed: expected a number; got "one"'],
    ...["8,x", "8,", "8,,8", "none,8", "8x8", ""].map((hidden): [Record<string, string>, string] => [
      { "--hidden": hidden },
      `--hidden: expected numbers with commas between them, or none; got "${hidden}"`,
    ]),
    [{ "--optimizer": "lbfgs" }, "config.optimizer.name (--optimizer): "],
    [{ "--score-coefficient": "2" }, "of at most 1; got 2"],
    [{ "--score-coefficient": "often" }, 'expected a number from 0 to 1, or "auto"; got "often"'],
    [{ "--task-sampling": "grid" }, 'config.taskSampling (--task-sampling): expected one of "independent"'],
    [
      { "--score-every": "2" },
      "(--score-every): above 1 it needs evenly spread tasks: --task-sampling lattice",
    ],
    [
      { "--task-sampling": "lattice", "--env": "tabular-dense" },
      "config.taskSampling (--task-sampling): the tasks of tabular-dense (transition rows ~ Dirichlet(1), mean rewards ~ N(1, 1)) cannot be laid out",
    ],
    [
      { "--estimator": "maml", "--groups": "5" },
      "(--groups): maml does not leave out groups of trajectories",
    ],
    [
      { "--estimator": "jackknife-linear", "--groups": "5" },
      "(--groups): jackknife-linear does not leave out groups",
    ],
    [
      { "--estimator": "jackknife-coupled", "--groups": "5", "--inner-trajectories": "3" },
      "(--groups): 3 trajectories cannot form 5 groups (--inner-trajectories)",
    ],
    ...["maml", "fomaml", "dice", "loaded-dice", "tmaml", "lvc"].map(
      (name): [Record<string, string>, string] => [
        { "--estimator": name, "--score-coefficient": "0.5" },
        `(--score-coefficient): ${name} has no score term for it to multiply`,
      ],
    ),
    [
      { "--estimator": "maml", "--score-every": "2", "--task-sampling": "lattice" },
      "(--score-every): maml has no score term to leave out",
    ],
    [
      { "--score-every": "2", "--task-sampling": "lattice", "--score-coefficient": "0" },
      "(--score-every): with a coefficient of 0 no task computes its score term",
    ],
    [
      { "--estimator": "sgmrl-other-tasks", "--tasks": "1" },
      "(--estimator): sgmrl-other-tasks compares the tasks of a batch; there is only one (--tasks)",
    ],
    [
      { "--estimator": "sgmrl-leave-one-out", "--inner-trajectories": "1" },
      "(--estimator): with a single trajectory there are no others whose mean could be subtracted (--inner-trajectories)",
    ],
    [
      { "--advantage": "leave-one-out", "--inner-trajectories": "1" },
      "(--advantage): with a single trajectory there are no others whose mean could be subtracted (--inner-trajectories)",
    ],
    ...["mean", "fitted"].map((baseline): [Record<string, string>, string] => [
      { "--outer-baseline": baseline, "--outer-trajectories": "1" },
      "(--outer-baseline): with a single trajectory there are no others to form a baseline (--outer-trajectories).",
    ]),
    [
      { "--outer-baseline": "fitted", "--outer-advantage": "standardised-gae" },
      "(--outer-baseline): standardised-gae fits a baseline of its own (--outer-advantage)",
    ],
    [
      { "--outer-gae-lambda": "0.9" },
      "(--outer-gae-lambda): returns minus a baseline have no λ; use it with --outer-advantage standardised-gae",
    ],
    ...["sgmrl", "jackknife-per-decision", "emaml", "emaml-sum", "reparameterised"].map(
      (name): [Record<string, string>, string] => [
        { "--estimator": name, "--outer-advantage": "standardised-gae" },
        `(--outer-advantage): ${name} adds returns times scores to a gradient of standardised advantages`,
      ],
    ),
    [
      { "--estimator": "emaml-published", "--tasks": "1" },
      "(--estimator): emaml-published compares the tasks of a batch; there is only one (--tasks)",
    ],
    [
      { "--env": "needle-bandit", "--estimator": "reparameterised" },
      'but the actions of needle-bandit are discrete. Use "jackknife-per-decision".',
    ],
    [
      { "--env": "needle-bandit", "--initial-std": "2" },
      "(--initial-std): the actions of needle-bandit are discrete: they have no standard deviation.",
    ],
    [
      { "--score-every": "21", "--task-sampling": "lattice" },
      "(--score-every): there are only 20 tasks in a batch (--tasks)",
    ],
    [
      { "--advantage": "reward-to-go", "--gae-lambda": "0.9" },
      '(--gae-lambda): the advantage "reward-to-go" has no λ',
    ],
  ])("refuses %o: %s", (flags, message) => {
    expect(() => parseConfig({ flags })).toThrow(InputError);
    expect(() => parseConfig({ flags })).toThrow(message);
    expect(() => parseConfig({ flags })).not.toThrow("..");
  });

  it.each<[Record<string, unknown>, string]>([
    [{ "--iteratoins": "3" }, '--iteratoins: unknown. Did you mean "--iterations"?'],
    [{ seed: "3" }, 'seed: unknown. Did you mean "--seed"?'],
    [{ "--seed": 3 }, "--seed: expected a string, as on the command line; got 3"],
    [{ "--step-size": "-Infinity" }, '--step-size: expected a number; got "-Infinity"'],
  ])("refuses the flags %o, given as an object: %s", (flags, message) => {
    expect(() => parseConfig({ flags: flags as Record<string, string> })).toThrow(InputError);
    expect(() => parseConfig({ flags: flags as Record<string, string> })).toThrow(message);
  });

  it("names every fault at once", () => {
    const faulty = () => parseConfig({ flags: { "--tasks": "0", "--iterations": "0" } });
    expect(faulty).toThrow("config.tasks");
    expect(faulty).toThrow("config.iterations");
  });

  it.each<[unknown, string]>([
    [[], "expected a JSON object"],
    [{ experiment: { inner: { stepz: 1 } } }, 'config.experiment.inner: there is no field "stepz" here'],
    [{ version: 2 }, "version 2 is not the version 1 of this program"],
    [{ tasks: Number.NaN }, "config.tasks (--tasks): expected a finite number; got NaN."],
    [{ optimizer: { learningRate: Number.POSITIVE_INFINITY } }, "expected a finite number; got Infinity."],
    [
      { evaluation: { tasks: 1 } },
      "config.evaluation.tasks (--evaluate-tasks): expected a number of at least 2",
    ],
    [{ experiment: null }, "config.experiment: "],
  ])("refuses the file %j: %s", (file, message) => {
    expect(() => parseConfig({ file })).toThrow(InputError);
    expect(() => parseConfig({ file })).toThrow(message);
  });

  it.each([[[]], [null], [3], ["x"]])(
    "does not let flags replace %j where there should be fields",
    (inner) => {
      const sources = { file: { experiment: { inner } }, flags: { "--inner-steps": "2" } };
      expect(() => parseConfig(sources)).toThrow(InputError);
      expect(() => parseConfig(sources)).toThrow("config.experiment.inner: expected an object");
    },
  );

  it("answers an unknown preset with the known ones", () => {
    expect(() => parseConfig({ preset: "toString" })).toThrow(/"toString" is unknown. Use one of quick, /);
  });
});
