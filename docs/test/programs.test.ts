/** Programs typed on *Derivatives are programs*, in a real headless Chromium: none leaves the page without an answer. */
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenPage, openPage } from "../../packages/autodiff/test/browser/chromium.ts";
import type { Outcome } from "./program-page.ts";

let page: OpenPage | undefined;

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [`${import.meta.dirname}/../.vitepress/theme/derivatives/program.worker.ts`],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    conditions: ["sgmrl-source"],
  });
  page = await openPage(new URL("program-page.ts", import.meta.url), {
    files: { "program.worker.js": outputFiles[0]!.contents },
    graphics: false,
  });
}, 60_000);
afterAll(() => page?.close(), 60_000);

async function attempt(programs: readonly string[], seconds = 30): Promise<Outcome[]> {
  return page!.evaluate<Outcome[]>(`attempt(${JSON.stringify(programs)}, ${seconds})`); // program-page.ts
}

/** On its first line a program that is well; its value is 5. */
const square = "const x = [1, 2], f = (x) => sum(mul(x, x));";
const answer = { value: 5, gradient: "[2, 4]" };

it("what reaches out of the worker is withheld, at its line", async () => {
  const uses = {
    postMessage: "postMessage({ result: 7 })",
    self: "self.postMessage({ failure: { message: 'no' } })",
    onmessage: "onmessage = () => {}",
    addEventListener: "addEventListener('message', () => {})",
    close: "globalThis.close()",
    importScripts: "Reflect.get(globalThis, 'importScripts')('a.js')",
    fetch: "Object.getPrototypeOf(Object.getPrototypeOf(globalThis)).fetch",
    XMLHttpRequest: "new XMLHttpRequest()",
    WebSocket: "new WebSocket('ws://127.0.0.1')",
    navigator: "navigator.sendBeacon('/')",
    Worker: "new Worker('/program.worker.js')",
    BroadcastChannel: "new BroadcastChannel('a').postMessage(1)",
    MessagePort: "MessagePort.prototype.postMessage = () => {}",
    indexedDB: "indexedDB.open('a')",
    location: "const f2 = location.href",
  };
  const outcomes = await attempt(Object.values(uses).map((use) => `${square}\n${use};`));
  expect(outcomes).toEqual(
    Object.keys(uses).map((name) => ({
      message: `${name} is withheld: a program has the engine's functions and JavaScript's own`,
      line: 2,
    })),
  );
});

it("no module is loaded, whether by a statement or by an expression", async () => {
  const imports = [
    "import 'data:,'",
    "await import('data:text/javascript,1')",
    "const g = () => [import('x')]",
  ];
  for (const outcome of await attempt(imports.map((one) => `${square}\n${one};`)))
    expect(outcome).toEqual({
      message: "the engine's functions are in scope: nothing need be imported",
      line: 2,
    });
});

it("own names may be those of what is withheld; what a program replaces or catches harms no answer", async () => {
  const harmless = [
    "",
    "const name = 1, close = 2, fetch = 3, self = 4",
    "try { postMessage({ result: 7 }) } catch {}",
    "Promise.prototype.then = () => {}",
    "Object.prototype.failure = 1; Object.prototype.progress = 1",
    "Object.defineProperty(Object.prototype, 'result', { get() { throw 1 }, set() { throw 2 } })",
    "globalThis.engine = null",
    "setTimeout(() => {}, 1); queueMicrotask(() => {}); structuredClone({})",
  ];
  expect(await attempt(harmless.map((one) => `${square}\n${one};`))).toEqual(harmless.map(() => answer));
});

describe("says what happened", () => {
  it.each<[what: string, program: string, message: string | RegExp, line?: number]>([
    [
      "nothing returned",
      "const x = 1, f = () => undefined;",
      /^grad: leaves must be .* got undefined at output/,
    ],
    ["a promise", "const x = 1, f = async (x) => x;", /got a promise/],
    ["an array", "const x = [1, 2], f = (x) => x;", /^grad: the function must return one scalar/],
    [
      "a getter that throws",
      "const x = 1;\nconst f = () => ({ get a() { throw new Error('mine') } });",
      "mine",
      2,
    ],
    [
      "a proxy as x",
      "const f = (x) => x;\nconst x = new Proxy({}, { ownKeys() { throw new Error('mine') } });",
      "mine",
      2,
    ],
    ["x within itself", "const x = {}; x.x = x; const f = () => 1;", "x and v are nested at most 20 deep"],
    ["x that is empty", "const x = new Map(), f = () => 1;", "x holds no number"],
    ["x of another kind", "const x = { a: 1n }, f = () => 1;", "x.a must be numbers or arrays"],
    ["nothing thrown", `${square} throw null;`, "thrown: null"],
    ["an error without a message", `${square}\n\nthrow new TypeError();`, "TypeError", 3],
    ["what cannot be read", `${square} throw { toString() { throw 1 } };`, "what was thrown cannot be read"],
    [
      "a proxy thrown",
      `${square} throw new Proxy({}, { getPrototypeOf() { throw 1 } });`,
      "what was thrown cannot be read",
    ],
    [
      "a message that cannot be posted",
      `${square} throw Object.assign(new Error(), { message: () => 1 });`,
      "() => 1",
      1,
    ],
    [
      "a stack that throws",
      `${square} throw Object.defineProperty(new Error("a"), "stack", { get() { throw 1 } });`,
      "a",
    ],
    [
      "a line that cannot be posted",
      `${square} throw Object.assign(new Error("a"), { loc: { line: () => 1 } });`,
      "a",
      1,
    ],
    ["a long message", `${square} throw new Error("a".repeat(1e6));`, /^a{2000} …$/, 1],
    [
      "an error later",
      `${square}\nsetTimeout(() => { throw new Error("late") }); await new Promise(() => {});`,
      "Uncaught Error: late",
      2,
    ],
    [
      "JavaScript's own, broken",
      `${square}\nArray.prototype.map = () => { throw new Error("mine") };`,
      "mine",
      2,
    ],
  ])("%s", async (_, program, message, line) => {
    const [outcome] = await attempt([program]);
    expect(outcome).toEqual({
      message: typeof message === "string" ? message : expect.stringMatching(message),
      line,
    });
  });

  it("a program that waits for ever", async () => {
    const [outcome] = await attempt([`${square} await new Promise(() => {});`], 1);
    expect(outcome).toEqual({ message: "stopped after 1 s without a result", line: undefined });
  });
});

it("typed arrays are points; f may return a number, or a record of one", async () => {
  const programs = [
    "const x = new Float32Array([1, 2]), f = (x) => sum(mul(x, x));",
    "const x = [1, 2], f = (x) => ({ y: sum(mul(x, x)) });",
    "const x = [1, 2], f = () => 5;",
  ];
  expect(await attempt(programs)).toEqual([answer, answer, { value: 5, gradient: "[0, 0]" }]);
});

it("long texts are cut, so that the page can show them", async () => {
  const [outcome] = await attempt(["const x = Array(8000).fill(Math.PI / 100), f = (x) => sum(exp(x));"]);
  expect(outcome).toEqual({
    value: expect.closeTo(8000 * Math.exp(Math.PI / 100), 6),
    gradient: expect.stringMatching(/^\[1\.03191[^…]*\n… and \d+ more characters$/),
  });
});
