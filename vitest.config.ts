import { defineConfig, type ViteUserConfig } from "vitest/config";
import { fuzzTimeout } from "./vitest.fuzz.ts";

/** Where `.ci/run` wants the counts as JSON; unset in a plain `pnpm test`. */
const countsFile = process.env.TEST_COUNTS_FILE;

const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ["sgmrl-source"] },
  ssr: { resolve: { conditions: ["sgmrl-source"] } },
  test: {
    include: [
      ".ci/test/*.test.ts",
      "docs/test/*.test.ts",
      "packages/*/test/**/*.test.ts",
      "benchmarks/test/**/*.test.ts",
    ],
    setupFiles: ["./vitest.setup.ts"],
    globalSetup: ["./vitest.temporary.ts"],
    testTimeout: fuzzTimeout(60_000),
    reporters: countsFile === undefined ? ["default"] : ["default", ["json", { outputFile: countsFile }]],
  },
});

export default config;
