import { InputError } from "../errors.ts";
import { replay } from "../training/replay.ts";
import { type AddCommand, examples, filePath, wholeNumber } from "./command.ts";

interface Flags {
  readonly tasks: string;
  readonly heldOut?: boolean;
  readonly from?: number;
  readonly json?: boolean;
}

export const addReplay: AddCommand = (command, terminal) => {
  command
    .argument("<dir>", "directory of the run", filePath)
    .requiredOption("--tasks <i-j>", "index of a task, or a range of indices such as 4-7")
    .option("--held-out", "held-out tasks, rather than those of the iteration after the checkpoint")
    .option("--from <iteration>", "checkpoint to start from (default: the last)", wholeNumber(0))
    .option("--json", "print the results as JSON")
    .addHelpText("after", examples("replay runs/a --tasks 4-7", "replay runs/a --tasks 12 --held-out"))
    .action(async (directory: string, { tasks, heldOut, from, json }: Flags) => {
      const results = [];
      for await (const result of replay(directory, { tasks: rangeOf(tasks), heldOut, from })) {
        results.push(result);
        const figures = Object.entries(result.figures).map(
          ([name, value]) => `${name} ${value.toPrecision(6)}`,
        );
        if (!json)
          terminal.out(
            `iteration ${result.iteration}, task ${result.task}: ${figures.join(", ")}, ${result.seconds.toFixed(3)} s`,
          );
      }
      if (json) terminal.out(JSON.stringify(results));
    });
};

function rangeOf(text: string): readonly [number, number] {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (first === undefined)
    throw new InputError(`--tasks: expected an index or a range, such as 4 or 4-7; got "${text}".`);
  return [Number(first), Number(last)];
}
