import { decimals } from "@sgmrl/envs";
import cliProgress from "cli-progress";
import type { Status } from "../execution/distributed/status.ts";
import { estimateText } from "../report/estimate-text.ts";
import type { Observer } from "../training/loop.ts";
import { duration } from "../wording.ts";
import type { Terminal } from "./terminal.ts";

export interface Progress extends Observer {
  /** The state of a run's machines, shown with the next update. */
  status(status: Status): void;
  stop(): void;
}

/**
 * Shows a run's progress: iterations with the return after adaptation and the time left; then held-out tasks.
 */
export function showProgress(terminal: Terminal, iterations: number): Progress {
  const redraws = terminal.progress?.isTTY === true && process.env.TERM !== "dumb";
  const line = redraws ? barLine(terminal.progress!) : textLine(terminal);
  const seconds: number[] = [];
  let machines = "";
  let last: readonly [string, number, number, string] | undefined;
  const show = (phase: string, value: number, total: number, detail: string): void => {
    last = [phase, value, total, detail];
    line.show(phase, value, total, detail + machines);
  };
  return {
    status(status) {
      machines = statusText(status);
      if (last !== undefined) show(...last);
    },
    iteration({ iteration, postReturn }, wall) {
      seconds.push(wall);
      const recent = seconds.slice(-20);
      const perIteration = recent.reduce((sum, s) => sum + s, 0) / recent.length;
      const left = `${duration(perIteration * (iterations - iteration! - 1))} left`;
      const now = postReturn === undefined ? "" : `return after adaptation ${decimals(postReturn, 2)}, `;
      show("training", iteration! + 1, iterations, now + left);
    },
    evaluating: (done, tasks) => show("evaluating", done, tasks, "held-out tasks"),
    evaluation(iteration, { returns, tasks }) {
      line.stop();
      const steps = returns.map((estimate, k) => `${k}: ${estimateText(estimate)}`).join("   ");
      terminal.err(`iteration ${iteration}, ${tasks} held-out tasks, return after k steps   ${steps}`);
    },
    warning(text) {
      line.stop();
      terminal.err(text);
    },
    stop: () => line.stop(),
  };
}

function statusText({ workers, slots, unitsPerSecond, redeliveries, ...rest }: Status): string {
  const { foreignWorkers, outstandingGroups, oldestOutstandingSeconds } = rest;
  const counted = (count: number, name: string): string[] => (count === 0 ? [] : [`${count} ${name}`]);
  return ` | ${[
    `workers ${workers} (${slots} slots)`,
    ...counted(foreignWorkers, "of other code"),
    `${unitsPerSecond.toFixed(1)} units/s`,
    ...counted(redeliveries, "redelivered"),
    ...(outstandingGroups === 0 ? [] : [`oldest group ${oldestOutstandingSeconds.toFixed(1)} s`]),
  ].join(", ")}`;
}

interface Line {
  show(phase: string, value: number, total: number, detail: string): void;
  stop(): void;
}

/** A single line with a bar, redrawn in place. */
function barLine(stream: NodeJS.WriteStream): Line {
  const bar = new cliProgress.SingleBar({
    stream,
    format: "{phase} {bar} {value}/{total} {detail}",
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
  });
  let shown = "";
  return {
    show(phase, value, total, detail) {
      const payload = { phase: phase.padEnd(10), detail };
      if (phase !== shown) {
        bar.stop();
        bar.start(total, value, payload);
        shown = phase;
      }
      bar.update(value, payload);
    },
    stop() {
      bar.stop();
      shown = "";
    },
  };
}

const secondsBetweenLines = 10;

/** For output that cannot be redrawn, such as a log: prints a line from time to time. */
function textLine(terminal: Terminal): Line {
  let last = performance.now();
  return {
    show(phase, value, total, detail) {
      if (performance.now() - last < secondsBetweenLines * 1000) return;
      last = performance.now();
      terminal.err(`${phase} ${value}/${total}  ${detail}`);
    },
    stop() {},
  };
}
