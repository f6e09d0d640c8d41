/**
 * Docstrings as pages show them. In the sources they are laid out by hand: formulas are indented, and labels (Shapes, Units,
 * Errors, Source, …) are followed by two spaces or more. Markdown would run both together.
 */
import { equationAddress } from "./paths.ts";

const label = /^([A-Z][a-z]+) {2,}(\S.*)$/;
/** A label behind a sentence, on its line. */
const behind = /(?<=\S) +(?=[A-Z][a-z]+ {2,}\S)/g;
/** A line that is a formula, though it is not indented: it equates and bears an equation's id, and has no word of four letters. */
const isFormula = (line: string): boolean => {
  const [left, right] = line.split(/ *\[eq:[a-z0-9-]+\] */);
  if (right === undefined || !left!.includes(" = ")) return false;
  return right === "" ? !/[A-Za-z]{4}/.test(left!) : right.includes(" = ");
};
/** A label in a table's cell, where runs of spaces have become one. */
const inCell = /(?<=[.;:)\]`] |\| )(Shapes|Units|Errors|Source|Example|Edges|Numerics) (?=\S)/g;

/** The text of a page of TypeDoc's, with the docstrings in it laid out. */
export function laidOut(text: string): string {
  const out: string[] = [];
  let formula: string[] = [];
  let [fenced, labelled, listed] = [false, false, false];
  const endFormula = (): void => {
    const lines = formula.slice(0, formula.findLastIndex((line) => line !== "") + 1);
    if (lines.length > 0) out.push("", display(lines), "");
    formula = [];
  };
  for (const whole of text.split("\n")) {
    if (/^ *```/.test(whole)) fenced = !fenced;
    const parts = fenced || whole.startsWith("|") ? [whole] : whole.split(behind);
    for (const line of parts) {
      const indented = /^ {2,}\S/.test(line) || isFormula(line);
      const continues = labelled && /^ {6,}\S/.test(line);
      if (!fenced && !continues && !listed && (indented || (line === "" && formula.length > 0))) {
        labelled = false;
        formula.push(line);
        continue;
      }
      endFormula();
      const [, name, rest] = (fenced ? null : label.exec(line)) ?? [];
      if (name !== undefined) out.push("", `**${name}** ${rest}`);
      else if (line.startsWith("|")) out.push(line.replace(inCell, "<br>**$1** ").replaceAll("| <br>", "| "));
      else out.push(continues ? line.trimStart() : line);
      labelled = name !== undefined || continues;
      listed = /^ *(?:[-*]|\d+\.) /.test(line) || (listed && line !== "");
    }
  }
  endFormula();
  // TypeDoc's name for parameters that are taken apart where they are declared.
  return out.join("\n").replaceAll(/__namedParameters\d*/g, "{…}");
}

/** Lines in their own layout, with the ids of equations as links. */
function display(lines: readonly string[]): string {
  const least = Math.min(...lines.filter((line) => line !== "").map((line) => line.search(/\S/)));
  const html = lines
    .map((line) => escaped(plain(line.slice(least))).replaceAll(/\[eq:([a-z0-9-]+)\]/g, linked))
    .join("\n");
  return `<pre v-pre tabindex="0" class="formula">${html}</pre>`;
}

function linked(_: string, id: string): string {
  return `<a class="equation" href="${equationAddress(id)}">${id}</a>`;
}

/** What Markdown of TypeDoc's stands for. */
function plain(markdown: string): string {
  return markdown
    .replaceAll(/\\([\\`*_{}[\]()#+\-.!<>|~$])/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
