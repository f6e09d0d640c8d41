import { SaxesParser } from "saxes";
import { shown } from "../../framework/shown.ts";

/** An XML element, and where it begins. */
export interface XmlElement {
  readonly name: string;
  readonly line: number;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
}

/** Models are usually a few kilobytes; this has room for ten thousand bodies. */
const maxCharacters = 4_000_000;
const maxElements = 100_000;
const maxDepth = 200;

/**
 * The root element of an XML text. Document types, and so all entities but XML's own five, are refused, as
 * are texts that are too long, nested too deep or have too many elements. No other file is read.
 */
export function readXml(text: string): XmlElement {
  if (typeof text !== "string") throw new MjcfError(1, "the text", `is ${shown(text)}; expected a string`);
  if (text.length > maxCharacters) {
    throw new MjcfError(1, "the text", `has ${text.length} characters; expected at most ${maxCharacters}`);
  }
  const parser = new SaxesParser({ position: true });
  const open: { name: string; line: number; attributes: Map<string, string>; children: XmlElement[] }[] = [];
  let root: XmlElement | undefined;
  let count = 0;
  let line = 1;
  const fail = (part: string, problem: string): never => {
    throw new MjcfError(parser.line, part, problem);
  };
  parser.on("error", (error) => {
    const problem = error.message
      .replace(/^\d+:\d+: /, "")
      .replace(/\.$/, "")
      .replaceAll(": ", " ");
    fail("the XML", `is not well-formed (${problem})`);
  });
  parser.on("doctype", () => {
    fail("the document type", "is refused; a model needs none, and entities are not expanded");
  });
  parser.on("opentagstart", () => {
    line = parser.line;
  });
  parser.on("opentag", ({ name, attributes }) => {
    if (++count > maxElements) fail(`<${name}>`, `is one of more than ${maxElements} elements`);
    if (open.length >= maxDepth) fail(`<${name}>`, `is more than ${maxDepth} elements deep`);
    const element = { name, line, attributes: new Map(Object.entries(attributes)), children: [] };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on("closetag", () => {
    open.pop();
  });
  const refuseWords = (between: string): void => {
    if (between.trim() !== "") fail("the text", `"${between.trim().slice(0, 40)}" stands between elements`);
  };
  parser.on("text", refuseWords);
  parser.on("cdata", refuseWords);
  parser.write(text.replace(/^\uFEFF/, "")).close();
  if (root === undefined) throw new MjcfError(1, "the XML", "has no element");
  return root;
}

/** A model file that cannot be read, or uses what is not supported: the line, the part and the reason. */
export class MjcfError extends Error {
  override readonly name = "MjcfError";
  readonly line: number;
  /** The element, or its attribute that is at fault. */
  readonly part: string;

  constructor(line: number, part: string, problem: string) {
    super(`MJCF line ${line}: ${part} ${problem}`);
    this.line = line;
    this.part = part;
  }
}
