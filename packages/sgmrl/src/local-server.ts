/** A small HTTP server for this machine alone. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileProblem, InputError } from "./errors.ts";

export interface LocalServer {
  readonly port: number;
  /** Lets the process end although the server listens. */
  unref(): void;
  close(): Promise<void>;
}

/**
 * Answers GET and HEAD at a port of 127.0.0.1; port 0 is any that is free. Requests by a host name other than ours are
 * refused before `respond` sees them: by DNS rebinding, a page elsewhere can make a browser on this machine ask here under
 * a name of its own. `respond` must not throw.
 *
 * @throws InputError for a port that cannot be used, named by its `flag`
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
    port: (server.address() as AddressInfo).port, // of a TCP server
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
