// What a browser without WebGPU, or with one that gives no adapter, is said to offer.
import { afterEach, expect, it, vi } from "vitest";
import { isSoftware, webgl2Renderer, webgpuAdapter } from "../../src/browser/graphics.ts";

afterEach(() => void vi.unstubAllGlobals());

const navigatorWith = (gpu: unknown): void =>
  void vi.stubGlobal("navigator", gpu === undefined ? {} : { gpu });
const giving = (adapter: unknown) => ({ requestAdapter: async () => adapter });

it("no WebGPU is none, and so is one without an adapter", async () => {
  navigatorWith(undefined);
  expect(await webgpuAdapter()).toBeUndefined();
  navigatorWith(giving(null));
  expect(await webgpuAdapter()).toBeUndefined();
});

it.each([
  [{ info: { vendor: "acme", architecture: "two", device: "", description: "" } }, "acme two"],
  [{ info: { vendor: "acme", description: "Acme Two" } }, "Acme Two"],
  [{ info: {} }, "not told"],
  [{}, "not told"],
])("the adapter %j is %s", async (adapter, name) => {
  navigatorWith(giving(adapter));
  expect(await webgpuAdapter()).toBe(name);
});

it("no canvas, or none with WebGL2, is none", () => {
  vi.stubGlobal("OffscreenCanvas", undefined);
  expect(webgl2Renderer()).toBeUndefined();
  vi.stubGlobal(
    "OffscreenCanvas",
    class {
      getContext(): null {
        return null;
      }
    },
  );
  expect(webgl2Renderer()).toBeUndefined();
});

it("cards that the processor computes are told apart", () => {
  expect(
    ["Google SwiftShader", "llvmpipe (LLVM 15)", "Microsoft Basic Render Software"].every(isSoftware),
  ).toBe(true);
  expect(isSoftware("NVIDIA H100")).toBe(false);
});
