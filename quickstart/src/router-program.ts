import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type ReceivedRoutes, Speaker } from "@ingot/bgp";
import { monotonicClock, tcpTransport } from "@ingot/linux";

// The router of the quick start's LAN, made of the BGP package: accepts sessions with the nodes, and
// gives the kernel a route with all next hops of each prefix. Prints a line of JSON a change.
//
//   node router-program.js OWN_ADDRESS OWN_ASN NODE_ASN NODE_ADDRESS,NODE_ADDRESS…

const [own = "", ownAsn = "", nodeAsn = "", nodes = ""] = process.argv.slice(2);
const run = promisify(execFile);
/** By prefix, the next hop that each node gave. */
const table = new Map<string, Map<string, string>>();
let lastChange: Promise<void> = Promise.resolve();

const speaker = new Speaker({
  asn: Number(ownAsn),
  routerId: own,
  transport: tcpTransport(),
  clock: monotonicClock,
});
for (const address of nodes.split(",")) {
  const peer = speaker.peer({
    address,
    asn: Number(nodeAsn),
    passive: true,
    holdTimeS: 9,
    onRoutes: (routes) => learn(address, routes),
  });
  peer.on("down", () => forget(address, table.keys()));
}
await speaker.listen({ localAddress: own, port: 179 });
process.stdout.write("listening\n");

function learn(node: string, { announced, withdrawn, attributes }: ReceivedRoutes): void {
  forget(node, withdrawn);
  for (const prefix of announced) {
    const nextHops = table.get(prefix) ?? new Map<string, string>();
    nextHops.set(node, attributes?.nextHop ?? node);
    table.set(prefix, nextHops);
    change(prefix);
  }
}

function forget(node: string, prefixes: Iterable<string>): void {
  for (const prefix of prefixes) if (table.get(prefix)?.delete(node)) change(prefix);
}

/** One after the other, so that the kernel ends up with what came last. */
function change(prefix: string): void {
  const nextHops = [...(table.get(prefix)?.values() ?? [])].sort();
  const args =
    nextHops.length === 0
      ? ["route", "del", prefix]
      : ["route", "replace", prefix, ...nextHops.flatMap((via) => ["nexthop", "via", via])];
  lastChange = lastChange.then(async () => {
    await run("ip", args);
    process.stdout.write(`${JSON.stringify({ prefix, nextHops })}\n`);
  });
}
