/**
 * A page in a headless Chromium that comes with npm, with WebGL2 and WebGPU on SwiftShader, which computes on the
 * processor. The page is bundled and minified, as a user's would be.
 */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import chromium, { inflate, setupLambdaEnvironment } from "@sparticuz/chromium";
import { build } from "esbuild";
import puppeteer, { type Browser, type LaunchOptions } from "puppeteer-core";

export interface OpenPage {
  readonly version: string;
  /** The value of an expression in the page; promises are awaited. */
  evaluate<T>(expression: string): Promise<T>;
  close(): Promise<void>;
}

export interface BrowserOptions {
  /** Milliseconds that one evaluation may take. */
  readonly timeout?: number;
  /** A Chrome or Chromium to use instead, with its graphics card. */
  readonly executable?: string | undefined;
  /** Whether there are WebGL2 and WebGPU: without them pages are drawn with less work. */
  readonly graphics?: boolean;
}

export interface PageOptions extends BrowserOptions {
  /** Further files that the page may fetch: name -> content. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** A page that has run the script `entry`. */
export async function openPage(entry: URL, { files = {}, ...options }: PageOptions = {}): Promise<OpenPage> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    platform: "browser",
    conditions: ["sgmrl-source"],
    logLevel: "error",
  });
  const script = outputFiles[0]!.contents;
  // WebGPU and shared memory need a page that comes from somewhere trusted, by itself.
  const server = createServer(({ url = "/" }, response) => {
    const name = url.slice(1);
    const content = name === "page.js" ? script : files[name];
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    response.setHeader("Content-Type", contentType(name));
    response.statusCode = content === undefined && name !== "" ? 404 : 200;
    response.end(content ?? '<!doctype html><script src="page.js"></script>');
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo; // it listens on a port
  const browser = await launch(options);
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${port}/`);
  return {
    version: await browser.version(),
    evaluate: async <T>(expression: string) => (await page.evaluate(expression)) as T, // the caller knows the page
    async close() {
      await browser.close();
      server.close();
    },
  };
}

function contentType(name: string): string {
  if (name.endsWith(".js")) return "text/javascript";
  return name.endsWith(".wasm") ? "application/wasm" : "text/html";
}

/** The browser by itself. */
export async function launch({
  timeout = 300_000,
  executable,
  graphics = true,
}: BrowserOptions = {}): Promise<Browser> {
  if (executable !== undefined) return withGraphicsCard(executable, timeout);
  const options: LaunchOptions = {
    executablePath: await chromium.executablePath(),
    // The package's own list of arguments would turn off the isolation that WebGL2 needs here.
    args: [
      "--no-sandbox",
      ...(graphics ? softwareGraphics : ["--disable-gpu", "--disable-software-rasterizer"]),
    ],
    headless: "shell",
    protocolTimeout: timeout,
  };
  try {
    return await puppeteer.launch(options);
  } catch (error) {
    // A bare machine lacks libnss3 and its kin: the package brings them, for machines it knows to be bare.
    if (!String(error).includes("shared librar")) throw error;
    const libraries = new URL("../bin/al2023.tar.br", import.meta.resolve("@sparticuz/chromium"));
    setupLambdaEnvironment(join(await inflate(fileURLToPath(libraries)), "lib"));
    return puppeteer.launch(options);
  }
}

const softwareGraphics = [
  "--enable-unsafe-swiftshader",
  "--use-angle=swiftshader",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan,WebGPU",
];

function withGraphicsCard(executablePath: string, protocolTimeout: number): Promise<Browser> {
  const onLinux = ["--use-angle=vulkan", "--enable-features=Vulkan"];
  return puppeteer.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--ignore-gpu-blocklist",
      "--enable-unsafe-webgpu",
      ...(process.platform === "linux" ? onLinux : []),
    ],
    headless: true,
    protocolTimeout,
  });
}
