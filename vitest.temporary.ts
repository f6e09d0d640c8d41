/** A folder for temporary files of all tests and of the programs they start, removed when they have ended. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "sgmrl-tests-"));
  chmodSync(folder, 0o755); // some programs run as a user with fewer rights
  const names = process.platform === "win32" ? ["TEMP", "TMP"] : ["TMPDIR"];
  for (const name of names) process.env[name] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
