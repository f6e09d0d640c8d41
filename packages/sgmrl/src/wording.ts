/** Parts of messages: commands to type, counts. */

/** The command that starts this program, as it was started. */
export const programName: string = nameHere(process.env.npm_execpath ?? "");

/** `sgmrl` where it is installed; in the workspace a script of pnpm, which may itself have come with npx. */
function nameHere(packageManager: string): string {
  if (!import.meta.url.endsWith(".ts")) return packageManager === "" ? "sgmrl" : "npx sgmrl";
  return packageManager.includes("_npx") ? "npx -y pnpm@12 sgmrl" : "pnpm sgmrl";
}

/** `sgmrl resume 'runs/my run'` */
export function commandLine(...words: readonly string[]): string {
  return [programName, ...words.map(quoted)].join(" ");
}

function quoted(word: string): string {
  return /^[\w./:@%+=,~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** 1 iteration, 2 iterations. */
export function counted(count: number, noun: string, plural: string = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
