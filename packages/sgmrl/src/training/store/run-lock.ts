import { randomBytes } from "node:crypto";
import { closeSync, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileProblem, InputError } from "../../errors.ts";
import { machineName, type Owner, ownerOf, ownMark, stateOf } from "./processes.ts";

const prefix = "run.lock.";

interface Claim extends Owner {
  readonly file: string;
}

/**
 * Becomes the only writer of a run, and returns a function that gives this up.
 *
 * Each process first creates a claim, a file with a unique name, and then reads the claims of others. Of two that
 * arrive at once, each has created its claim before it reads, so at least one sees the other: two never write, whatever
 * is killed in between. A process that sees a live claim withdraws its own and looks again a few times, at random
 * moments, since the other may have withdrawn as well. A claim whose process no longer exists is removed; as that
 * process cannot return, it does not matter who removes the claim, or when.
 */
export function lockRun(root: string): () => void {
  const mine = `${prefix}${ownMark()}`;
  const path = join(root, mine);
  for (let attempt = 0; ; attempt++) {
    try {
      closeSync(openSync(path, "wx"));
    } catch (error) {
      throw new InputError(`${root}: cannot write here: ${fileProblem(error)}.`);
    }
    let other: Claim | undefined;
    try {
      other = livingClaims(root).find(({ file }) => file !== mine);
    } catch (error) {
      rmSync(path, { force: true });
      throw new InputError(`${root}: cannot see which processes write here: ${fileProblem(error)}.`);
    }
    if (other === undefined) return () => rmSync(path, { force: true });
    rmSync(path, { force: true });
    if (attempt === 4) throw new InputError(refusal(root, other));
    sleep(5 + (randomBytes(1)[0]! / 8) * (attempt + 1));
  }
}

/** If a claim belongs to another machine, only the user can know whether it is still in use. */
function refusal(root: string, { file, process: id, machine }: Claim): string {
  const elsewhere = machine !== machineName();
  return (
    `${root}: process ${id}${elsewhere ? ` of ${machine}` : ""} is writing this run. ` +
    `Wait for it, or stop it; if that process is not sgmrl, delete ${join(root, file)}.`
  );
}

function livingClaims(root: string): Claim[] {
  return readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
    const file = entry.name;
    const owner = file.startsWith(prefix) && entry.isFile() ? ownerOf(file.slice(prefix.length)) : undefined;
    if (owner === undefined) return []; // not a claim
    if (stateOf(owner) !== "has gone") return [{ ...owner, file }];
    rmSync(join(root, file), { force: true });
    return [];
  });
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
