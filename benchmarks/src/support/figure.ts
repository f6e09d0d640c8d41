import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** A plot as SVG text that stands alone. */
export function svgOf(options: Plot.PlotOptions): string {
  const { document } = parseHTML("<html></html>");
  const figure = Plot.plot({ ...options, document });
  figure.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `${figure.outerHTML}\n`;
}

export { Plot };
