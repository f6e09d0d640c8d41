/** What messages to a person are made of: commands to type, suggestions for a misspelt name, counts. */
import { distance } from "fastest-levenshtein";

/** How this program is started where it runs. */
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

/** The known names that `given` may be a misspelling of, as a sentence: ` Did you mean "navigation-2d"?`; else nothing. */
export function didYouMean(given: string, known: readonly string[]): string {
  const close = known
    .map((name) => ({ name, edits: distance(given.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, edits }) => edits < given.length && edits <= Math.max(2, 0.4 * name.length))
    .sort((a, b) => a.edits - b.edits);
  const best = close.filter(({ edits }) => edits === close[0]!.edits).slice(0, 3);
  return best.length === 0 ? "" : ` Did you mean ${best.map(({ name }) => `"${name}"`).join(" or ")}?`;
}

/** 1 iteration, 2 iterations. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
