/** Suggestions for misspelt names. */
import { distance } from "fastest-levenshtein";

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
