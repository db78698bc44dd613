import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import {
  FakeApiObjects,
  type FakeEvent,
  type FakeObject,
  type FakeSelection,
  isSelected,
  mergePatch,
} from "./fake-api-objects.ts";
import { Moments } from "./moments.ts";

/** A request as it came. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Takes a request over and answers true, or answers false and leaves it to the server. */
export type Interceptor = (request: SeenRequest, response: ServerResponse) => boolean;

/** An API server in this process: it lists, watches and writes, and misbehaves as told. */
export class FakeApiServer {
  readonly requests: SeenRequest[] = [];
  readonly objects: FakeApiObjects = new FakeApiObjects();
  /** Whether `sendInitialEvents` is known here. */
  streams = true;
  /** Tokens that are let in; undefined: everybody. */
  tokens: ReadonlySet<string> | undefined;
  /** Resources that are not there, such as `/apis/metallb.io/v1beta1 ipaddresspools`. */
  readonly missing: Set<string> = new Set();
  /** Connections that were ever made. */
  accepted = 0;
  /** Asked first. */
  intercept: Interceptor = () => false;
  /** Stays the same when the server is closed. */
  readonly url: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<Watch>();
  readonly #moments = new Moments();

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (request, response) => void this.#receive(request, response));
    server.on("connection", (socket) => {
      this.accepted += 1;
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  /** Listens on the loopback; on a port that is free when it is 0. */
  static async start(port = 0): Promise<FakeApiServer> {
    const server = createServer();
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return new FakeApiServer(server);
  }

  /** Watches that are open now. */
  get watching(): number {
    return this.#watches.size;
  }

  /** Requests for a watch, or with false those for a list, in the order in which they came. */
  asked(watch: boolean): readonly SeenRequest[] {
    return this.requests.filter(
      ({ method, query: { watch: value } }) => method === "GET" && (value === "1") === watch,
    );
  }

  /** Resolves when the condition holds; it is looked at when a request came or a watch ended. */
  until(condition: () => boolean): Promise<void> {
    return this.#moments.until(condition);
  }

  /** Adds or replaces an object, and tells those who watch. */
  put(resource: string, object: FakeObject): FakeObject {
    const { stored, event } = this.objects.put(resource, object);
    this.#tell(resource, event);
    return stored;
  }

  remove(resource: string, name: string, namespace?: string): void {
    const metadata = namespace === undefined ? { name } : { name, namespace };
    const event = this.objects.remove(resource, metadata);
    if (event !== undefined) this.#tell(resource, event);
  }

  /** Tells every watch where it stands. */
  bookmark(): void {
    for (const watch of this.#watches) {
      send(watch, { type: "BOOKMARK", object: bookmarkAt(this.objects.version) });
    }
  }

  /** Writes octets into every watch, as they are. */
  write(octets: string | Uint8Array): void {
    for (const { response } of this.#watches) response.write(octets);
  }

  /** Ends every watch in order. */
  endWatches(): void {
    for (const { response } of this.#watches) response.end();
  }

  /** Ends every connection without a word. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.reset();
    await closed;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", this.url);
    const pieces: Uint8Array[] = [];
    try {
      for await (const piece of request as AsyncIterable<Uint8Array>) pieces.push(piece);
    } catch {
      return;
    }
    const seen: SeenRequest = {
      method: request.method ?? "",
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: Buffer.concat(pieces).toString("utf8"),
    };
    this.requests.push(seen);
    if (!this.intercept(seen, response)) this.#answer(seen, response);
    this.#moments.happened();
  }

  #answer(request: SeenRequest, response: ServerResponse): void {
    const { authorization = "" } = request.headers;
    if (this.tokens !== undefined && !this.tokens.has(`${authorization}`.replace("Bearer ", ""))) {
      refuse(response, 401, "Unauthorized", "Unauthorized");
      return;
    }
    const { resource, namespace, name } = partsOf(request.path);
    if (this.missing.has(resource)) {
      response.writeHead(404).end("404 page not found\n");
      return;
    }
    const { watch, labelSelector: labels = "" } = request.query;
    const selection = { resource, namespace, labels };
    const at = { name, ...(namespace ? { namespace } : {}) };
    if (request.method === "GET" && watch === "1") this.#watch(request, selection, response);
    else if (request.method === "GET" && name !== "") this.#get(resource, at, response);
    else if (request.method === "GET") this.#list(request, selection, response);
    else if (request.method === "DELETE") this.#delete(selection, at, response);
    else if (request.method === "POST") this.#create(resource, request, response);
    else this.#change(resource, at, request, response);
  }

  #get(resource: string, at: { name: string; namespace?: string }, response: ServerResponse): void {
    const stored = this.objects.get(resource, at);
    if (stored === undefined) refuse(response, 404, "NotFound", `"${at.name}" not found`);
    else json(response, 200, stored);
  }

  #list({ query }: SeenRequest, selection: FakeSelection, response: ServerResponse): void {
    const { limit = "0", continue: next = "0" } = query;
    const objects = this.objects.list(selection);
    const end = limit === "0" ? objects.length : Number(next) + Number(limit);
    const metadata = {
      resourceVersion: this.objects.version,
      ...(end < objects.length ? { continue: `${end}` } : {}),
    };
    json(response, 200, { kind: "List", metadata, items: objects.slice(Number(next), end) });
  }

  #watch(request: SeenRequest, selection: FakeSelection, response: ServerResponse): void {
    const { sendInitialEvents, resourceVersion = "0" } = request.query;
    if (sendInitialEvents !== undefined && !this.streams) {
      refuse(response, 422, "Invalid", "sendInitialEvents: Forbidden: not enabled");
      return;
    }
    const events: FakeEvent[] | undefined =
      sendInitialEvents === undefined
        ? this.objects.changesSince(selection, Number(resourceVersion))?.slice()
        : this.objects.list(selection).map((object) => ({ type: "ADDED", object }));
    if (events === undefined) {
      refuse(response, 410, "Expired", `too old resource version: ${resourceVersion}`);
      return;
    }
    if (sendInitialEvents !== undefined) {
      const end = { "k8s.io/initial-events-end": "true" };
      events.push({ type: "BOOKMARK", object: bookmarkAt(this.objects.version, end) });
    }
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    const watch = { selection, response };
    for (const event of events) send(watch, event);
    this.#watches.add(watch);
    response.on("close", () => {
      this.#watches.delete(watch);
      this.#moments.happened();
    });
  }

  #create(resource: string, request: SeenRequest, response: ServerResponse): void {
    const object = JSON.parse(request.body) as FakeObject;
    if (this.objects.get(resource, object.metadata) !== undefined) {
      refuse(response, 409, "AlreadyExists", `"${object.metadata.name}" already exists`);
      return;
    }
    json(response, 201, this.put(resource, object));
  }

  /** One object, or without a name all that are selected. */
  #delete(
    selection: FakeSelection,
    at: { name: string; namespace?: string },
    response: ServerResponse,
  ): void {
    const { resource, namespace } = selection;
    const stored = at.name === "" ? this.objects.list(selection) : this.objects.get(resource, at);
    if (stored === undefined) {
      refuse(response, 404, "NotFound", `"${at.name}" not found`);
      return;
    }
    for (const { metadata } of [stored].flat()) this.remove(resource, metadata.name, namespace);
    json(response, 200, { kind: "Status", status: "Success" });
  }

  #change(
    resource: string,
    at: { name: string; namespace?: string },
    request: SeenRequest,
    response: ServerResponse,
  ): void {
    const stored = this.objects.get(resource, at);
    if (stored === undefined) {
      refuse(response, 404, "NotFound", `"${at.name}" not found`);
      return;
    }
    const body = JSON.parse(request.body) as Partial<FakeObject>;
    const asked = body.metadata?.resourceVersion;
    if (asked !== undefined && asked !== stored.metadata.resourceVersion) {
      refuse(response, 409, "Conflict", "the object has been modified");
      return;
    }
    const changed = request.method === "PUT" ? body : mergePatch(stored, body);
    json(response, 200, this.put(resource, changed as FakeObject));
  }

  #tell(resource: string, event: FakeEvent): void {
    for (const watch of this.#watches) {
      if (watch.selection.resource !== resource) continue;
      if (isSelected(watch.selection, event.object as FakeObject)) send(watch, event);
    }
  }
}

interface Watch {
  readonly selection: FakeSelection;
  readonly response: ServerResponse;
}

/** Answers with a Status object. */
export function refuse(
  response: ServerResponse,
  code: number,
  reason: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  json(response, code, { kind: "Status", status: "Failure", code, reason, message }, headers);
}

function json(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

function send({ response }: Watch, event: FakeEvent): void {
  response.write(`${JSON.stringify(event)}\n`);
}

function bookmarkAt(resourceVersion: string, annotations: object = {}): object {
  return { metadata: { resourceVersion, annotations } };
}

/** `/api/v1/namespaces/NS/services/NAME/status` is the resource `/api/v1 services`. */
function partsOf(path: string): { resource: string; namespace: string | undefined; name: string } {
  const [, group = "", rest = ""] = /^(\/api\/[^/]+|\/apis\/[^/]+\/[^/]+)\/(.*)$/.exec(path) ?? [];
  const parts = rest.split("/").map(decodeURIComponent);
  const namespace = parts[0] === "namespaces" && parts.length > 2 ? parts[1] : undefined;
  const [plural = "", name = ""] = namespace === undefined ? parts : parts.slice(2);
  return { resource: `${group} ${plural}`, namespace, name };
}
