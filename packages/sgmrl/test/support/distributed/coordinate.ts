/** Trains, or goes on with, a run of the tests over a broker. */
import { existsSync } from "node:fs";
import { brokerAddress } from "../../../src/execution/distributed/broker-address.ts";
import { bullmqEngine } from "../../../src/execution/distributed/bullmq-engine.ts";
import type { Fingerprint } from "../../../src/execution/distributed/fingerprint.ts";
import type { Status } from "../../../src/execution/distributed/status.ts";
import type { Timing } from "../../../src/execution/distributed/timing.ts";
import type { RunConfig } from "../../../src/settings.ts";
import type { TrainResult } from "../../../src/training/loop.ts";
import { resume } from "../../../src/training/resume.ts";
import { runFiles } from "../../../src/training/store/run-directory.ts";
import { train } from "../../../src/training/train.ts";
import { unitFor } from "./fault-unit.ts";
import { fingerprint as common, groupSize, timing as usual, config as usualConfig } from "./settings.ts";

export interface Coordination {
  readonly config?: RunConfig;
  readonly window?: number;
  readonly fingerprint?: Fingerprint;
  readonly patienceMilliseconds?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timing?: Timing;
  readonly log?: (text: string) => void;
  readonly onStatus?: (status: Status) => void;
}

export function coordinate(
  url: string,
  password: string,
  directory: string,
  {
    config = usualConfig,
    window = 3,
    fingerprint = common,
    patienceMilliseconds = 60_000,
    environment = {},
    timing = usual,
    log = () => {},
    onStatus = () => {},
  }: Coordination = {},
): Promise<TrainResult> {
  const options = {
    units: { unitFor, module: new URL("./fault-unit.ts", import.meta.url) },
    engine: () =>
      bullmqEngine(config, {
        address: brokerAddress(url, { SGMRL_BROKER_PASSWORD: password, ...environment }),
        groupSize,
        window,
        patienceMilliseconds,
        timing,
        fingerprint,
        log,
        onStatus,
        replay: (first, end, work) => `replay ${directory} ${first}-${end - 1} ${work.kind}`,
      }),
  };
  return existsSync(runFiles(directory).config)
    ? resume(directory, options)
    : train(config, directory, options);
}
