import { type LabProcess, until } from "@ingot/testkit";
import { fetchFrom } from "./client.ts";
import { programPath, type QuickLan, startProgram } from "./lan.ts";
import { ROUTED, ROUTER } from "./manifests.ts";

/** The LAN's router, which learns from the nodes by BGP where the routed pool's addresses are. */
export class Router {
  readonly #process: LabProcess;

  private constructor(process: LabProcess) {
    this.#process = process;
  }

  /** Starts it, and shows the client the way. */
  static async start(lan: QuickLan): Promise<Router> {
    const { lab, router, client, nodes } = lan;
    const args = [ROUTER.address, `${ROUTER.asn}`, `${ROUTER.nodeAsn}`];
    args.push(nodes.map(({ address }) => address).join(","));
    const process = startProgram(lab, router, "router", programPath("router-program.js"), args);
    await process.waitForLine(/listening/, 10_000);
    await client.addRoute(ROUTED.subnet, { via: ROUTER.address });
    return new Router(process);
  }

  /**
   * The nodes that the router's kernel sends packets for an address to, once there are so many.
   *
   * @throws {Error} when there are not, in time.
   */
  nextHops(address: string, count: number): Promise<readonly string[]> {
    return until(
      () => {
        const changes = this.#process.lines
          .filter((line) => line.startsWith("{"))
          .map((line) => JSON.parse(line) as RouteChange);
        const last = changes.findLast(({ prefix }) => prefix === `${address}/32`);
        return last?.nextHops.length === count ? last.nextHops : undefined;
      },
      { timeoutMs: 20_000, intervalMs: 10, what: `${count} ways to ${address} in the router` },
    );
  }
}

/**
 * Asks an address over new connections until so many nodes have taken one.
 *
 * @throws {Error} when they have not, in time.
 */
export async function takenBy(
  lan: QuickLan,
  address: string,
  count: number,
): Promise<readonly string[]> {
  const nodes = new Set<string>();
  await until(
    async () => {
      nodes.add((await fetchFrom(lan, address)).node);
      return nodes.size === count;
    },
    { timeoutMs: 20_000, intervalMs: 0, what: `connections to ${address} over ${count} nodes` },
  );
  return [...nodes].sort();
}

interface RouteChange {
  readonly prefix: string;
  readonly nextHops: readonly string[];
}
