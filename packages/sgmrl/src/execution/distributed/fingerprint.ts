/**
 * What must be equal for two machines to compute the same bits: the code of the three packages, and the major version
 * of Node, since a user's environment may call Math.exp, which V8 implements. Processors of different architectures have not
 * been compared, so they are kept apart as well.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configVersion } from "../../settings.ts";

/** Version of the layout of result blobs (blob.ts). */
export const blobVersion = 2;

export interface Fingerprint {
  /** Hash of the source text of sgmrl, @sgmrl/envs and @sgmrl/autodiff as they run. */
  readonly code: string;
  readonly node: string;
  readonly architecture: string;
  /** Of configs and of result blobs. */
  readonly formats: string;
}

export function fingerprint(): Fingerprint {
  return {
    code: codeHash(),
    node: process.versions.node.split(".")[0]!,
    architecture: process.arch,
    formats: `${configVersion}.${blobVersion}`,
  };
}

export function sameFingerprint(a: Fingerprint, b: Fingerprint): boolean {
  return fingerprintText(a) === fingerprintText(b);
}

/** One line for messages. */
export function fingerprintText({ code, node, architecture, formats }: Fingerprint): string {
  return `code ${code}, Node ${node}, ${architecture}, formats ${formats}`;
}

function codeHash(): string {
  const roots = [
    new URL("../..", import.meta.url).href,
    import.meta.resolve("@sgmrl/envs"),
    import.meta.resolve("@sgmrl/autodiff"),
  ].map((url) => fileURLToPath(new URL("./", url)));
  const hash = createHash("sha256");
  for (const root of roots)
    for (const file of readdirSync(root, { recursive: true, encoding: "utf8" }).sort())
      if (/(?<!\.d)\.[tj]s$/.test(file)) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest("hex").slice(0, 16);
}
