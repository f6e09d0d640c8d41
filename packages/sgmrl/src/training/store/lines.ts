/** What the lines of a run's journals look like: "" for one that is as it should be, else what is wrong with it. */
import { z } from "zod";

const count = z.int().min(0);
const estimate = z.object({ mean: z.number(), margin: z.number().min(0) });
const metrics = z.object({ iteration: count }).catchall(z.number());
const evaluation = z.object({ iteration: count, tasks: count.min(1), returns: z.array(estimate).min(1) });
const name = z.string().max(40);
const program = z.strictObject({ sgmrl: name, node: name, architecture: name });
const timing = z
  .object({ iteration: count, wall: z.number().min(0), by: z.exactOptional(program) })
  .catchall(z.number());

const problemBy =
  (schema: z.ZodType) =>
  (line: unknown): string => {
    const [issue] = schema.safeParse(line).error?.issues ?? [];
    return issue === undefined ? "" : `${issue.path.join(".") || "the line"}: ${issue.message}`;
  };

export const metricsProblem: (line: unknown) => string = problemBy(metrics);
export const evaluationProblem: (line: unknown) => string = problemBy(evaluation);
export const timingProblem: (line: unknown) => string = problemBy(timing);
