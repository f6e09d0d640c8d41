/** A server of files on 127.0.0.1, for looking at the site and for its tests. */
import { readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

/** Serves `folder`; port 0 takes any free one. */
export async function serve(
  folder: string,
  port: number,
): Promise<{ readonly server: Server; readonly address: string }> {
  const server = createServer(({ url = "/" }, response) => {
    const file = fileAt(folder, url);
    response.statusCode = file === undefined ? 404 : 200;
    const shown = file ?? join(folder, "404.html");
    // Nothing is fetched from elsewhere, and nothing outside of a page's workers is evaluated. The official engine's
    // bindings write functions: its worker alone may.
    const evaluates = /\/official\.worker-[^/]*\.js$/.test(shown);
    response.setHeader("Content-Security-Policy", evaluates ? `${policy} 'unsafe-eval'` : policy);
    // The names of assets hold hashes of their contents.
    if (/[/\\]assets[/\\]/.test(shown))
      response.setHeader("Cache-Control", "public, max-age=31536000, immutable");
    response.setHeader("Content-Type", types[extname(shown)] ?? "application/octet-stream");
    response.end(readFileSync(shown));
  });
  await new Promise<void>((ready, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", ready);
  });
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const policy = [
  "default-src 'self' data: blob:",
  "style-src 'self' 'unsafe-inline'",
  "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:", // the last, to be added to
].join("; ");

function fileAt(folder: string, url: string): string | undefined {
  const path = normalize(decodeURIComponent(new URL(url, "http://localhost").pathname));
  const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
  return file.startsWith(folder) && statSync(file, { throwIfNoEntry: false })?.isFile() ? file : undefined;
}
