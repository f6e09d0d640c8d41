/** Serves the report of runs while they proceed. It only reads, and serves nothing but the page. */
import { localUnits, type UnitSource } from "../../execution/create-engine.ts";
import { type LocalServer, serveLocally } from "../../execution/local-server.ts";
import { emptyLivePage, groupsPage } from "../groups-page.ts";
import { groupRuns, readRun } from "../runs.ts";
import { hasAllIterations, progressText, runsBelow, runsToDraw, stampOf } from "./find-runs.ts";

interface LivePage {
  readonly stamp: string;
  readonly html: string;
}

/** Watches runs, sweeps, or folders where they will be, at a port of 127.0.0.1; port 0 is any that is free. */
export async function watch(
  paths: readonly string[],
  port: number,
  units: UnitSource = localUnits,
): Promise<LocalServer> {
  let last: Promise<LivePage> = Promise.resolve({ stamp: "", html: "" });
  /** Makes one page at a time: each request waits for the one before it, and reuses its page if nothing has changed. */
  const current = (): Promise<LivePage> => {
    last = last.then((before) => pageNow(paths, units, before));
    return last;
  };
  return serveLocally(port, "--port", (request, response) => {
    if (request.url !== "/") {
      response.writeHead(404).end();
      return;
    }
    current().then(({ stamp, html }) => {
      const headers = {
        etag: stamp,
        "cache-control": "no-store",
        "content-type": "text/html; charset=utf-8",
      };
      if (request.headers["if-none-match"] === stamp) response.writeHead(304, headers).end();
      else response.writeHead(200, headers).end(request.method === "HEAD" ? undefined : html);
    });
  });
}

/** The page for the current files, or the previous page if they have not changed. Never rejects. */
async function pageNow(paths: readonly string[], units: UnitSource, before: LivePage): Promise<LivePage> {
  const problems: string[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  const directories = [...new Set(paths.flatMap((path) => attempt(() => runsBelow(path)) ?? []))];
  const stamp = stampOf(directories, problems);
  if (stamp === before.stamp) return before;
  const runs = directories.flatMap((directory) => attempt(() => readRun(directory)) ?? []);
  const { drawn, undrawn } = runsToDraw(runs);
  const title = "Waiting for a run";
  if (drawn.length === 0) {
    const lead = undrawn.length > 0 ? progressText([], undrawn) : `Nothing in ${paths.join(", ")} yet.`;
    return { stamp, html: await emptyLivePage(title, lead, problems) };
  }
  const isOver = undrawn.length === 0 && drawn.every(hasAllIterations);
  try {
    const { html } = await groupsPage(groupRuns(drawn), {
      note: progressText(drawn, undrawn),
      folder: ".",
      isLive: true,
      problems,
      ...(isOver ? { units } : {}), // sampling trajectories would slow down what is being trained
    });
    return { stamp, html };
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
    return { stamp, html: await emptyLivePage(title, progressText(drawn, undrawn), problems) };
  }
}
