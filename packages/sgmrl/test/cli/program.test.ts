// The command line as a function: words in, texts and an exit code out. Real units, on the smallest environment.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import { train } from "../../src/training/train.ts";
import { commandLine } from "../../src/wording.ts";
import { emptyFolder } from "../support/runs.ts";

async function sgmrl(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const small =
  "--preset needle --iterations 3 --tasks 4 --evaluate-tasks 4 --final-tasks 6 --inner-trajectories 3 --outer-trajectories 3 --workers 0".split(
    " ",
  );

describe("sgmrl", () => {
  it("compares runs that have not finished, and says so", async () => {
    const folder = emptyFolder();
    const runs = await Promise.all(
      ["maml", "lvc"].flatMap((name) =>
        [0, 1, 2].map(async (seed) => {
          const directory = join(folder, `${name}-${seed}`);
          const file = {
            seed,
            tasks: 2,
            experiment: { estimator: { name } },
            evaluation: { tasks: 4, finalTasks: 6 },
          };
          const config = parseConfig({ preset: "needle", file: { ...file, iterations: 12 } });
          const stop = new AbortController();
          const observer = { evaluation: () => name === "lvc" && stop.abort() };
          const { signal } = stop;
          await train(config, directory, { workers: 0, observer, signal });
          return directory;
        }),
      ),
    );
    const page = join(folder, "compared.html");
    const compared = await sgmrl("compare", ...runs, "--out", page, "--json");
    const warning =
      "lvc: returns are those of iteration 0 of 12, the last that is evaluated; the runs have not finished.";
    expect(compared.err).toContain(`warning: ${warning}`);
    expect(JSON.parse(compared.out)).toMatchObject({
      groups: [
        { label: "maml", iteration: 12 },
        { label: "lvc", iteration: 0 },
      ],
      warnings: [warning],
    });
    expect(readFileSync(page, "utf8")).toContain(warning);
    expect((await sgmrl("report", ...runs, "--out", page)).err).toContain(`warning: ${warning}`);
  });

  it("trains, evaluates, reports and compares", async () => {
    const [a, b] = [join(emptyFolder(), "a"), join(emptyFolder(), "b")];
    const trained = await sgmrl("train", ...small, "--out", a);
    expect(trained).toMatchObject({ code: 0, out: `Report: ${a}/report.html` });
    expect(trained.err).toMatch(/needle-bandit, .*: 3 iterations of 4 tasks, seed 0, in .*\n/);
    expect(trained.err).toMatch(
      /iteration 3, 6 held-out tasks, return after k steps {3}0: [\d.]+ ± [\d.]+ {3}1: /,
    );

    const other = await sgmrl("train", ...small, "--estimator", "maml", "--out", b, "--json", "--no-report");
    expect(JSON.parse(other.out)).toMatchObject({
      status: "finished",
      directory: b,
      iteration: 3,
      evaluation: { iteration: 3, tasks: 6 },
    });

    const evaluated = await sgmrl("evaluate", a, "--tasks", "6", "--workers", "0", "--json");
    const lastLine = readFileSync(join(a, "evaluations.jsonl"), "utf8").trim().split("\n").at(-1)!;
    expect(JSON.parse(evaluated.out).returns).toEqual(JSON.parse(lastLine).returns);

    const page = join(a, "both.html");
    const compared = await sgmrl("compare", a, b, "--out", page, "--json");
    expect(JSON.parse(compared.out)).toMatchObject({
      report: page,
      groups: [{ seeds: [0], iteration: 3 }, { label: "maml" }],
      warnings: [],
    });
    expect(compared.err).toBe("");
    expect((await sgmrl("compare", a, b, "--out", page)).out).toMatch(/seeds {2}before {2,}after 1\n/);

    const again = join(a, "again.html");
    expect((await sgmrl("report", a, "--out", again)).out).toBe(`Report: ${again}`);
    expect(readFileSync(again, "utf8")).toContain("sgmrl train --preset quick --env needle-bandit");
    const own = readFileSync(join(a, "report.html"), "utf8");
    expect((await sgmrl("report", a, b)).out).toBe(`Report: ${a}/comparison.html`);
    expect(readFileSync(join(a, "report.html"), "utf8")).toBe(own);
    expect((await sgmrl("resume", a, "--workers", "0", "--no-report")).err).toContain("Finished");

    // Nothing of a run is announced that is then refused.
    expect((await sgmrl("resume", a, "--iterations", "2")).err).toBe(
      "error: --iterations: expected at least 3, as the run has done that many already; got 2.",
    );
    expect((await sgmrl("resume", a, "--from", "1")).err).toMatch(/^error: .*no checkpoint of iteration 1\./);
    expect((await sgmrl("train", ...small, "--out", a)).err).toMatch(/^error: .*\bresume\b/);

    const c = join(emptyFolder(), "c");
    const more = ["--workers", "0", "--no-report", "--json"];
    const warm = await sgmrl(
      "train",
      "--from",
      a,
      "--estimator",
      "maml",
      "--iterations",
      "1",
      "--out",
      c,
      ...more,
    );
    expect(JSON.parse(warm.out)).toMatchObject({ status: "finished", iteration: 1 });
    expect(JSON.parse(readFileSync(join(c, "config.json"), "utf8"))).toMatchObject({
      experiment: { environment: "needle-bandit", estimator: { name: "maml" } },
      start: { run: a, iteration: 3 },
      tasks: 4,
    });
    const longer = await sgmrl("resume", c, "--iterations", "2", ...more);
    expect(JSON.parse(longer.out)).toMatchObject({ status: "finished", iteration: 2 });
    const wider = await sgmrl("train", "--from", a, "--hidden", "7", "--out", join(emptyFolder(), "e"));
    expect(wider.err).toMatch(
      /^error: .*a: .*"theta\/.*A warm start keeps .*\(--env, --policy, --hidden\)\.$/,
    );
    expect((await sgmrl("help", "help")).code).toBe(0);
    const both = await sgmrl("train", "--from", a, "--preset", "needle", "--out", join(emptyFolder(), "d"));
    expect(both).toMatchObject({
      code: 2,
      err: expect.stringContaining("--preset: not with --from, which takes the settings"),
    });
  });

  it("lists environments and estimators, for people and for machines", async () => {
    expect((await sgmrl("envs")).out).toMatch(/navigation-2d +2 numbers +2 numbers +100 /);
    expect((await sgmrl("estimators")).out).toMatch(/sgmrl-leave-one-out\n.*\n {2}unbiased for: ∇V/);
    const names = async (command: string) =>
      JSON.parse((await sgmrl(command, "--json")).out).map(({ name }: { name: string }) => name);
    expect(await names("envs")).toContain("needle-bandit");
    expect(await names("estimators")).toContain("maml");
  });

  it("reads a robot's MJCF file, or says in which line it cannot", async () => {
    const file = join(emptyFolder(), "robot.xml");
    const robot = (shape: string) =>
      `<mujoco model="pendulum"><worldbody><body name="rod"><joint name="pivot"/>\n${shape}</body></worldbody></mujoco>`;
    writeFileSync(file, robot('<geom type="sphere" size="0.1" pos="0.5 0 0" mass="2"/>'));
    const { code, out } = await sgmrl("envs", "--mjcf", file);
    expect(code).toBe(0);
    expect(out).toContain("pendulum: 2.00000 kg, 1 coordinates, 1 degrees of freedom, 0 controls");
    expect(out).toMatch(/rod +world +hinge pivot/);
    expect(JSON.parse((await sgmrl("envs", "--json", "--mjcf", file)).out).mass).toBeCloseTo(2, 12);
    writeFileSync(file, robot('<geom type="mesh" mesh="m"/>'));
    const refused = await sgmrl("envs", "--mjcf", file);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('robot.xml, MJCF line 2: type of <geom> is "mesh", which is not supported');
    expect((await sgmrl("envs", "--mjcf", join(file, "nowhere"))).code).toBe(2);
  });

  it.each(["train", "resume", "evaluate", "compare", "report", "watch", "envs", "estimators"])(
    "answers %s --help with examples",
    async (command) => {
      const { code, out } = await sgmrl(command, "--help");
      expect(code).toBe(0);
      expect(out).toContain(`Examples:\n  $ ${commandLine(command)}`);
    },
  );

  const folder = emptyFolder();
  writeFileSync(join(folder, "broken.json"), "{");
  writeFileSync(join(folder, "misspelt.json"), '\uFEFF{ "iteratons": 3 }');
  mkdirSync(join(folder, "empty"));
  it.each<[string, RegExp]>([
    ["trian", /unknown command 'trian'/],
    ["wacth runs", /unknown command 'wacth'\n*.*Did you mean watch\?/],
    ["watch", /missing required argument 'dir'/],
    [
      "watch runs --port 65536",
      /'--port <n>' argument '65536' is invalid\. Expected a whole number from 0 to 65535/,
    ],
    ["watch runs --prot 0", /unknown option '--prot'.*\n*.*--port/],
    ["train --itertions 3", /unknown option '--itertions'.*\n*.*--iterations/],
    [
      "train --iterations 0",
      /^error: config\.iterations \(--iterations\): expected a number of at least 1; got 0/,
    ],
    ["train --env maze", /--env.*"navigation-2d", .*got "maze"/],
    ["train --env needle-bandit --policy gaussian-mlp", /policy\.kind: needle-bandit has discrete actions/],
    ["train --workers many", /'--workers <n>' argument 'many' is invalid\. Expected a whole number/],
    [
      `train --config ${folder}/misspelt.json`,
      /there is no field "iteratons" here\. Did you mean "iterations"\?/,
    ],
    [`train --config ${folder}/none.json`, /--config .*none\.json: no such file/],
    [`train --config ${folder}/broken.json`, /broken\.json: not JSON/],
    [`train --out ${folder}/broken.json/run`, /part of the path is a file/],
    [`resume ${folder}/empty`, /not the directory of a run/],
    [`evaluate ${folder}/empty`, /not the directory of a run/],
    [`compare ${folder}/empty`, /not the directory of a run/],
    ["resume", /missing required argument 'dir'/],
    ["evaluate runs/a --from worst", /Expected a whole number of at least 0, or "best"\./],
    ["train --env navigaton-2d", /Did you mean "navigation-2d"\?/],
    ["train --estimator mmal", /Did you mean "maml" or/],
    ["train --preset nedle", /"nedle" is unknown\. Did you mean "needle"\?/],
    ["train --learning-rate Infinity", /--learning-rate: expected a number; got "Infinity"/],
    ["train --seed 1e999", /--seed: expected a number; got "1e999"/],
    [`audit --spec ${folder}/any.json --out atlas.svg`, /--out: the atlas is drawn only without --spec/],
    ["audit --samples 100", /--samples: needs a problem to sample/],
    ["audit --seed 1", /--seed: needs --samples/],
  ])("answers bad input with code 2 and says why: %s", async (line, message) => {
    const { code, out, err } = await sgmrl(...line.split(" "));
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(out).toBe("");
  });

  it.each([
    ["train", "--out", ""],
    ["train", "--config", " "],
    ["resume", ""],
    ["compare", "a", ""],
    ["audit", "--spec", ""],
  ])("answers an empty path with code 2: %s %s %j", async (...line) => {
    const { code, err } = await sgmrl(...line);
    expect(err).toContain("Expected a path; it is empty.");
    expect(code).toBe(2);
  });

  it("reads JSON that begins with a byte order mark, as editors on Windows write it", async () => {
    const file = join(folder, "marked.json");
    writeFileSync(file, '\uFEFF{ "iterations": 0 }');
    expect((await sgmrl("train", "--config", file)).err).toMatch(/--iterations.*got 0/);
  });

  it("prints its version", async () => {
    expect(await sgmrl("--version")).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });
});
