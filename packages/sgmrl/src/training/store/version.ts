/** The program that computes here, and whether another gives the same bits. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** The version of this package; "unknown" where it was bundled away from its package.json. */
export function version(): string {
  try {
    const manifest = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
    return manifest.name === "sgmrl" ? String(manifest.version) : "unknown";
  } catch {
    return "unknown";
  }
}

/** What a run records about the program that computed an iteration. */
export interface Program {
  readonly sgmrl: string;
  readonly node: string;
  readonly architecture: string;
  /** Operating system and model of the processor; not recorded by older versions. */
  readonly platform?: string;
  readonly processor?: string;
  /** Git's commit of the folder that the program was started in, where there is one. */
  readonly commit?: string;
  /** Git's commit of the sources of sgmrl, where it runs from sources. */
  readonly sourceCommit?: string;
}

let known: Pick<Program, "commit" | "sourceCommit"> | undefined;

/** Read once, because later commits are not what this process runs. */
function commits(): Pick<Program, "commit" | "sourceCommit"> {
  if (known === undefined) {
    const commit = commitOf(process.cwd());
    // An installed package lies in the user's repository, whose commit says nothing about it.
    const sourceCommit = import.meta.url.endsWith(".ts") ? commitOf(import.meta.dirname) : undefined;
    known = { ...(commit && { commit }), ...(sourceCommit && { sourceCommit }) };
  }
  return known;
}

/** The commit checked out in a folder; undefined without git, outside of a repository, and before its first commit. */
export function commitOf(folder: string): string | undefined {
  try {
    const said = execFileSync("git", ["rev-parse", "--verify", "--quiet", "HEAD"], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 5000,
    }).trim();
    return /^[0-9a-f]{40,64}$/.test(said) ? said : undefined;
  } catch {
    return undefined;
  }
}

/** Major versions of Node that give the same bits: `pnpm versions` compares them. */
const comparedNodes: readonly string[] = ["20", "22", "24"];

export function thisProgram(): Program {
  const processor = cpus()[0]?.model.trim().slice(0, 100);
  return {
    sgmrl: version(),
    node: process.versions.node,
    architecture: process.arch,
    platform: process.platform,
    ...(processor ? { processor } : {}),
    ...commits(),
  };
}

/** Whether two programs may compute different bits, because nothing shows that they agree. */
export function mayDiffer(a: Program, b: Program): boolean {
  const major = ({ node }: Program): string => node.split(".")[0]!;
  const sameNode = major(a) === major(b) || [a, b].every((one) => comparedNodes.includes(major(one)));
  return a.sgmrl !== b.sgmrl || a.architecture !== b.architecture || !sameNode;
}

export function programText({ sgmrl, node, architecture }: Program): string {
  return `sgmrl ${sgmrl} on Node ${node}, ${architecture}`;
}
