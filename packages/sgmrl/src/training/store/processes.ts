/** Whose a file is that says so in its name: a claim on a run, or a file that is not complete yet. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

export interface Owner {
  readonly process: number;
  /** When the process started, in ticks since the machine did: numbers of processes are used again. */
  readonly started: string | undefined;
  readonly machine: string;
}

/** <process>-<when it started, or 0>.<random>@<machine> */
const pattern = /^([1-9]\d*)-(\d+)\.[0-9a-f]+@(.+)$/;

/** The part of a file's name that says it is this process's; no two are alike. */
export function ownMark(): string {
  const { started = "0" } = statusOf(process.pid);
  return `${process.pid}-${started}.${randomBytes(6).toString("hex")}@${machineName()}`;
}

/** Whose mark it is; nothing if it is none. */
export function ownerOf(mark: string): Owner | undefined {
  const [, id, started, machine] = pattern.exec(mark) ?? [];
  if (id === undefined) return undefined;
  return { process: Number(id), started: started === "0" ? undefined : started, machine: machine! };
}

/** Only this machine's processes can be asked for, and only where there is a /proc can a number be told from its next user. */
export function stateOf({ process: id, started, machine }: Owner): "lives" | "has gone" | "unknown" {
  if (machine !== machineName()) return "unknown";
  if (!isInUse(id)) return "has gone";
  const now = statusOf(id);
  if (now.ended) return "has gone";
  if (started === undefined || now.started === undefined) return "unknown";
  return started === now.started ? "lives" : "has gone";
}

/** The name of this machine, as a part of a file's name. */
export function machineName(): string {
  return hostname().replace(/[^A-Za-z0-9.-]/g, "_") || "unnamed";
}

/** Signal 0 is sent to nobody: it only asks. EPERM says that there is such a process, of another user. */
function isInUse(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** What /proc tells. A process that was killed keeps its number until its parent asks how it ended, which may be never. */
function statusOf(id: number): { readonly started?: string | undefined; readonly ended: boolean } {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { started: fields[19], ended: fields[0] === "Z" || fields[0] === "X" };
  } catch {
    return { ended: false };
  }
}
