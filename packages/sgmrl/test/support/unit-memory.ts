// A process that runs one unit and prints how far its memory has grown, in bytes: unit-memory.ts <flags as JSON>
import { parseConfig } from "../../src/config/parse-config.ts";
import { unitFor } from "../../src/execution/local-unit.ts";
import { initializationKey, trainingKeys } from "../../src/training/keys.ts";

const config = parseConfig({ flags: JSON.parse(process.argv[2]!) });
const unit = unitFor(config.experiment);
const theta = unit.initialize(initializationKey(0));
const [{ task, noise }] = trainingKeys({ seed: 0, tasks: 1 }, 0) as [ReturnType<typeof trainingKeys>[number]];
const before = process.resourceUsage().maxRSS;
unit.contribute(theta, task, noise);
process.stdout.write(String((process.resourceUsage().maxRSS - before) * 1024));
