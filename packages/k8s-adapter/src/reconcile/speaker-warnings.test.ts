import { NO_TABLE } from "@ingot/ownership";
import { describe, expect, it } from "vitest";
import { serviceRecord, speakerRecord } from "../testing/records.ts";
import type { AnnouncementDecision } from "./announcement.ts";
import type { Claimant } from "./conflicts.ts";
import { peerWith, speakerWarnings, type WarningView } from "./speaker-warnings.ts";

const web = serviceRecord("default/web", { ingress: ["10.0.0.1", "fd77::1"] });
const announced: AnnouncementDecision = {
  candidacy: {
    addresses: web.ingress,
    eligible: new Map([["n1", 0]]),
    table: NO_TABLE,
    interfaces: [],
    places: [],
  },
};
const nothing: WarningView = {
  node: "n1",
  knowsInterfaces: true,
  kernelAnswers: new Set(),
  claimantsOf: () => [],
};
const stranger: Claimant = {
  mac: "02:77:00:00:00:0b",
  interface: "eth0",
  kept: true,
  peer: undefined,
};

/** What is wrong, by reason. */
function wrong(
  view: Partial<WarningView>,
  decision: AnnouncementDecision = announced,
): Readonly<Record<string, string>> {
  const warnings = speakerWarnings({ ...nothing, ...view }, web, decision);
  const messages = warnings.map(({ reason, message }) => [reason, message] as const);
  return Object.fromEntries(messages.filter(([, message]) => message !== ""));
}

/** The message of a conflict about the IPv4 address. */
function conflict(...claimants: readonly Claimant[]): string | undefined {
  const claimantsOf = (address: string) => (address === "10.0.0.1" ? claimants : []);
  return wrong({ claimantsOf })["addressConflict"];
}

describe("warnings of a speaker", () => {
  it("are none when nothing is wrong", () => {
    expect(wrong({})).toEqual({});
    expect(wrong({}, { reason: "noEndpoints" })).toEqual({});
  });

  it("name the host that claims an address, where it was seen, and what to do", () => {
    expect(conflict(stranger)).toBe(
      'another host claims 10.0.0.1: 02:77:00:00:00:0b on eth0 of node "n1", which answers for it all the same, ' +
        "so clients reach now the one, now the other: take the address from the host with that hardware address, or out of the pool",
    );
  });

  it("name all of several, and say when the address was given up", () => {
    const message = conflict(stranger, { ...stranger, mac: "02:77:00:00:00:0c", kept: false });
    expect(message).toContain("02:77:00:00:00:0b on eth0 and 02:77:00:00:00:0c on eth0 of node");
    expect(message).toContain("has given it up, and takes it again when it is free");
  });

  it("name the node of another speaker", () => {
    const message = conflict({ ...stranger, peer: "n2" });
    expect(message).toContain('02:77:00:00:00:0b (node "n2") on eth0 of node "n1"');
    expect(message).toContain("both have the Secret ingot-ownership-key");
  });

  it("are of each contested address", () => {
    const message = wrong({ claimantsOf: () => [stranger] })["addressConflict"];
    expect(message).toMatch(/claims 10\.0\.0\.1: .*; another host claims fd77::1: /);
  });

  it("say nothing of a conflict about what nobody answers for, nor that it is over", () => {
    const decision: AnnouncementDecision = { reason: "noEndpoints" };
    const view = { ...nothing, claimantsOf: () => [stranger] };
    expect(speakerWarnings(view, web, decision).map(({ over }) => over)).toEqual(["", "", ""]);
    expect(wrong(view, decision)).toEqual({});
  });

  it("have something to say when a conflict is over", () => {
    expect(speakerWarnings(nothing, web, announced).at(-1)).toEqual({
      reason: "addressConflict",
      message: "",
      over: 'node "n1" hears nobody else claim 10.0.0.1, fd77::1 any more',
    });
  });

  it("say that no wanted interface exists, once the interfaces are known", () => {
    const decision: AnnouncementDecision = { reason: "noInterface" };
    expect(Object.keys(wrong({}, decision))).toEqual(["announceFailed"]);
    expect(wrong({ knowsInterfaces: false }, decision)).toEqual({});
  });

  it("say that the node's own kernel answers for an address, whoever announces it", () => {
    const view = { kernelAnswers: new Set(["10.0.0.1", "10.0.0.9"]) };
    for (const decision of [announced, { reason: "noEndpoints" } as const]) {
      expect(wrong(view, decision)["addressOnNode"]).toMatch(
        /^node "n1" itself has 10\.0\.0\.1 on/,
      );
    }
  });
});

describe("the peer with a hardware address", () => {
  const link = (name: string, mac?: string) => ({ name, subnets: [], ...(mac && { mac }) });
  const speakers = [
    speakerRecord("n1", { interfaces: [link("eth0", "02:00:00:00:00:01")] }),
    speakerRecord("n2", { interfaces: [link("eth0"), link("eth1", "02:00:00:00:00:02")] }),
    speakerRecord("n3", { held: false, interfaces: [link("eth0", "02:00:00:00:00:03")] }),
  ];

  it.each([
    ["02:00:00:00:00:02", "n2"],
    // It goes on answering for a moment after it said goodbye.
    ["02:00:00:00:00:03", "n3"],
    ["02:00:00:00:00:01", undefined],
    ["02:00:00:00:00:09", undefined],
  ])("%s is %s", (mac, node) => {
    expect(peerWith(mac, speakers, "n1")).toBe(node);
  });
});
