import { availableParallelism } from "node:os";
import { type AddCommand, examples, filePaths, wholeNumber } from "./command.ts";
import { brokerHelp } from "./engine-options.ts";
import { interruptible } from "./signals.ts";

interface Flags {
  readonly broker?: string;
  readonly concurrency: number;
  readonly module?: readonly string[];
  readonly patience: number;
  readonly metricsPort?: number;
}

export const addWorker: AddCommand = (command, terminal) => {
  command
    .option("--broker <url>", brokerHelp)
    .option(
      "--concurrency <n>",
      "jobs at a time, each in a thread",
      wholeNumber(1, 1024),
      availableParallelism(),
    )
    .option(
      "--module <file>",
      "module of your own environment, policy or estimator that runs may use; repeat for more",
      filePaths,
    )
    .option("--patience <seconds>", "how long to wait for a broker that does not answer", wholeNumber(1), 600)
    .option(
      "--metrics-port <n>",
      "serve Prometheus metrics on this port of 127.0.0.1",
      wholeNumber(0, 65_535),
    )
    .addHelpText(
      "after",
      examples(
        "worker --broker redis://sgmrl@10.0.0.5",
        "worker --broker postgres://sgmrl@db/sgmrl --concurrency 8",
        "worker --broker redis://sgmrl@10.0.0.5 --module ./my-env.ts --module ./my-estimator.ts",
      ),
    )
    .action(async ({ broker, concurrency, module: modules, patience, metricsPort }: Flags) => {
      const { brokerAddress } = await import("../execution/distributed/broker-address.ts");
      const address = brokerAddress(broker);
      const { startWorker } = await import("../execution/distributed/start-worker.ts");
      await interruptible(
        terminal,
        (signal) =>
          startWorker({
            address,
            concurrency,
            ...(modules === undefined ? {} : { modules }),
            patienceMilliseconds: 1000 * patience,
            ...(metricsPort === undefined ? {} : { metricsPort }),
            signal,
            log: terminal.err,
          }),
        "Finishing the current jobs. Press Ctrl-C again to stop at once; other workers will redo them.",
      );
    });
};
