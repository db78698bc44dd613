import { parseTable } from "@ingot/ownership";
import { describe, expect, it } from "vitest";
import { desired, type FakeSpeaker, group, HelloLan, VIP } from "../testing/hello-lan.ts";
import type { ConflictSighting, OwnershipTask } from "./messages.ts";

const NODES = ["n1", "n2", "n3"] as const;

/** Three speakers that have heard each other, and of which the first answers. */
function start(changes: Partial<OwnershipTask> = {}, table = "7:n1,n2,n3") {
  const lan = new HelloLan();
  const [n1, n2, n3] = NODES.map((name) => lan.speaker(name, changes)) as [
    FakeSpeaker,
    FakeSpeaker,
    FakeSpeaker,
  ];
  const web = group(NODES, { table: parseTable(table) });
  for (const { claims } of [n1, n2, n3]) {
    claims.setInterfaces(["eth0"]);
    claims.setDesired(desired([web]));
  }
  lan.clock.advance(2_000);
  return { lan, n1, n2, n3, web };
}

/** Whether a speaker answers, by what it did last. */
const answers = ({ did }: FakeSpeaker) =>
  did.findLast((line) => /^(start|stop)/.test(line))?.startsWith("start") === true;

const facts = ({ news }: FakeSpeaker) => news.flatMap((one) => one.facts);

const sighting = (mac: string, changes: Partial<ConflictSighting> = {}): ConflictSighting => ({
  address: VIP,
  mac,
  interface: "eth0",
  kept: true,
  ...changes,
});

describe("claims", () => {
  it("say and answer nothing before both the groups and a key are known", () => {
    const lan = new HelloLan();
    const alone = lan.speaker("n1");
    alone.claims.setInterfaces(["eth0"]);
    lan.clock.advance(5_000);
    alone.claims.setDesired(desired([group(["n1"])], { secrets: [] }));
    lan.clock.advance(5_000);
    expect([alone.socket.toAll, alone.did]).toEqual([0, []]);
    expect(alone.claims.isAtWork).toBe(false);
    alone.claims.setDesired(desired([group(["n1"])]));
    lan.clock.advance(1_000);
    expect(alone.socket.toAll).toBeGreaterThan(10);
    expect(alone.did).toContain(`start ${VIP} [] optimistic`);
    expect(alone.news.flatMap(({ answering }) => answering)).toEqual([VIP]);
  });

  it("have the first node of the table answer, and it alone", () => {
    const { n1, n2, n3 } = start();
    expect([n1, n2, n3].map(answers)).toEqual([true, false, false]);
    expect(facts(n1)).toContainEqual(expect.objectContaining({ kind: "claimed", address: VIP }));
  });

  it("answer on the interfaces that are wanted", () => {
    const { lan, n1, web } = start({}, "7:n2,n1");
    n1.claims.setDesired(desired([{ ...web, places: ["eth1"], table: parseTable("8:n1") }]));
    lan.clock.advance(100);
    expect(n1.did).toContain(`start ${VIP} [eth1] off`);
    expect(n1.claims.placesOf(VIP)).toEqual(["eth1"]);
  });

  it("have the next one take over from a node that crashed, within 400 ms, told of at once", () => {
    const { lan, n1, n2, n3 } = start();
    n1.crash();
    lan.clock.advance(400);
    expect([n2, n3].map(answers)).toEqual([true, false]);
    expect(n2.news.at(-1)).toMatchObject({
      answering: [VIP],
      facts: [
        { kind: "peer", node: "n1", state: "dead" },
        { kind: "claimed", cause: "dead", from: "n1" },
      ],
    });
  });

  it("leave an address with whom it is when a node returns", () => {
    const { lan, n1, n2, web } = start();
    n1.crash();
    lan.clock.advance(1_000);
    const again = lan.speaker("n1");
    again.claims.setInterfaces(["eth0"]);
    again.claims.setDesired(desired([web]));
    lan.clock.advance(5_000);
    expect([again, n2].map(answers)).toEqual([false, true]);
  });

  it("stop within 2 ms of being heard again when another took over from a lost carrier", () => {
    const { lan, n1, n2 } = start();
    n1.socket.isUp = false;
    n1.socket.onDown?.();
    lan.clock.advance(1_000);
    expect([n1, n2].map(answers)).toEqual([true, true]);
    n1.socket.isUp = true;
    n1.socket.onUp?.();
    lan.clock.advance(2);
    expect([n1, n2].map(answers)).toEqual([false, true]);
    expect(n2.did.at(-1)).toBe(`repeat ${VIP}`);
  });

  it("hand everything over when they leave, and go on answering until another does", () => {
    const { lan, n1, n2 } = start();
    n1.claims.leave();
    const stopped: boolean[] = [];
    for (let ms = 0; ms < 200 && !n1.hasLeft(); ms++) {
      lan.clock.advance(1);
      stopped.push(!answers(n1) && !answers(n2));
    }
    expect(n1.hasLeft()).toBe(true);
    expect(stopped).not.toContain(true);
    expect([n1, n2].map(answers)).toEqual([false, true]);
  });

  it("have left at once when they never joined", () => {
    const alone = new HelloLan().speaker("n1");
    alone.claims.leave();
    expect(alone.hasLeft()).toBe(true);
    alone.claims.setDesired(desired([group(["n1"])]));
    expect(alone.claims.isAtWork).toBe(false);
  });

  it("take another key without a gap, and count what is sealed by one that they do not have", () => {
    const { lan, n1, n2, n3, web } = start();
    const other = new Uint8Array(32).fill(8);
    for (const { claims } of [n1, n2]) claims.setDesired(desired([web], { secrets: [other] }));
    lan.clock.advance(1_000);
    expect([n1, n2].map(answers)).toEqual([true, false]);
    const rejected = new Map(n3.claims.counters().rejected);
    expect(rejected.get("unknown-key")).toBeGreaterThan(10);
    // No key is no reason to forget the one that there is.
    for (const { claims } of [n1, n2]) claims.setDesired(desired([web], { secrets: [] }));
    lan.clock.advance(1_000);
    expect([n1, n2].map(answers)).toEqual([true, false]);
  });

  it("count the hellos of each peer", () => {
    const { n2 } = start();
    const { peers, received } = n2.claims.counters();
    expect(peers.map(({ node, interface: name }) => `${node} ${name}`)).toEqual([
      "n1 eth0",
      "n3 eth0",
    ]);
    for (const { heard, expected } of peers) expect(heard).toBe(expected);
    expect(received).toBeGreaterThan(40);
  });

  it("lose the peers of an interface that goes, and close its socket", () => {
    const { lan, n1, n2, n3 } = start();
    n1.claims.setInterfaces([]);
    expect(n1.socket.isClosed).toBe(true);
    lan.clock.advance(1_000);
    expect(answers(n2)).toBe(true);
    expect(answers(n3)).toBe(false);
  });

  describe("by unicast", () => {
    it("say hello to each neighbour by itself", () => {
      const { lan, n1, web } = start({ helloUnicast: true });
      expect(n1.socket.toAll).toBe(0);
      const neighbours = ["10.0.0.2", "224.0.0.1", "10.0.0.3"];
      n1.claims.setDesired(desired([web], { neighbours }));
      lan.clock.advance(1_000);
      expect(new Set(n1.socket.sentTo)).toEqual(new Set(["10.0.0.2", "10.0.0.3"]));
      // What Node objects say may be no host's address; said once.
      expect(n1.failures).toEqual(["no hello to a node"]);
    });
  });

  describe("by the hash", () => {
    it("ignore tables, and give an address back to the first node when it returns, without a gap", () => {
      const { lan, n1, n2, n3, web } = start({ mode: "hash" });
      const by = new Map([n1, n2, n3].map((speaker) => [speaker.name, speaker]));
      const first = [...by.values()].find(answers) as FakeSpeaker;
      first.crash();
      lan.clock.advance(1_000);
      const [second] = [...by.values()].filter((one) => one !== first && answers(one));
      expect(second).toBeDefined();
      const again = lan.speaker(first.name, { mode: "hash" });
      again.claims.setInterfaces(["eth0"]);
      again.claims.setDesired(desired([web]));
      const silent: boolean[] = [];
      for (let ms = 0; ms < 3_000; ms++) {
        lan.clock.advance(1);
        const others = [...by.values()].filter((one) => one !== first);
        silent.push(![again, ...others].some(answers));
      }
      expect(silent).not.toContain(true);
      expect(answers(again)).toBe(true);
      expect([...by.values()].filter((one) => one !== first && answers(one))).toEqual([]);
    });
  });

  describe("and strangers", () => {
    it("defend an address once, and give it up to one that goes on, until it is free", () => {
      const { lan, n1 } = start();
      n1.claims.see(sighting("02:00:00:00:00:99"));
      expect(n1.did.at(-1)).toBe(`repeat ${VIP}`);
      // A gratuitous reply after the request, or the same packet on a second interface.
      n1.claims.see(sighting("02:00:00:00:00:99", { interface: "eth1" }));
      expect(answers(n1)).toBe(true);
      lan.clock.advance(2_000);
      n1.claims.see(sighting("02:00:00:00:00:99"));
      expect(answers(n1)).toBe(false);
      expect(n1.conflicts.map(({ mac, kept }) => `${mac} ${kept}`)).toEqual([
        "02:00:00:00:00:99 true",
        "02:00:00:00:00:99 false",
      ]);
      expect(n1.news.at(-1)?.silenced).toEqual([VIP]);
      lan.clock.advance(30_000);
      expect(n1.did.at(-1)).toBe(`start ${VIP} [] first`);
      expect(n1.news.at(-1)?.answering).not.toEqual([VIP]);
      lan.clock.advance(1_000);
      expect(n1.news.at(-1)).toMatchObject({ answering: [VIP], facts: [{ kind: "resumed" }] });
    });

    it("take no other speaker for one", () => {
      const { n1 } = start();
      expect(n1.did).toContain("fellows 02:00:00:00:00:02,02:00:00:00:00:03");
      n1.claims.see(sighting("02:00:00:00:00:02"));
      expect(n1.conflicts).toEqual([]);
      // It may have been given up before the other's hardware address was known.
      n1.claims.see(sighting("02:00:00:00:00:02", { kept: false }));
      expect(n1.did.at(-1)).toBe(`start ${VIP} [] off`);
      expect(n1.conflicts).toEqual([]);
    });
  });

  it("have the next one ask the holder, and take over when it answers nobody", () => {
    const { lan, n1, n2, n3 } = start();
    const question = `ask ${VIP} on eth0 of 02:00:00:00:00:01`;
    for (let ms = 0; ms < 10_000 && !n2.did.includes(question); ms += 100) lan.clock.advance(100);
    expect(n2.did).toContain(question);
    n2.claims.answered("eth0", VIP, 0x0200_0000_0001);
    expect(facts(n2)).toContainEqual({ kind: "proven", address: VIP, holder: "n1" });
    lan.clock.advance(15_000);
    expect(facts(n2)).toContainEqual({ kind: "silent", address: VIP, holder: "n1" });
    expect([n1, n2].map(answers)).toEqual([false, true]);
    expect(n3.did.filter((line) => line.startsWith("ask"))).toEqual([]);
  });
});
