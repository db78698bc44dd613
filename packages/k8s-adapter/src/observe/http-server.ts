import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Where to listen, and the flag that said so. */
export interface ListenAddress {
  readonly flag: string;
  /** 0: any free one. */
  readonly port: number;
  /** Undefined: every address of this machine. */
  readonly host: string | undefined;
}

/** A server that listens. */
export interface HttpServer {
  readonly port: number;
  /** Stops listening and ends what is open. */
  close(): Promise<void>;
}

/** What a path answers. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** By path. */
export type Routes = Readonly<Record<string, () => Promise<Answer>>>;

/** The content type of plain text. */
export const TEXT = "text/plain; charset=utf-8";

/**
 * Answers GET and HEAD on a few paths. Its limits keep whoever reaches the port from holding more
 * than a little memory.
 *
 * @throws {Error} when it cannot listen; the message names the flag and the port.
 */
export function listen(at: ListenAddress, routes: Routes): Promise<HttpServer> {
  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 10_000, maxHeaderSize: 8_192 },
    (request, response) => void respond(routes, request, response),
  );
  server.maxConnections = 64;
  return new Promise((resolve, reject) => {
    server.on("error", (error) => reject(listenError(at, error)));
    server.listen(at.port, at.host, () => {
      const { port } = server.address() as AddressInfo;
      resolve({ port, close: () => closeServer(server) });
    });
  });
}

async function respond(
  routes: Routes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, contentType, body } = await answerTo(routes, request);
  const headers = { "Content-Type": contentType, "Content-Length": Buffer.byteLength(body) };
  response.writeHead(status, status === 405 ? { ...headers, Allow: "GET, HEAD" } : headers);
  response.end(request.method === "HEAD" ? undefined : body);
}

async function answerTo(routes: Routes, request: IncomingMessage): Promise<Answer> {
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) {
    const body = `nothing here; try ${Object.keys(routes).join(" or ")}\n`;
    return { status: 404, contentType: TEXT, body };
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    return { status: 405, contentType: TEXT, body: "only GET and HEAD\n" };
  }
  try {
    return await route();
  } catch (error) {
    return { status: 500, contentType: TEXT, body: `${String(error)}\n` };
  }
}

function listenError(at: ListenAddress, cause: NodeJS.ErrnoException): Error {
  const where = at.host === undefined ? "" : ` on ${at.host}`;
  return new Error(`${at.flag}: cannot listen on port ${at.port}${where}: ${reasonOf(cause)}`, {
    cause,
  });
}

function reasonOf(cause: NodeJS.ErrnoException): string {
  if (cause.code === "EADDRINUSE") return "it is in use by another program";
  if (cause.code === "EACCES") return "this user may not use it";
  return cause.message;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
