/**
 * Dies at each of its operations on files in turn, as far as the disk can tell:
 * dying-child.ts <what> <number> <what the folder holds before> <folder for copies> <every how many operations>
 *
 * At operation k, of whatever kind, half of a write is done and everything later fails, tidying up included: so it is when
 * a process is killed. All of it happens in one process, in a copy each, since processes start slowly; what they leave says
 * that it is this process's, which has gone before anybody looks.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { commands } from "./commands.ts";

const [what, number, start, copies, stride] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
let left = Number.POSITIVE_INFINITY; // operations until death
const whole = { ...fs };

function mortal<K extends keyof typeof fs>(name: K, half?: (...args: never[]) => unknown): void {
  const operation = fs[name] as (...args: never[]) => unknown;
  const replacement = (...args: never[]): unknown => {
    if (--left > 0) return operation(...args);
    if (left === 0) half?.(...args);
    throw new Error("killed");
  };
  Object.assign(fs, { [name]: replacement });
}

for (const name of ["fsyncSync", "renameSync", "rmSync", "unlinkSync", "mkdirSync", "truncateSync"] as const)
  mortal(name);
mortal("writeSync", (file: number, bytes: Uint8Array, offset: number, length: number) =>
  whole.writeSync(file, bytes, offset, Math.floor(length / 2)),
);
mortal("writeFileSync", (file: string, text: string) =>
  whole.writeFileSync(file, text.slice(0, text.length / 2)),
);
const open = fs.openSync;
mortal("openSync");
const mortalOpen = fs.openSync;
const { O_WRONLY, O_RDWR } = fs.constants;
fs.openSync = (path, flags = "r", mode) => {
  const writes = typeof flags === "string" ? flags !== "r" : (flags & (O_WRONLY | O_RDWR)) !== 0;
  return (writes ? mortalOpen : open)(path, flags, mode);
};
syncBuiltinESMExports();

for (let k = 1; ; k += Number(stride)) {
  const root = join(copies, String(k));
  fs.cpSync(start, root, { recursive: true, preserveTimestamps: true });
  left = k;
  try {
    await commands[what]!(root, Number(number));
  } catch {
    // It died.
  }
  const died = left <= 0;
  left = Number.POSITIVE_INFINITY;
  if (died) continue;
  fs.rmSync(root, { recursive: true });
  break;
}
