import { median } from "../statistics.ts";

/** What a {@link JsonLoad} has cost so far. */
export interface JsonLoadStats {
  readonly documentBytes: number;
  readonly parses: number;
  /** How long this thread did nothing else, on the median and at worst; 0 before the first. */
  readonly medianMs: number;
  readonly maxMs: number;
}

/** Keeps the thread that makes it busy as large answers of an API server do. */
export class JsonLoad {
  readonly #text = listOfServices(DOCUMENT_BYTES);
  readonly #tookMs: number[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Parses a document of about 5 MB every 150 ms, until the process ends. */
  start(): void {
    this.#timer ??= setInterval(() => this.#parse(), INTERVAL_MS);
  }

  get stats(): JsonLoadStats {
    const times = this.#tookMs.length === 0 ? [0] : this.#tookMs;
    return {
      documentBytes: this.#text.length,
      parses: this.#tookMs.length,
      medianMs: median(times),
      maxMs: Math.max(...times),
    };
  }

  #parse(): void {
    const start = performance.now();
    JSON.parse(this.#text);
    this.#tookMs.push(performance.now() - start);
  }
}

/** A list such as the API server answers with, of at least so many bytes. */
function listOfServices(bytes: number): string {
  const items: string[] = [];
  for (let length = 0; length < bytes; length += items.at(-1)?.length ?? 0) {
    items.push(JSON.stringify(service(items.length)));
  }
  return `{"kind":"ServiceList","apiVersion":"v1","items":[${items.join(",")}]}`;
}

function service(number: number): object {
  const app = `service-${number}`;
  const ip = `10.96.${(number >> 8) & 0xff}.${number & 0xff}`;
  return {
    metadata: {
      name: app,
      namespace: "default",
      resourceVersion: String(number),
      labels: { app, tier: "web" },
    },
    spec: {
      type: "LoadBalancer",
      clusterIP: ip,
      clusterIPs: [ip],
      ipFamilies: ["IPv4"],
      ports: [
        { name: "http", protocol: "TCP", port: 80, targetPort: 8080, nodePort: 30_000 + number },
      ],
      selector: { app },
      externalTrafficPolicy: "Cluster",
    },
    status: { loadBalancer: { ingress: [{ ip, ipMode: "VIP" }] } },
  };
}

const DOCUMENT_BYTES = 5_000_000;
const INTERVAL_MS = 150;
