import { type Answer, type HttpServer, type ListenAddress, listen, TEXT } from "./http-server.ts";
import type { MetricsText } from "./metrics.ts";

/** Why a program is not alive, and why it is not ready: lines to show; none when all is well. */
export interface Probes {
  readonly dead: readonly string[];
  readonly unready: readonly string[];
}

/**
 * Serves `/metrics`.
 *
 * @throws {Error} when it cannot listen; the message names the flag and the port.
 */
export function serveMetrics(at: ListenAddress, metrics: MetricsText): Promise<HttpServer> {
  return listen(at, {
    "/metrics": async () => ({
      status: 200,
      contentType: metrics.contentType,
      body: await metrics.render(),
    }),
  });
}

/**
 * Serves `/healthz` and `/readyz`: 200, or 503 with a line for each thing that is amiss.
 *
 * @throws {Error} when it cannot listen; the message names the flag and the port.
 */
export function serveHealth(at: ListenAddress, probes: Probes): Promise<HttpServer> {
  return listen(at, {
    "/healthz": async () => verdict(probes.dead),
    "/readyz": async () => verdict(probes.unready),
  });
}

/** Which ports to serve on, as the options of a program say; 0 turns one off. */
export interface ServePorts {
  readonly port: number;
  readonly healthProbePort: number;
  /** Undefined: every address of this machine. */
  readonly healthProbeHost: string | undefined;
}

/**
 * Serves metrics and probes on the ports that are on, as one; what `close` closes.
 *
 * @throws {Error} when one cannot listen; the other is closed again.
 */
export async function serveObservation(
  ports: ServePorts,
  metrics: MetricsText,
  probes: Probes,
): Promise<{ close(): Promise<void> }> {
  const servers: HttpServer[] = [];
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()));
  };
  const { port, healthProbePort, healthProbeHost: host } = ports;
  try {
    if (port !== 0) {
      servers.push(await serveMetrics({ flag: "--port", port, host: undefined }, metrics));
    }
    if (healthProbePort !== 0) {
      const at = { flag: "--health-probe-port", port: healthProbePort, host };
      servers.push(await serveHealth(at, probes));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

function verdict(amiss: readonly string[]): Answer {
  if (amiss.length === 0) return { status: 200, contentType: TEXT, body: "ok\n" };
  return { status: 503, contentType: TEXT, body: `${amiss.join("\n")}\n` };
}
