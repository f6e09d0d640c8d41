/** What a browser offers to compute on, in a page or a worker. */

/** What WebGL2 runs on; undefined where there is none. */
export function webgl2Renderer(): string | undefined {
  if (typeof OffscreenCanvas === "undefined") return undefined;
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (gl === null) return undefined;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  return info === null ? "not told" : String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL));
}

/** What WebGPU runs on; undefined where there is none. */
export async function webgpuAdapter(): Promise<string | undefined> {
  const adapter = await (navigator as Partial<WithGpu>).gpu?.requestAdapter();
  if (!adapter) return undefined;
  const { vendor, architecture, device, description } = adapter.info ?? {};
  return description || [vendor, architecture, device].filter(Boolean).join(" ") || "not told";
}

/** Whether a graphics card so called is computed by the processor. */
export function isSoftware(renderer: string): boolean {
  return /swiftshader|llvmpipe|software/i.test(renderer);
}

// What is used here of the browser's library.
interface WithGpu {
  readonly gpu: {
    requestAdapter(): Promise<{ readonly info?: Readonly<Record<string, string>> } | null>;
  };
}
declare const OffscreenCanvas: new (
  width: number,
  height: number,
) => {
  getContext(name: "webgl2"): {
    getExtension(name: string): { readonly UNMASKED_RENDERER_WEBGL: number } | null;
    getParameter(name: number): unknown;
  } | null;
};
