import { join } from "node:path";
import { type Lab, until } from "@ingot/testkit";
import { fetchFrom, learntMac, Probe, type Takeover } from "./client.ts";
import {
  addressOf,
  heardAgain,
  type QuickCluster,
  restartSpeaker,
  startCluster,
} from "./cluster.ts";
import { buildLan, type QuickLan, type QuickNode } from "./lan.ts";
import { ROUTER, writeConfiguration, writeService } from "./manifests.ts";
import { Router, takenBy } from "./router.ts";
import type { Story } from "./story.ts";

/** What the play leaves behind for a look around. */
export interface Stage {
  readonly lan: QuickLan;
  readonly cluster: QuickCluster;
  readonly address: string;
}

/** Plays the quick start from an empty lab to a survived power failure. */
export async function play(lab: Lab, story: Story): Promise<Stage> {
  story.step("A LAN with three nodes, a router and a client, in network namespaces of their own");
  const lan = await buildLan(lab);
  const where = `nodes n1 to n3 at 10.77.0.11 to .13, the router at .1, the client at .100`;
  story.say(`${where} (lab ${lab.prefix})`);
  const router = await Router.start(lan);

  story.step("Ingot: a controller, and a speaker on every node, fed from a folder of manifests");
  const manifests = join(lab.directory, "manifests");
  writeConfiguration(manifests);
  const cluster = await startCluster(lan, manifests);
  story.say(`${manifests}: IPAddressPool lan (10.77.0.64-10.77.0.67), L2Advertisement lan`);
  story.say("and IPAddressPool routed (192.0.2.64/30), BGPAdvertisement routed, BGPPeer router");

  const address = await serve(lan, cluster, story);
  await route(lan, cluster, router, story);
  const probe = new Probe(lan, address);
  const { node: owner } = await probe.leaves("", 10_000);

  story.step(`The cable of ${owner} is pulled`);
  const second = await pullCable(lan, owner, probe);
  tellTakeover(story, "cablePulled", owner, second);

  story.step(`${owner} gets its cable back and takes nothing back; ${second.node} loses its power`);
  const third = await powerOff(lan, cluster, address, owner, probe, second.node);
  tellTakeover(story, "powerLost", second.node, third);
  const after = await fetchFrom(lan, address);
  story.say(`curl http://${address}/ -> "${after.body}" (through ${after.node})`);
  return { lan, cluster, address };
}

async function serve(lan: QuickLan, cluster: QuickCluster, story: Story): Promise<string> {
  story.step("A Service of type LoadBalancer appears");
  const started = performance.now();
  writeService(cluster.manifests, "web", lan.nodes);
  const address = await addressOf(cluster, "default", "web");
  const givenMs = Math.round(performance.now() - started);
  story.say(`default/web got ${address} from pool lan, ${givenMs} ms after the file was written`);

  const answer = await until(() => fetchFrom(lan, address), {
    timeoutMs: 10_000,
    what: `an answer from http://${address}/`,
  });
  const mac = await learntMac(lan, address);
  const node = lan.nodes.find((candidate) => candidate.mac === mac);
  story.say(
    `ARP: the client's neighbour table says ${address} is at ${mac}, which is ${node?.name}`,
  );
  story.say(`curl http://${address}/ -> "${answer.body}" (through ${answer.node})`);
  story.fact("address", address);
  story.fact("allocatedAfterMs", givenMs);
  story.fact("answeredBy", node?.name);
  story.fact("response", answer.body);
  return address;
}

/** A Service whose address is announced by every node to the router. */
async function route(
  lan: QuickLan,
  cluster: QuickCluster,
  router: Router,
  story: Story,
): Promise<void> {
  story.step("A second Service, its address from the pool that the router learns by BGP");
  writeService(cluster.manifests, "api", lan.nodes, { "metallb.io/address-pool": "routed" });
  const address = await addressOf(cluster, "default", "api");
  const ways = await router.nextHops(address, lan.nodes.length);
  story.say(`default/api got ${address}; the router (AS ${ROUTER.asn}) reaches it through`);
  story.say(`${ways.join(", ")}: a route with ${ways.length} next hops in its kernel`);
  const nodes = await takenBy(lan, address, lan.nodes.length);
  story.say(`the client's connections to http://${address}/ were taken by ${nodes.join(", ")}`);

  const last = lan.nodes.at(-1);
  const speaker = cluster.speakers.get(last?.name ?? "");
  if (last === undefined || speaker === undefined) throw new Error("a node is needed");
  story.step(`The speaker on ${last.name} is stopped`);
  await speaker.stop();
  const left = await router.nextHops(address, lan.nodes.length - 1);
  const others = await takenBy(lan, address, lan.nodes.length - 1);
  story.say(
    `its route has left the router (${left.join(", ")} stay); connections: ${others.join(", ")}`,
  );
  story.fact("routed", { address, nextHops: ways, takenBy: nodes, afterStop: left });
  await restartSpeaker(lan, last, cluster);
  await router.nextHops(address, lan.nodes.length);
}

async function pullCable(lan: QuickLan, owner: string, probe: Probe): Promise<Takeover> {
  await lan.switch.setLink(owner, "down");
  return probe.leaves(owner, 20_000);
}

/** Brings the first owner back, which changes nothing, and takes the second one away for good. */
async function powerOff(
  lan: QuickLan,
  cluster: QuickCluster,
  address: string,
  first: string,
  probe: Probe,
  second: string,
): Promise<Takeover> {
  // The one that lost its cable: the other may not have missed it, if the controller was faster.
  await heardAgain(cluster, first, second, () => lan.switch.setLink(first, "up"));
  const { mac } = lan.nodes.find(({ name }) => name === second) ?? {};
  await until(async () => (await learntMac(lan, address)) === mac, {
    timeoutMs: 5_000,
    what: `the client to be with ${second} after ${first} returned`,
  });
  cluster.speakers.get(second)?.kill("SIGKILL");
  await lan.switch.setLink(second, "down");
  return probe.leaves(second, 30_000);
}

function tellTakeover(story: Story, fact: string, owner: string, { node, gapMs }: Takeover): void {
  story.say(`${node} took over from ${owner}; the client was without an answer for ${gapMs} ms`);
  story.fact(fact, { owner, takenOverBy: node, withoutAnswerMs: gapMs });
}

/** What a reader may do next with a kept stage. */
export function howToLook(stage: Stage, stateFile: string): readonly string[] {
  const { lan, cluster, address } = stage;
  const inside = (node: { readonly path: string }) => `nsenter --net=${node.path}`;
  const first: QuickNode | undefined = lan.nodes[0];
  return [
    `ask as the client:        ${inside(lan.client)} ip neighbour show ${address}`,
    ...(first === undefined ? [] : [`stand on a node:          ${inside(first.ns)} ip address`]),
    `change the configuration: edit the files in ${cluster.manifests}`,
    `see the results:          ls -R ${cluster.status}`,
    `read the logs:            tail -f ${lan.lab.directory}/*.log`,
    `end it all:               npm start -- --stop ${stateFile}`,
  ];
}
