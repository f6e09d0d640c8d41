/** The commands that list the available names: `envs`, `estimators`. */
import { environments, type Space } from "@sgmrl/envs";
import { estimatorTable } from "../meta-gradient/catalogue.ts";
import { type AddCommand, examples, filePath } from "./command.ts";
import { describeRobot, robotText } from "./describe-robot.ts";
import { table } from "./terminal.ts";

export const addEnvs: AddCommand = (command, terminal) => {
  command
    .option("--json", "print as JSON")
    .option("--mjcf <file>", "describe the robot in an MJCF file instead", filePath)
    .addHelpText("after", examples("envs", "envs --json", "envs --mjcf robot.xml"))
    .action(({ json, mjcf }: { readonly json?: boolean; readonly mjcf?: string }) => {
      if (mjcf !== undefined) {
        const robot = describeRobot(mjcf);
        return terminal.out(json ? JSON.stringify(robot) : robotText(robot));
      }
      const all = Object.values(environments).map(
        ({ name, summary, observation, action, horizon, discount, family }) => ({
          name,
          summary,
          observation: spaceText(observation),
          action: spaceText(action),
          horizon,
          discount,
          tasks: family.description,
        }),
      );
      if (json) return terminal.out(JSON.stringify(all));
      terminal.out(
        table([
          ["name", "observation", "action", "horizon", "summary"],
          ...all.map((e) => [e.name, e.observation, e.action, String(e.horizon), e.summary]),
        ]),
      );
    });
};

export const addEstimators: AddCommand = (command, terminal) => {
  command
    .option("--json", "print as JSON")
    .addHelpText("after", examples("estimators", "estimators --json"))
    .action(({ json }: { readonly json?: boolean }) => {
      const all = Object.values(estimatorTable()).map(({ name, summary, unbiasedFor, source }) => ({
        name,
        summary,
        unbiasedFor,
        source,
      }));
      if (json) return terminal.out(JSON.stringify(all));
      for (const { name, summary, unbiasedFor, source } of all)
        terminal.out(`${name}\n  ${summary}\n  unbiased for: ${unbiasedFor}\n  source: ${source}\n`);
    });
};

function spaceText(space: Space): string {
  return space.kind === "discrete" ? `${space.count} choices` : `${space.low.length} numbers`;
}
