/** For the races of run-lock.test.ts: takes the lock as often as it can, and counts how often it was not alone. */
import { closeSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { lockRun } from "../../src/training/store/run-lock.ts";

const [root = "", rounds = "0", dieInside = ""] = process.argv.slice(2);
const inside = join(root, "inside");
let taken = 0;
let shared = 0;
for (let i = 0; i < Number(rounds); i++) {
  let unlock: () => void;
  try {
    unlock = lockRun(root);
  } catch {
    continue;
  }
  taken++;
  try {
    closeSync(openSync(inside, "wx"));
    if (dieInside !== "") {
      rmSync(inside);
      process.kill(process.pid, "SIGKILL"); // leaves its claim behind
    }
    rmSync(inside);
  } catch {
    shared++;
  }
  unlock();
}
console.log(JSON.stringify({ taken, shared }));
