import { setTimeout as sleep } from "node:timers/promises";
import { until } from "@ingot/testkit";
import type { FailoverLab } from "./lab.ts";

/** How many of the addresses each node answers for. */
export type Spread = Readonly<Record<string, number>>;

/** How 99 addresses are spread over all nodes, and over the rest once one of them has died. */
export interface SpreadFound {
  readonly before: Spread;
  readonly dead: string;
  readonly after: Spread;
  /** Once the dead one is back. */
  readonly returned: Spread;
}

/** Creates 99 Services, and lets a node die and return. @throws {Error} when some are not answered for. */
export async function measureSpread(lab: FailoverLab, windowMs: number): Promise<SpreadFound> {
  const names = Array.from({ length: COUNT }, (_, index) => `spread-${index + 1}`);
  const addresses = (await lab.services(names)).map(({ ipv4 }) => ipv4);
  const before = await untilAnswered(lab, addresses, []);
  const [first] = lab.cluster.nodes;
  if (first === undefined) throw new Error("a node is needed");
  await first.powerOff();
  lab.speaker(first).kill("SIGKILL");
  const after = await untilAnswered(lab, addresses, [first.name]);
  await first.powerOn();
  await lab.startSpeaker(first);
  await sleep(windowMs);
  const returned = await untilAnswered(lab, addresses, []);
  for (const name of names) await lab.cluster.deleteService(name);
  return { before, dead: first.name, after, returned };
}

/** The most that any two nodes differ by. */
export function unevenness(spread: Spread): number {
  const counts = Object.values(spread);
  return Math.max(...counts) - Math.min(...counts);
}

const COUNT = 99;
/** Longer than the controller waits for a planned move to be done. */
const SETTLED_MS = 6_000;

/**
 * Asks for all of them until each is answered for by a node that is not `dead`, and until that has
 * stayed so: planned moves are paced.
 */
async function untilAnswered(
  lab: FailoverLab,
  addresses: readonly string[],
  dead: readonly string[],
): Promise<Spread> {
  let last = "";
  let since = 0;
  return until(
    async () => {
      const holders = await holdersOf(lab, addresses);
      const living = holders.filter((name) => !dead.includes(name));
      if (living.length < addresses.length) throw new Error(`${living.length} answered`);
      if (holders.join() !== last) since = performance.now();
      last = holders.join();
      if (performance.now() < since + SETTLED_MS) throw new Error("addresses still move");
      const nodes = lab.cluster.nodes.filter(({ name }) => !dead.includes(name));
      return Object.fromEntries(
        nodes.map(({ name }) => [name, living.filter((other) => other === name).length]),
      );
    },
    { timeoutMs: 120_000, intervalMs: 500, what: "answers for all addresses" },
  );
}

/** Lets the observer's kernel ask for each, and reads whom it found. */
async function holdersOf(lab: FailoverLab, addresses: readonly string[]): Promise<string[]> {
  const { netns } = lab.observer;
  await netns.exec("ip", ["neighbour", "flush", "dev", "eth0"], { allowFailure: true });
  const script = 'for address in "$@"; do echo > "/dev/udp/$address/9"; done; sleep 0.5';
  await netns.exec("bash", ["-c", script, "bash", ...addresses], { allowFailure: true });
  const { stdout } = await netns.exec("ip", ["-4", "neighbour", "show", "dev", "eth0"]);
  const found = new Map(
    Array.from(stdout.matchAll(/^(\S+) .*lladdr (\S+)/gm), ([, address = "", mac = ""]) => [
      address,
      mac,
    ]),
  );
  return addresses.flatMap((address) => lab.names.get(found.get(address) ?? "") ?? []);
}
