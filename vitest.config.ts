import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ["sgmrl-source"] },
  ssr: { resolve: { conditions: ["sgmrl-source"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "benchmarks/test/**/*.test.ts"],
    testTimeout: 60_000,
  },
});

export default config;
