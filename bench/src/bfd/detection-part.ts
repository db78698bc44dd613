import { setTimeout as sleep } from "node:timers/promises";
import { Bird, Frr, Lab, type LabNamespace, until } from "@ingot/testkit";
import { birdConfig, Capture, type Condition, IngotSessions } from "./bed.ts";
import { silencesOf } from "./capture.ts";
import { preferProcess } from "./preference.ts";

/** Who watches the same router. */
export const WATCHERS = ["ingot", "bird", "frr"] as const;
/** One of those. */
export type Watcher = (typeof WATCHERS)[number];

/**
 * Cuts the way to a router that Ingot, BIRD and FRR watch, again and again, and returns how many ms
 * after the router's last packet and the detection time each of them said that it is down.
 *
 * @throws {Error} when somebody missed a cut, or saw one that was none.
 */
export async function watchCuts(
  rounds: number,
  condition: Condition,
  say: (progress: string) => void,
): Promise<Readonly<Record<Watcher, readonly number[]>>> {
  const lab = await Lab.create({ name: `b6d${process.pid}` });
  try {
    const lan = await lab.namespace("lan");
    await lab.bridge(lan, "br0");
    const join = async (name: string, address: string): Promise<LabNamespace> => {
      const ns = await lab.namespace(name);
      await lab.link(
        { ns, name: "eth0", addresses: [`${address}/24`] },
        { ns: lan, name, bridge: "br0" },
      );
      return ns;
    };
    const { directory } = lab;
    const [ingotNs, birdNs, frrNs] = await Promise.all([
      join("ingot", ADDRESSES.ingot),
      join("bird", ADDRESSES.bird),
      join("frr", ADDRESSES.frr),
    ]);
    const pairs = WATCHERS.map((watcher) => [ROUTER, ADDRESSES[watcher]] as const);
    const router = await Bird.start(await join("router", ROUTER), {
      directory,
      name: "router",
      config: birdConfig(pairs, INTERVAL_MS),
    });
    const bird = await Bird.start(birdNs, {
      directory,
      name: "bird",
      config: birdConfig([[ADDRESSES.bird, ROUTER]], INTERVAL_MS),
    });
    const frr = await Frr.start(frrNs, {
      directory,
      name: "frr",
      daemons: ["bfdd"],
      config: FRR_CONFIG,
    });
    for (const { pid } of [bird.process, ...frr.processes.values()]) preferProcess(pid);
    const paths = [{ localAddress: ADDRESSES.ingot, remoteAddress: ROUTER }];
    await IngotSessions.start(ingotNs, { paths, intervalMs: INTERVAL_MS }, condition);
    const settle = async (): Promise<void> => {
      const isUp = async () => {
        const sessions = await router.ask("show bfd sessions");
        return sessions.match(/ Up .* 0\.100 +0\.300$/gm)?.length === WATCHERS.length;
      };
      await until(isUp, { timeoutMs: 30_000, intervalMs: 200, what: "all three to be up" });
      await sleep(SETTLE_MS);
    };
    const namespaces = { ingot: ingotNs, bird: birdNs, frr: frrNs };
    const captures = await Promise.all(
      WATCHERS.map((watcher) => Capture.start(lab, namespaces[watcher])),
    );
    await settle();
    for (let round = 1; round <= rounds; round += 1) {
      say(`cut ${round} of ${rounds}, main thread ${condition}`);
      // No interface goes down, which would tell those who look at that.
      await lan.ip(["link set dev router nomaster"]);
      await sleep(3 * DETECTION_MS);
      await lan.ip(["link set dev router master br0"]);
      await settle();
    }
    const captured = await Promise.all(captures.map((capture) => capture.stop()));
    const late = (watcher: Watcher): readonly number[] => {
      const packets = captured[WATCHERS.indexOf(watcher)] ?? [];
      const silences = silencesOf(packets, { own: ADDRESSES[watcher], router: ROUTER });
      if (silences.length === rounds) return silences.map((ms) => ms - DETECTION_MS);
      throw new Error(`${watcher} said ${silences.length} times that it is down, of ${rounds}`);
    };
    return { ingot: late("ingot"), bird: late("bird"), frr: late("frr") };
  } finally {
    await lab.close();
  }
}

const INTERVAL_MS = 100;
const DETECTION_MS = 3 * INTERVAL_MS;
/** Two polls at the slow rate, and a little. */
const SETTLE_MS = 500;
const ROUTER = "198.18.0.254";
const ADDRESSES: Readonly<Record<Watcher, string>> = {
  ingot: "198.18.0.1",
  bird: "198.18.0.2",
  frr: "198.18.0.3",
};
const FRR_CONFIG = `bfd
 peer ${ROUTER} local-address ${ADDRESSES.frr} interface eth0
  receive-interval ${INTERVAL_MS}
  transmit-interval ${INTERVAL_MS}
  detect-multiplier 3
`;
