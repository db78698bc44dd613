import { readFileSync } from "node:fs";
import {
  decodeAttributes,
  decodeUpdate,
  endOfRib,
  prefixTexts,
  type UpdateContext,
  validateUpdate,
} from "@ingot/bgp";
import { Bird, type MrtMessage, type MrtRecord, readMrt, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { AS_TRANS, ASN, BgpLab, IPV4, IPV6, ipv4 } from "./bgp-lab.ts";

const { node, router } = ipv4(0);
const ROUTE = "192.0.2.1/32";
const CONTEXT: UpdateContext = {
  ...{ internal: false, fourOctetAs: true, firstAsn: ASN.node },
  ...{ families: [IPV4, IPV6], extendedNextHop: [], addPath: [] },
};

// What BIRD says that it read is a second opinion on what was sent.
suite("BGP as BIRD records it", ["netns", "bird"], () => {
  let lab: BgpLab;
  let messages: readonly MrtMessage[];
  let table: readonly MrtRecord[];

  beforeAll(async () => {
    lab = await BgpLab.create(1);
    const { directory } = lab;
    const [session, dump] = [`${directory}/session.mrt`, `${directory}/table.mrt`];
    const config = `log stderr all; router id 10.90.0.2;
mrtdump "${session}";
mrtdump protocols all;
protocol device {}
protocol bgp to_node {
  local ${router} as ${ASN.router}; neighbor ${node} as ${ASN.node}; passive;
  ipv4 { import all; export none; };
  ipv6 { import all; export none; };
}
`;
    const bird = await Bird.start(lab.router, { directory, name: "bird", config });
    const agent = await lab.agent(lab.node);
    await agent.announce(ROUTE, { communities: [0xfde9_0064], multiExitDisc: 7 });
    await agent.announce("2001:db8:1::1/128", { nextHop: "2001:db8:90:1::1" });
    await agent.routesComplete();
    await agent.peer({ address: router, asn: ASN.router, holdTimeS: 9 });
    const imported = async () => (await bird.imported("to_node")) === 2;
    await until(imported, { timeoutMs: 10_000, what: "both routes in BIRD" });
    await bird.ask(`mrt dump table master4 to "${dump}"`);
    await agent.stopPeer(router, { text: "over" });
    messages = await until(
      () => {
        const seen = [...readMrt(readFileSync(session))].filter(isMessage);
        return seen.some(({ message }) => message[18] === 3) ? seen : undefined;
      },
      { timeoutMs: 10_000, what: "the NOTIFICATION in the record" },
    );
    table = await until(
      () => {
        const read = [...readMrt(readFileSync(dump))];
        return read.some(({ type }) => type === "route") ? read : undefined;
      },
      { timeoutMs: 10_000, what: "the table in the dump" },
    );
  });
  afterAll(() => lab?.close());

  it("is one OPEN, KEEPALIVEs, UPDATEs and a farewell, from the node's address", () => {
    const fromNode = messages.filter(({ isLocal }) => !isLocal);
    const types = fromNode.map(({ message }) => message[18]);
    expect(types[0]).toBe(1);
    expect(types[1]).toBe(4);
    expect(types.at(-1)).toBe(3);
    for (const { peer, local, peerAsn, localAsn, fourOctetAs } of fromNode) {
      expect({ peer, local, peerAsn }).toEqual({ peer: node, local: router, peerAsn: ASN.node });
      // An OPEN comes before anybody knows of AS numbers of four octets.
      expect(localAsn).toBe(fourOctetAs ? ASN.router : AS_TRANS);
    }
  });

  it("has UPDATEs that are sound, with the routes and the end of each family", () => {
    const updates = messages
      .filter(({ isLocal, message }) => !isLocal && message[18] === 2)
      .map(({ message }) => decodeUpdate(message.subarray(19), CONTEXT));
    expect(updates.map((view) => validateUpdate(view, CONTEXT).action)).toEqual(
      updates.map(() => "accept"),
    );
    const prefixes = updates.flatMap((view) => [
      ...prefixTexts(view.announced),
      ...(view.mpReach === undefined ? [] : prefixTexts(view.mpReach.nlri)),
    ]);
    expect(prefixes.sort()).toEqual([ROUTE, "2001:db8:1::1/128"]);
    const ends = updates.flatMap((view) => endOfRib(view) ?? []);
    expect(ends).toEqual(expect.arrayContaining([IPV4, IPV6]));
    expect(ends).toHaveLength(2);
  });

  it("and its table has what was announced", () => {
    const route = table.find((record) => record.type === "route");
    const attributes = route?.entries[0]?.attributes ?? new Uint8Array();
    expect(route?.prefix).toEqual(Uint8Array.of(32, 192, 0, 2, 1));
    const body = Uint8Array.of(0, 0, attributes.length >> 8, attributes.length, ...attributes);
    const { attributes: raw } = decodeUpdate(body, CONTEXT);
    expect(decodeAttributes(raw, { fourOctetAs: true, prefixes: "classic" })).toMatchObject({
      asPath: [{ type: "sequence", asns: [ASN.node] }],
      ...{ nextHop: node, multiExitDisc: 7, communities: [0xfde9_0064] },
    });
  });
});

function isMessage(record: MrtRecord): record is MrtMessage {
  return record.type === "message";
}
