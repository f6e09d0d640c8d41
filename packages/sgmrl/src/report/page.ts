import { createHash } from "node:crypto";
import { markOfSweep } from "../training/store/ownership.ts";
import { escapeXml } from "./figure.ts";

export interface Section {
  readonly title: string;
  /** HTML. */
  readonly body: string;
}

export interface Page {
  readonly title: string;
  readonly lead: string;
  /** Caveats that a reader must know before trusting the rest. */
  readonly warnings: readonly string[];
  /** An SVG and a caption for each figure. */
  readonly figures: readonly { readonly svg: string; readonly caption: string }[];
  readonly sections: readonly Section[];
  readonly styles: string;
  /** The interactive chart: its data as JSON, and the script that reads them from the page. */
  readonly explorer?: { readonly data: string; readonly script: string } | undefined;
  /** Whether the page is served while runs proceed, and asks its server for what is new. */
  readonly isLive?: boolean;
  /** Whether a sweep writes the page about itself. */
  readonly isOfSweep?: boolean;
}

/**
 * A self-contained page; its content security policy forbids fetching anything and running other scripts.
 * A live page may ask the server that it came from; the elements that it renews are marked `data-part`.
 */
export function renderPage(page: Page): string {
  const { title, lead, warnings, figures, sections, styles, explorer } = page;
  const { isLive = false, isOfSweep = false } = page;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">${isOfSweep ? `\n${markOfSweep}` : ""}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy(explorer?.script ?? "", isLive)}">
<title>${escapeXml(title)}</title>
<style>
${styles}
${layout}
</style>
</head>
<body>
<main>
${isLive ? watchingLine : ""}<div id="head" data-part>
<h1>${escapeXml(title)}</h1>
<p>${escapeXml(lead)}</p>
${warnings.map((text) => `<p class="warning" role="alert">${escapeXml(text)}</p>`).join("\n")}
</div>
${explorer === undefined ? "" : explorerSection}
<div class="figures" id="figures" data-part>
${figures.map(({ svg, caption }) => `<figure>${svg}<figcaption>${escapeXml(caption)}</figcaption></figure>`).join("\n")}
</div>
<div id="sections" data-part>
${sections.map(({ title, body }) => `<section><h2>${escapeXml(title)}</h2>${body}</section>`).join("\n")}
</div>
</main>
${explorer === undefined ? "" : `<script type="application/json" id="explorer-data">${explorer.data}</script>\n<script>${explorer.script}</script>\n`}</body>
</html>
`;
}

/** Hidden if scripts are disabled, since it would be empty. */
const explorerSection = `<section id="explore" hidden><h2>Explore</h2><div id="explorer"></div></section>`;

const watchingLine = '<p id="watching" role="status">Live: this page updates as its runs proceed.</p>\n';

function policy(script: string, isLive: boolean): string {
  const hash = createHash("sha256").update(script).digest("base64");
  const scripts = script === "" ? "'none'" : `'sha256-${hash}'`;
  return `default-src 'none'; style-src 'unsafe-inline'; script-src ${scripts}; connect-src ${isLive ? "'self'" : "'none'"}`;
}

export function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join("")}</tr>`;
  return `<div class="scroll" tabindex="0"><table><thead>${row(head, "th")}</thead><tbody>${rows.map((cells) => row(cells, "td")).join("")}</tbody></table></div>`;
}

export function code(text: string): string {
  return `<pre tabindex="0">${escapeXml(text)}</pre>`;
}

const layout = `body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.2; overflow-wrap: anywhere; }
.warning { border-left: 4px solid #c62828; padding: 0.25rem 0.75rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; }
.figures { margin-top: 2rem; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 2rem; }
figure { margin: 0; }
figure > svg { width: 100%; height: auto; display: block; }
figcaption { font-size: 0.85rem; opacity: 0.8; margin-top: 0.25rem; }
pre { overflow-x: auto; padding: 0.75rem; border: 1px solid var(--faint); border-radius: 4px; font-size: 0.85rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.2rem 1.2rem 0.2rem 0; border-bottom: 1px solid var(--faint); white-space: nowrap; }`;
