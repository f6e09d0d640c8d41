import { openFields, open as openState, refuses, says } from "./acts.ts";
import type { Visit } from "./visits.ts";

export const derivatives: Visit = {
  ready: ".derivatives .panel .good",
  what: "values are the README's, a syntax error and a wrong call are shown at their lines, a wrong rule is found, a program without end is stopped",
  async run(visited) {
    const { page, address, found } = visited;
    const open = (program: string): Promise<void> => openState(visited, "derivatives.html", { program });
    const gradient = await page.$eval("[aria-label='The gradient']", (one) => one.textContent ?? "");
    if (gradient !== "[0, 1.38177329068, 0.0770037537314]") found.push(`the gradient reads ${gradient}`);
    await open("const x = 1;\nconst f = (x) => {\n  return mul(x;\n};");
    await says(visited, "Line 3: ");
    await open("const x = [1, 2];\nconst f = (x) =>\n  sum(matmul(x, array([[1, 2, 3]])));");
    await says(visited, "Line 3: matmul");
    await open("import fs from 'fs';\nconst x = 1;\nconst f = (x) => x;");
    await says(visited, "Line 1: ");
    await open(
      "const cube = customFunction({ name: 'cube', apply: (x) => mul(x, mul(x, x)),\n  jvp: ([dx], [x]) => mul(2, mul(x, mul(x, dx))) });\nconst f = (x) => sum(cube(x));\nconst x = [0.5, -1, 2];",
    );
    await refuses(visited, /element \d is/);
    await open("const x = 1;\nconst f = (x) => { while (true) x = mul(x, 1); };");
    await says(visited, "stopped after 5 s");
    await openState(visited, "derivatives.html", "[".repeat(19_000)); // a long address, and no program
    await says(visited, "the address contains no program");
    await openFields(visited, "derivatives.html", { state: "no" });
    await says(visited, "the address contains no program");
    await page.goto(`${address}/derivatives.html`);
    await says(visited, "f(x) = ");
    await page.evaluate(
      (state) => {
        location.hash = new URLSearchParams({ state }).toString();
      },
      JSON.stringify({ program: "const x = 3, f = (x) => mul(x, x);\npostMessage({ result: 7 });" }),
    );
    await says(visited, "Line 2: postMessage is withheld");
    await page.goto(`${address}/derivatives.html`);
    await page.waitForSelector(".derivatives svg");
  },
};
