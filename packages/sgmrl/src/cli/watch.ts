import { once } from "node:events";
import { watch } from "../report/live/watch.ts";
import { type AddCommand, examples, filePaths, wholeNumber } from "./command.ts";
import { interruptible } from "./signals.ts";

export const addWatch: AddCommand = (command, terminal) => {
  command
    .argument("<dir...>", "runs, sweeps, or folders where they will be", filePaths)
    .option("--port <n>", "port of 127.0.0.1; 0 takes any that is free", wholeNumber(0, 65_535), 8017)
    .addHelpText("after", examples("watch runs/maml-1", "watch runs/maml-1 runs/sgmrl-1 --port 0"))
    .action(async (paths: string[], { port }: { readonly port: number }) => {
      const server = await watch(paths, port);
      terminal.out(`Watching at http://127.0.0.1:${server.port}/ until Ctrl-C.`);
      await interruptible(
        terminal,
        async (signal) => {
          await once(signal, "abort");
          await server.close();
        },
        "No longer watching; the runs continue.",
      );
    });
};
