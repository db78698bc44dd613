import { describe, expect, it } from "vitest";
import type { BfdProfileRecord, BgpPeerRecord, SecretRecord } from "../domain.ts";
import { nodeRecord, bgpPeerRecord as peer } from "../testing/records.ts";
import { type PeerSettings, resolvePeers } from "./bgp-peers.ts";

const node = nodeRecord("n1", { labels: { rack: "1" } });

function resolve(
  peers: readonly BgpPeerRecord[],
  secrets: readonly SecretRecord[] = [],
  previous: ReadonlyMap<string, PeerSettings> = new Map(),
) {
  const byKey = new Map(secrets.map((secret) => [secret.key, secret]));
  const result = resolvePeers(previous, {
    peers,
    secrets: byKey,
    profiles: new Map([[fast.key, fast]]),
    node,
  });
  const errors = result.rejected.map(({ key, field, message }) => `${key} ${field}: ${message}`);
  return { peers: result.peers, names: [...result.peers.keys()], errors };
}

const fast: BfdProfileRecord = {
  ...identityOf("fast"),
  timing: {
    receiveIntervalMs: 100,
    transmitIntervalMs: 100,
    detectMultiplier: 3,
    echoIntervalMs: 50,
    echo: true,
    passive: false,
    minTtl: 254,
  },
};

function identityOf(name: string) {
  const { key, namespace, uid, resourceVersion, createdMs } = peer(name);
  return { key, namespace, name, uid, resourceVersion, createdMs };
}

const secret = (name: string, password: string): SecretRecord => ({
  ...identityOf(name),
  password,
});

describe("the peers of a node", () => {
  it("are those whose selectors match it", () => {
    const rack = (value: string) => ({ matchLabels: { rack: value }, matchExpressions: [] });
    const here = peer("here", { nodeSelectors: [rack("2"), rack("1")] });
    const there = peer("there", { address: "10.0.0.2", nodeSelectors: [rack("2")] });
    expect(resolve([there, here]).names).toEqual(["here"]);
  });

  it("take their key from the Secret", () => {
    const { peers, errors } = resolve(
      [peer("a", { passwordSecret: "key" })],
      [secret("key", "s3")],
    );
    expect(peers.get("a")?.password).toBe("s3");
    expect(errors).toEqual([]);
  });

  it("are not dialled without the key that they ask for", () => {
    const wants = peer("a", { passwordSecret: "key" });
    expect(resolve([wants])).toMatchObject({
      names: [],
      errors: [
        'metallb-system/a spec.passwordSecret.name: no Secret of type kubernetes.io/basic-auth in "key"',
      ],
    });
    expect(resolve([wants], [secret("key", "")]).errors).toEqual([
      'metallb-system/a spec.passwordSecret.name: no password in "key"',
    ]);
  });

  it("keep their settings while the Secret is away", () => {
    const wants = peer("a", { passwordSecret: "key" });
    const { peers } = resolve([wants], [secret("key", "s3")]);
    expect(resolve([wants], [], peers).peers).toEqual(peers);
  });

  it("are left out, and said, when they ask for what is not supported", () => {
    expect(resolve([peer("a", { unsupported: "spec.vrf is not supported yet" })])).toMatchObject({
      names: [],
      errors: ["metallb-system/a spec: spec.vrf is not supported yet"],
    });
  });

  it("take their timing from the BFDProfile, which has to be there and to fit", () => {
    expect(resolve([peer("a", { bfdProfile: "fast" })]).peers.get("a")?.bfd).toBe(fast.timing);
    expect(resolve([peer("a", { bfdProfile: "none" })]).errors).toEqual([
      'metallb-system/a spec.bfdProfile: no BFDProfile "none"',
    ]);
    expect(resolve([peer("a", { bfdProfile: "fast", address: "fd00::1" })]).errors).toEqual([
      'metallb-system/a spec.bfdProfile: BFDProfile "fast" has echoMode, which IPv6 does not have',
    ]);
  });

  it("are one an address: the older stays", () => {
    const older = peer("b", { createdMs: 1 });
    const newer = peer("a", { createdMs: 2 });
    expect(resolve([newer, older])).toMatchObject({
      names: ["b"],
      errors: [
        'metallb-system/a spec.peerAddress: "10.77.0.254" is the address of BGPPeer "b" already',
      ],
    });
  });
});
