/**
 * A process that does things when it is told to, so that two of them can race a thousand times without starting anew: it
 * answers each message with what it ended in, "" if nothing was wrong.
 */
import { setTimeout } from "node:timers/promises";
import { commands } from "./commands.ts";

export interface Errand {
  readonly what: string;
  readonly root: string;
  readonly number: number;
  /** Milliseconds to wait before. */
  readonly after: number;
}

process.on("message", async ({ what, root, number, after }: Errand) => {
  let problem = "";
  try {
    if (after > 0) await setTimeout(after);
    await commands[what]!(root, number);
  } catch (error) {
    problem = String(error);
  }
  process.send!(problem);
});
