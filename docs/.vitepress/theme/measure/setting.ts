/** What can be set on the page; also what its address may hold. */
import * as z from "zod/mini";

export const tasks = ["forward", "gradient", "hvp"] as const;
export const devices = ["wasm", "webgl", "webgpu"] as const;

export const taskNames: Readonly<Record<(typeof tasks)[number], string>> = {
  forward: "value",
  gradient: "value and gradient",
  hvp: "Hessian-vector product",
};
export const deviceNames: Readonly<Record<(typeof devices)[number], string>> = {
  wasm: "WebAssembly, on the processor",
  webgl: "WebGL2",
  webgpu: "WebGPU",
};

export const Setting = z.strictObject({
  devices: z.array(z.enum(devices)).check(z.minLength(1), z.maxLength(devices.length)),
  tasks: z.array(z.enum(tasks)).check(z.minLength(1), z.maxLength(tasks.length)),
  /** Of the batch. */
  rows: z.int().check(z.minimum(1), z.maximum(20_000)),
  /** Hidden units in each of two layers. */
  width: z.int().check(z.minimum(1), z.maximum(512)),
  /** Slices of every contender. */
  rounds: z.int().check(z.minimum(3), z.maximum(50)),
  /** [ms], of one slice. */
  slice: z.int().check(z.minimum(5), z.maximum(500)),
});
export type Setting = z.infer<typeof Setting>;

/** The sizes of `pnpm bench`. */
export const first: Setting = {
  devices: ["wasm", "webgl", "webgpu"],
  tasks: ["gradient", "hvp"],
  rows: 2000,
  width: 100,
  rounds: 9,
  slice: 100,
};
