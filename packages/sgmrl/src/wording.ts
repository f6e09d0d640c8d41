/** Parts of messages: commands to type, counts, suggestions for misspelt names. */
import { distance } from "fastest-levenshtein";

/** The command that starts this program, as it was started; a bundle for a browser has neither `process` nor a URL. */
export const programName: string = nameHere(globalThis.process?.env.npm_execpath ?? "");

/** `sgmrl` where it is installed; in the workspace a script of pnpm, which may itself have come with npx. */
function nameHere(packageManager: string): string {
  const file = import.meta.url as string | undefined;
  if (!file?.endsWith(".ts")) return packageManager === "" ? "sgmrl" : "npx sgmrl";
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

/** 45 s, 3 min 5 s, 2 h 7 min. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The known names that `given` may be a misspelling of, as a sentence: ` Did you mean "navigation-2d"?`; else nothing. */
export function didYouMean(given: string, known: readonly string[]): string {
  if (given.length > 200) return "";
  const close = known
    .map((name) => ({ name, edits: distance(given.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, edits }) => edits < given.length && edits <= Math.max(2, 0.4 * name.length))
    .sort((a, b) => a.edits - b.edits);
  const best = close.filter(({ edits }) => edits === close[0]!.edits).slice(0, 3);
  return best.length === 0 ? "" : ` Did you mean ${best.map(({ name }) => `"${name}"`).join(" or ")}?`;
}

/** `--preset: "quik" is unknown. Did you mean "quick"? Use one of quick, needle.` */
export function unknownName(place: string, given: string, known: readonly string[]): string {
  return `${place}: "${excerpt(given)}" is unknown.${didYouMean(given, known)} Use one of ${known.join(", ")}.`;
}

/** The beginning of a text, short enough to quote in a message. */
export function excerpt(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
