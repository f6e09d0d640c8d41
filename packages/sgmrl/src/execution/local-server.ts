/** A small HTTP server that only this machine can reach. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileProblem, InputError } from "../errors.ts";

export interface LocalServer {
  readonly port: number;
  /** Lets the process exit while the server is listening. */
  unref(): void;
  close(): Promise<void>;
}

/**
 * Answers GET and HEAD at a port of 127.0.0.1; port 0 means any free one. Requests with another host name are refused
 * before `respond` sees them, because DNS rebinding lets a foreign page make this machine's browser send requests here
 * under that page's host name. `respond` must not throw.
 *
 * @throws InputError for a port that cannot be used, called by its `flag`
 */
export async function serveLocally(
  port: number,
  flag: string,
  respond: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<LocalServer> {
  const server = createServer((request, response) => {
    if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(request.headers.host ?? "")) {
      response.writeHead(421).end();
      return;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return;
    }
    respond(request, response);
  });
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    throw new InputError(`${flag} ${port}: ${portProblem(error)}.`);
  }
  return {
    port: (server.address() as AddressInfo).port, // a TCP server has one
    unref: () => void server.unref(),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function portProblem(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return "another program listens there; choose another port, or 0 for any that is free (EADDRINUSE)";
  if (code === "EACCES") return "ports below 1024 need special rights; choose a higher one (EACCES)";
  return fileProblem(error);
}
