// `sgmrl watch`: what it finds, what it answers, and the page of a real training as it proceeds.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch } from "../../../../autodiff/test/browser/chromium.ts";
import type { LocalServer } from "../../../src/execution/local-server.ts";
import { runsBelow } from "../../../src/report/live/find-runs.ts";
import { watch } from "../../../src/report/live/watch.ts";
import { train } from "../../../src/training/train.ts";
import { emptyFolder, quadraticUnits, toyConfig } from "../../support/runs.ts";

const root = emptyFolder();
const finished = join(root, "finished");
const options = { workers: 0, units: quadraticUnits };
const servers: LocalServer[] = [];
const children: ChildProcess[] = [];

beforeAll(() => train(toyConfig(), finished, options));
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  for (const server of servers) await server.close();
});

const watching = async (...paths: string[]): Promise<LocalServer> => {
  const server = await watch(paths, 0, quadraticUnits);
  servers.push(server);
  return server;
};
interface Answer {
  readonly status: number;
  readonly etag: string;
  readonly body: string;
}
const ask = (
  { port }: { readonly port: number },
  { path = "/", method = "GET", ...headers }: Record<string, string> = {},
) =>
  new Promise<Answer>((done, failed) => {
    request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      let body = "";
      response.on("data", (text) => (body += text));
      response.on("end", () =>
        done({ status: response.statusCode!, etag: response.headers.etag ?? "", body }),
      );
    })
      .on("error", failed)
      .end();
  });
/** Title, lead and warnings of the page. */
const headOf = async (server: LocalServer): Promise<string> =>
  /<div id="head".*?<\/div>/s.exec((await ask(server)).body)?.[0] ?? "";
/** A copy of the finished run that has only done its first `lines` iterations, with another seed. */
function begun(path: string, lines: number, seed = 7): void {
  mkdirSync(path, { recursive: true });
  const config = JSON.parse(readFileSync(join(finished, "config.json"), "utf8"));
  writeFileSync(join(path, "config.json"), `${JSON.stringify({ ...config, seed }, null, 2)}\n`);
  const text = readFileSync(join(finished, "metrics.jsonl"), "utf8").split("\n").slice(0, lines);
  writeFileSync(join(path, "metrics.jsonl"), text.map((line) => `${line}\n`).join(""));
}

describe("the server", () => {
  it("serves the page of a finished run with its trajectories, and says when nothing has changed", async () => {
    const server = await watching(finished);
    const { status, body, etag } = await ask(server);
    expect(status).toBe(200);
    expect(body).toContain("1 run: 1 finished.");
    expect(body).toContain("connect-src 'self'");
    expect(await ask(server, { "if-none-match": etag })).toEqual({ status: 304, etag, body: "" });
    expect(await ask(server, { method: "HEAD" })).toEqual({ status: 200, etag, body: "" });
  });

  it("answers for nothing else, to no other method, and to no other name", async () => {
    const server = await watching(finished);
    for (const path of ["/config.json", "/../config.json", "//", "/?x", "/favicon.ico"])
      expect((await ask(server, { path })).status).toBe(404);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
      expect((await ask(server, { method })).status).toBe(405);
    for (const host of ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil", "127.0.0.2"])
      expect((await ask(server, { host })).status, host).toBe(421);
    for (const host of ["localhost", `LOCALHOST:${server.port}`, "[::1]:80", "127.0.0.1:1"])
      expect((await ask(server, { host })).status, host).toBe(200);
  });

  it("waits for runs, draws them as they come, and goes on without what cannot be read", async () => {
    const folder = join(emptyFolder(), "sweep");
    const server = await watching(folder);
    expect(await headOf(server)).toMatch(/Waiting for a run.*Nothing in .*sweep yet/s);
    begun(join(folder, "a", "1"), 0);
    expect(await headOf(server)).toMatch(/Waiting.*1 run: 1 not drawn yet \(.*0 of 12 iterations\)/s);
    begun(join(folder, "a", "1"), 4);
    begun(join(folder, "a", "2"), 1, 8);
    expect(await headOf(server)).toMatch(/2 runs: 1 in progress, 1 not drawn yet \(.*1 of 12 iterations\)/);
    begun(join(folder, "a", "2"), 2, 8);
    begun(join(folder, "b"), 3, 8); // a folder beside the settings, with the seed of a run that is there
    expect(await headOf(server)).toMatch(/3 runs: 2 in progress, 1 not drawn yet \(.*the same settings/);
    writeFileSync(join(folder, "b", "config.json"), "{");
    expect(await headOf(server)).toContain("2 runs: 2 in progress.");
    expect(await headOf(server)).toMatch(/role="alert">[^<]*config\.json: not JSON/);
    truncateSync(join(folder, "a", "1", "metrics.jsonl"), 300); // as resuming does
    expect((await ask(server)).status).toBe(200);
  });

  it("answers although a file of a run is a link that leads to itself", async () => {
    const folder = emptyFolder();
    begun(join(folder, "whole"), 3);
    for (const file of ["metrics.jsonl", "evaluations.jsonl"]) {
      const run = join(folder, `loop in ${file}`);
      begun(run, 3);
      rmSync(join(run, file), { force: true });
      symlinkSync(file, join(run, file));
    }
    const server = await watching(folder);
    for (let times = 0; times < 2; times++) {
      const { status, body } = await ask(server);
      expect(status).toBe(200);
      expect(body).toContain("3 runs: 1 in progress, 2 not drawn yet");
    }
  });

  it("finds the runs of a folder of sweeps, and follows no links", async () => {
    const folder = emptyFolder();
    for (const path of ["run", "sweep/a/1", "sweep/a/2", "far/too/deep/run"]) begun(join(folder, path), 1);
    symlinkSync(folder, join(folder, "sweep", "round"));
    const found = ["run", "sweep/a/1", "sweep/a/2"].map((path) => join(folder, path));
    expect(runsBelow(folder)).toEqual(found);
    expect(runsBelow(join(folder, "nothing"))).toEqual([]);
    expect(runsBelow(found[0]!)).toEqual([found[0]]);
  });

  it("makes one page for requests that come together", async () => {
    const server = await watching(finished);
    const answers = await Promise.all([1, 2, 3].map(() => ask(server)));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
  });

  it("names the flag of a port that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await expect(watch([finished], port)).rejects.toThrow(
      `--port ${port}: another program listens there; choose another port, or 0 for any that is free (EADDRINUSE).`,
    );
    other.close();
  });
});

const main = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));
const start = (...words: string[]): ChildProcess => {
  const child = spawn(process.execPath, ["--conditions=sgmrl-source", main, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  return child;
};

it("follows a real training in a browser: zoom and switches stay, the end of both is said", async () => {
  const run = join(emptyFolder(), "run");
  const server = start("watch", run, "--port", "0");
  const address = await new Promise<string>((done) => {
    let out = "";
    server.stdout!.on("data", (text) => {
      out += text;
      const found = /http:\S+\//.exec(out);
      if (found !== null) done(found[0]);
    });
  });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("request", (one) => {
      if (!one.url().startsWith(address)) faults.push(`fetches ${one.url()}`);
    });
    await page.goto(address);
    const see = (text: string) =>
      page.waitForFunction(`document.querySelector("main").textContent.includes(${JSON.stringify(text)})`, {
        timeout: 60_000,
      });
    await see("Nothing in");
    const flags =
      "--preset needle --iterations 1000000 --checkpoint-every 1000000 --evaluate-every 1000000 --evaluate-tasks 2 --workers 0";
    const training = start("train", ...flags.split(" "), "--out", run);
    await see("1 in progress");
    await page.waitForSelector(".uplot");
    await page.select("select[name=y]", "gradientNorm");
    await page.click("input[name=log]");
    await page.focus(".plot");
    await page.keyboard.press("+");
    const chosen = await page.evaluate("location.hash");
    expect(chosen).toMatch(/^#y=gradientNorm&log=1&zoom=/);
    const { x, y, width, height } = (await (await page.$(".u-over"))!.boundingBox())!;
    /** How far the curve reaches, read at its end with the pointer. */
    const reached = async () => {
      await page.mouse.move(x + width / 2, y + height / 2);
      await page.mouse.move(x + width - 1, y + height / 2);
      const read = await page.$eval(".curves output", (output) => output.textContent);
      return Number(/ at ([\d.e+]+)$/.exec(read ?? "")?.[1]);
    };
    const grown = async () => {
      const before = await page.$eval("#head", (head) => head.textContent);
      await page.waitForFunction(
        `document.getElementById("head").textContent !== ${JSON.stringify(before)}`,
        { timeout: 60_000 },
      );
    };
    await grown();
    expect(await page.evaluate("location.hash")).toBe(chosen);
    expect(await page.$eval("select[name=y]", (select) => (select as { value: string }).value)).toBe(
      "gradientNorm",
    );
    expect((await page.$$(".uplot")).length).toBe(1);
    await page.select("select[name=x]", "steps"); // shows all
    await page.focus(".plot");
    const before = await reached();
    expect(before).toBeGreaterThan(0);
    await grown();
    expect(await reached()).toBeGreaterThan(before);
    expect(await page.evaluate("document.activeElement.className")).toBe("plot");
    training.kill("SIGINT");
    await once(training, "exit");
    expect(faults).toEqual([]);
    server.kill("SIGINT");
    const [code] = await once(server, "exit");
    expect(code).toBe(0);
    await see("The server has stopped");
  } finally {
    await browser.close();
  }
}, 120_000);
