import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/config/parse-config.ts";
import { at } from "../../../src/config/tree.ts";
import { InputError } from "../../../src/errors.ts";
import { expandSweep } from "../../../src/experiments/sweep/expand.ts";
import { parseSweepSpec } from "../../../src/experiments/sweep/spec.ts";

const settingsOf = (spec: object) => expandSweep(parseSweepSpec(spec));
const namesOf = (spec: object) => settingsOf(spec).map(({ name }) => name);

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((first, i) => permutations(items.toSpliced(i, 1)).map((rest) => [first, ...rest]));
}

describe("a sweep file", () => {
  it("asks for every point of its grid, over what all runs share, with every seed", () => {
    const settings = settingsOf({
      preset: "needle",
      config: { iterations: 7, experiment: { inner: { trajectories: 4 } } },
      grid: { estimator: ["sgmrl", "maml"], "optimizer.beta1": [0.5, 0.9] },
      seeds: [3, 0],
    });
    expect(settings.map(({ name }) => name)).toEqual([
      "estimator=sgmrl,optimizer.beta1=0.5",
      "estimator=sgmrl,optimizer.beta1=0.9",
      "estimator=maml,optimizer.beta1=0.5",
      "estimator=maml,optimizer.beta1=0.9",
    ]);
    const [, second] = settings;
    expect(second!.runs.map(({ name }) => name)).toEqual([
      `${second!.name}/seed-3`,
      `${second!.name}/seed-0`,
    ]);
    const flags = { "--estimator": "sgmrl", "--iterations": "7", "--inner-trajectories": "4", "--seed": "3" };
    expect(second!.runs[0].config).toEqual(parseConfig({ preset: "needle", flags }));
  });

  it("asks for every entry of its list, each through the whole grid", () => {
    const spec = {
      list: [{ name: "short", config: { iterations: 5 } }, { name: "long" }],
      grid: { hidden: [[], [8, 4]] },
      seeds: [0],
    };
    const settings = settingsOf(spec);
    expect(settings.map(({ name, runs: [{ config }] }) => [name, config.iterations])).toEqual([
      ["short,hidden=none", 5],
      ["short,hidden=8-4", 5],
      ["long,hidden=none", 40],
      ["long,hidden=8-4", 40],
    ]);
    expect(settings[1]!.runs[0].config.experiment.policy.hidden).toEqual([8, 4]);
  });

  it("with seeds alone asks for one setting, named by its preset", () => {
    expect(namesOf({ seeds: [0, 1] })).toEqual(["quick"]);
  });

  it("of more runs than anybody waits for is refused before it is expanded", () => {
    const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
    const grid = Object.fromEntries(
      ["tasks", "horizon", "iterations", "inner-steps", "groups", "outer-trajectories"].map((name) => [
        name,
        hundred,
      ]),
    );
    for (const [spec, runs] of [
      [{ grid, seeds: [0] }, "1.00000e\\+12"],
      [{ seeds: Array.from({ length: 20_001 }, (_, i) => i) }, "20001"],
    ] as const) {
      expect(() => parseSweepSpec(spec)).toThrow(InputError);
      expect(() => parseSweepSpec(spec)).toThrow(new RegExp(`${runs}.* runs.*expected at most 20000`));
    }
  });

  it("of another kind is refused with the first of its thousands of problems", () => {
    const many = {
      seeds: Array.from({ length: 5_000 }, () => "x"),
      ...Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, 0])),
    };
    expect(() => parseSweepSpec(many)).toThrow(InputError);
    try {
      parseSweepSpec(many);
    } catch (error) {
      expect(String(error).split("\n").length).toBeLessThan(50);
      expect(String(error)).toMatch(/and 49\d\d more/);
    }
  });

  it("keeps the preset's optimizer, and gives another its own defaults", () => {
    const spec = {
      config: { optimizer: { name: "adam", beta1: 0.5 } },
      grid: { optimizer: ["adam", "sgd"] },
      seeds: [0],
    };
    expect(settingsOf(spec).map(({ runs: [{ config }] }) => config.optimizer)).toEqual([
      { name: "adam", learningRate: 0.01, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 }, // the rate of "quick"
      { name: "sgd", learningRate: 0.01, momentum: 0 },
    ]);
  });

  it("gives each run the settings that its name states, in whatever order the axes come", () => {
    const config = {
      optimizer: { name: "adam" },
      experiment: { estimator: { name: "sgmrl" }, inner: { advantage: "gae" } },
    };
    const stated: [axis: string, path: string, value: unknown][] = [
      ["learning-rate", "optimizer.learningRate", 0.3],
      ["optimizer", "optimizer.name", "sgd"],
      ["score-coefficient", "experiment.estimator.scoreCoefficient", 0.5],
      ["estimator", "experiment.estimator.name", "jackknife-linear"],
      ["gae-lambda", "experiment.inner.gaeLambda", 0.9],
      ["advantage", "experiment.inner.advantage", "standardised-gae"],
    ];
    for (const axes of permutations(stated)) {
      const grid = Object.fromEntries(axes.map(([axis, , value]) => [axis, [value]]));
      const [setting] = settingsOf({ config, grid, seeds: [0] });
      for (const [, path, value] of stated)
        expect(at(setting!.runs[0].config, path), setting!.name).toBe(value);
    }
  });

  it("gives each run what its entry of the list states, beside an axis that changes the name it belongs to", () => {
    const spec = {
      config: { optimizer: { name: "adam", beta1: 0.5 } },
      list: [{ name: "fast", config: { optimizer: { learningRate: 0.3 } } }],
      grid: { optimizer: ["adam", "sgd"] },
      seeds: [0],
    };
    expect(settingsOf(spec).map(({ runs: [{ config }] }) => config.optimizer)).toEqual([
      { name: "adam", learningRate: 0.3, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 },
      { name: "sgd", learningRate: 0.3, momentum: 0 },
    ]);
  });

  const axes = {
    estimator: fc.constantFrom("sgmrl", "maml", "fomaml", "dice"),
    "step-size": fc.double({ min: 1e-6, max: 100, noNaN: true }),
    "experiment.outer.trajectories": fc.integer({ min: 1, max: 50 }),
    tasks: fc.integer({ min: 1, max: 9 }),
    hidden: fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 3 }),
  };
  const pathOf: Record<string, string> = {
    estimator: "experiment.estimator.name",
    "step-size": "experiment.inner.stepSize",
    hidden: "experiment.policy.hidden",
  };
  const values = <T>(value: fc.Arbitrary<T>) =>
    fc.uniqueArray(value, { minLength: 1, maxLength: 3, selector: (v) => JSON.stringify(v) });
  const grids = fc.record(
    Object.fromEntries(Object.entries(axes).map(([name, value]) => [name, values<unknown>(value)])),
    { requiredKeys: [] },
  );

  it("is the product of its axes: each combination once, under a name of its own", () => {
    fc.assert(
      fc.property(grids, (grid) => {
        const settings = settingsOf({ grid, seeds: [0] });
        const size = Object.values(grid).reduce((product, axis) => product * axis!.length, 1);
        expect(new Set(settings.map(({ name }) => name)).size).toBe(size);
        const points = settings.map(({ runs: [{ config }] }) =>
          Object.keys(grid).map((name) => at(config, pathOf[name] ?? name)),
        );
        expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(size);
        for (const point of points)
          for (const [i, axis] of Object.values(grid).entries()) expect(axis).toContainEqual(point[i]);
      }),
      { numRuns: 30 },
    );
  });

  it("keeps the names and the configs of its runs when entries and seeds join it and its values change places", () => {
    fc.assert(
      fc.property(grids, (grid) => {
        const before = settingsOf({ list: [{ name: "a" }], grid, seeds: [0] });
        const after = settingsOf({
          list: [{ name: "b", config: { iterations: 3 } }, { name: "a" }],
          grid: Object.fromEntries(Object.entries(grid).map(([name, axis]) => [name, [...axis!].reverse()])),
          seeds: [5, 0],
        });
        const runs = new Map(after.flatMap((setting) => setting.runs.map((run) => [run.name, run])));
        for (const run of before.flatMap((setting) => setting.runs)) expect(runs.get(run.name)).toEqual(run);
      }),
      { numRuns: 30 },
    );
  });

  // [what is in the file beside seeds, what the error says]
  it.each<[object, string]>([
    [{ seeds: [] }, "seeds: expected at least 1 entry; got []."],
    [{ seeds: [1, 1] }, "seeds: expected each seed once; got [1,1]."],
    [{ seeds: 3 }, "seeds: expected a list; got 3."],
    [{ seeds: undefined }, "seeds: expected a list; got nothing."],
    [{ gird: {} }, 'the sweep: there is no field "gird" here.'],
    [{ preset: "slow" }, 'preset: expected one of "quick", '],
    [{ grid: { "step-size": [] } }, "grid.step-size: expected at least 1 entry"],
    [{ grid: { "step-size": [1, 1] } }, "grid.step-size: expected each value once; got [1,1]."],
    [{ grid: { "step-size": 1 } }, "grid.step-size: expected a list; got 1."],
    [{ grid: { optimizer: [{ name: "sgd" }] } }, "grid.optimizer.0: expected a number, a string or a list"],
    [
      { grid: { stepSize: [1] } },
      'grid.stepSize: "train" has no flag --stepSize. Did you mean "step-size"? Use the name of a flag (env, ',
    ],
    [{ grid: { tasks: [0] } }, "tasks=0: config.tasks (--tasks): expected a number of at least 1; got 0."],
    [{ grid: { seed: [1] } }, 'grid.seed: list the seeds of a sweep in its field "seeds".'],
    [{ config: { seed: 1 } }, 'config.seed: list the seeds of a sweep in its field "seeds".'],
    [{ list: [{ name: "a", config: { seed: 1 } }] }, "list.0.config.seed: list the seeds"],
    [{ list: [{ name: "a" }, { name: "a" }] }, "list: expected each name once"],
    [
      { list: [{ name: "a/b" }] },
      'list.0.name: expected a letter or digit, then letters, digits and . _ = + -; got "a/b".',
    ],
    [{ list: [{ name: ".." }] }, "list.0.name: expected"],
    [{ list: [{ name: "a" }, { name: "b" }] }, "b: the same settings as a."],
    [
      { grid: { estimator: ["maml"], "experiment.estimator.name": ["sgmrl"] } },
      "another axis of the grid sets the same field, experiment.estimator.name.",
    ],
    [
      { list: [{ name: "a" }, { name: "b", config: { tasks: 4 } }], grid: { tasks: [5, 6] } },
      "grid.tasks: list.1.config (b) sets the same field, tasks; leave it out of one of them.",
    ],
    [
      { grid: { "step-size": [1, -1] } },
      "step-size=-1: config.experiment.inner.stepSize (--step-size): expected a number above 0; got -1.",
    ],
    [{ grid: { "experiment.inner.stepz": [1] } }, 'config.experiment.inner: there is no field "stepz" here.'],
    [{ config: { tasks: 0 } }, "quick: config.tasks (--tasks): expected a number of at least 1; got 0."],
  ])("is refused with the field, and what it should be: %j", (spec, message) => {
    expect(() => settingsOf({ seeds: [0], ...spec })).toThrow(InputError);
    expect(() => settingsOf({ seeds: [0], ...spec })).toThrow(message);
  });
});

describe("settings that would share a folder", () => {
  const settings = (list: string[], grid: object = {}) =>
    expandSweep(
      parseSweepSpec({ list: list.map((name, i) => ({ name, config: { tasks: 5 + i } })), grid, seeds: [0] }),
    );

  it.each<[string, string[], RegExp]>([
    ["names that differ in case alone", ["Slow", "slow"], /slow: its folder would also be that of Slow/],
    ["the name of the report", ["report.html"], /report\.html: not usable as a folder's name/],
    ["the name of its figures", ["figures"], /figures: not usable as a folder's name/],
    ["a device of Windows", ["Aux"], /Aux: not usable as a folder's name/],
    ["a device of Windows with an ending", ["com1.x"], /com1\.x: not usable as a folder's name/],
    ["a full stop that Windows drops", ["a."], /a\.: not usable as a folder's name/],
    ["a name without end", ["x".repeat(300)], /longer than 200 characters/],
  ])("are refused: %s", (_, list, message) => {
    expect(() => settings(list)).toThrow(message);
  });
});
