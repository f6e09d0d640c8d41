/** Figures for Prometheus, at http://127.0.0.1:<port>/metrics. Loaded on request. */
import { Counter, Gauge, Registry } from "prom-client";
import { type LocalServer, serveLocally } from "../local-server.ts";
import type { Status } from "./status.ts";

/** The coordinator's metrics: its status, read when Prometheus asks. */
export function coordinatorMetrics(status: () => Status): Registry {
  const registry = new Registry();
  const gauge = (name: string, help: string, value: (status: Status) => number): void => {
    new Gauge({
      name: `sgmrl_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value(status()));
      },
    });
  };
  gauge("workers", "workers that run the same code", ({ workers }) => workers);
  gauge("slots", "groups that those workers can compute at once", ({ slots }) => slots);
  gauge(
    "foreign_workers",
    "workers that run other code and take no jobs",
    ({ foreignWorkers }) => foreignWorkers,
  );
  gauge("units_done", "units whose results were read", ({ unitsDone }) => unitsDone);
  gauge(
    "units_per_second",
    "units computed per second, over the last ten seconds",
    ({ unitsPerSecond }) => unitsPerSecond,
  );
  gauge("redeliveries", "repeated deliveries of groups", ({ redeliveries }) => redeliveries);
  gauge("damaged_results", "results with a wrong length or checksum", ({ damagedResults }) => damagedResults);
  gauge("republished_groups", "groups published again", ({ republishedGroups }) => republishedGroups);
  gauge("outstanding_groups", "groups at the broker", ({ outstandingGroups }) => outstandingGroups);
  gauge(
    "oldest_outstanding_seconds",
    "seconds since the oldest outstanding group was published",
    ({ oldestOutstandingSeconds }) => oldestOutstandingSeconds,
  );
  return registry;
}

export interface WorkerMetrics {
  readonly registry: Registry;
  group(units: number, milliseconds: number, attempt: number): void;
}

export function workerMetrics(): WorkerMetrics {
  const registry = new Registry();
  const counter = (name: string, help: string): Counter =>
    new Counter({ name: `sgmrl_worker_${name}`, help, registers: [registry] });
  const groups = counter("groups_total", "groups computed");
  const units = counter("units_total", "units computed");
  const redelivered = counter("redelivered_groups_total", "groups computed that had been delivered before");
  const seconds = counter("compute_seconds_total", "wall-clock seconds of computation, summed over threads");
  return {
    registry,
    group(count, milliseconds, attempt) {
      groups.inc();
      units.inc(count);
      if (attempt > 1) redelivered.inc();
      seconds.inc(milliseconds / 1000);
    },
  };
}

/** Serves a registry on this machine only. Port 0 means any free one. */
export async function serveMetrics(registry: Registry, port: number): Promise<LocalServer> {
  const server = await serveLocally(port, "--metrics-port", (request, response) => {
    if (request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { "content-type": registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.unref();
  return server;
}
