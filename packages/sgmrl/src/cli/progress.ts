import cliProgress from "cli-progress";
import { estimateText } from "../report/estimate-text.ts";
import type { Observer } from "../run/train.ts";
import { duration, type Terminal } from "./terminal.ts";

export interface Progress extends Observer {
  stop(): void;
}

/** A bar per phase of a run: iterations with the return after adaptation and the time left, held-out tasks. */
export function progressBars(terminal: Terminal, iterations: number, start: number): Progress {
  const { progress: stream } = terminal;
  if (stream === undefined) return { stop() {} };
  const bar = new cliProgress.SingleBar({
    stream,
    format: "{phase} {bar} {value}/{total}{detail}",
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: true,
    noTTYOutput: true,
    notTTYSchedule: 5000,
  });
  let phase = "";
  const show = (next: string, value: number, total: number, detail: string): void => {
    if (phase !== next) {
      bar.stop();
      bar.start(total, value, { phase: next, detail });
      phase = next;
    }
    bar.update(value, { phase: next, detail });
    if (value >= total) phase = "";
  };
  const seconds: number[] = [];
  let latest = "";
  return {
    iteration({ iteration, postReturn }, wall) {
      seconds.push(wall);
      const recent = seconds.slice(-20);
      const perIteration = recent.reduce((sum, s) => sum + s, 0) / recent.length;
      const left = duration(perIteration * (iterations - iteration! - 1));
      latest = postReturn === undefined ? "" : `, return after adaptation ${postReturn.toFixed(2)}`;
      show("training  ", iteration! + 1, iterations, `${latest}, ${left} left`);
    },
    evaluating(done, tasks) {
      show("evaluating", done, tasks, " held-out tasks");
    },
    evaluation(iteration, { returns, tasks }) {
      bar.stop();
      phase = "";
      const steps = returns.map((estimate, k) => `${k}: ${estimateText(estimate)}`).join("   ");
      terminal.err(`iteration ${iteration}, ${tasks} held-out tasks, return after k steps   ${steps}`);
      if (iteration === start && iteration < iterations) show("training  ", iteration, iterations, "");
    },
    stop: () => bar.stop(),
  };
}
