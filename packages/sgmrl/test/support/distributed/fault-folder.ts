/** The folder by which a test tells the units of fault-unit.ts, in other processes, how to misbehave. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emptyFolder } from "../runs.ts";
import { until } from "./processes.ts";

export class FaultFolder {
  readonly path: string = emptyFolder();

  reset(): void {
    for (const file of ["mark", "go", "mode"]) rmSync(join(this.path, file), { force: true });
  }

  mode(text: string): void {
    writeFileSync(join(this.path, "mode"), text);
  }

  /** Lets a unit that waits go on. */
  go(): void {
    writeFileSync(join(this.path, "go"), "");
  }

  /** The process that has arrived in the unit that waits. */
  async marked(): Promise<number> {
    const mark = join(this.path, "mark");
    await until("a unit that waits", () => existsSync(mark) && readFileSync(mark, "utf8") !== "");
    return Number(readFileSync(mark, "utf8"));
  }
}
