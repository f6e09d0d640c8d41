/** The process that owns a file, by the file's name: a claim on a run, or a file that is still being written. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

export interface Owner {
  readonly process: number;
  /** When the process started, in ticks since boot; process ids are reused. */
  readonly started: string | undefined;
  readonly machine: string;
}

/** <process>-<when it started, or 0>.<random>@<machine> */
const pattern = /^([1-9]\d*)-(\d+)\.[0-9a-f]+@(.+)$/;

/** A unique mark of this process, for use in a file's name. */
export function ownMark(): string {
  const { started = "0" } = statusOf(process.pid);
  return `${process.pid}-${started}.${randomBytes(6).toString("hex")}@${machineName()}`;
}

/** The process that a mark names; undefined if it is not a mark. */
export function ownerOf(mark: string): Owner | undefined {
  const [, id, started, machine] = pattern.exec(mark) ?? [];
  if (id === undefined) return undefined;
  return { process: Number(id), started: started === "0" ? undefined : started, machine: machine! };
}

/** Only processes of this machine can be checked, and only with /proc can a reused process id be detected. */
export function stateOf({ process: id, started, machine }: Owner): "lives" | "has gone" | "unknown" {
  if (machine !== machineName()) return "unknown";
  if (!isInUse(id)) return "has gone";
  const now = statusOf(id);
  if (now.ended) return "has gone";
  if (started === undefined || now.started === undefined) return "unknown";
  return started === now.started ? "lives" : "has gone";
}

/** This machine's name, made fit for a file's name. */
export function machineName(): string {
  return hostname().replace(/[^A-Za-z0-9.-]/g, "_") || "unnamed";
}

/** Signal 0 only checks that the process exists. EPERM means that it does, and belongs to another user. */
function isInUse(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** The entry in /proc. A killed process keeps its id until its parent reads its exit status, which may be never. */
function statusOf(id: number): { readonly started?: string | undefined; readonly ended: boolean } {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { started: fields[19], ended: fields[0] === "Z" || fields[0] === "X" };
  } catch {
    return { ended: false };
  }
}
