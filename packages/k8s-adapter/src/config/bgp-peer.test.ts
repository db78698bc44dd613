import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

const BASE = { myASN: 64_512, peerASN: 65_000, peerAddress: "10.0.0.1" };

const peer = (spec: object) =>
  project("bgpPeer", { metadata: { name: "tor", namespace: "metallb-system" }, spec });

describe("BGPPeer", () => {
  it("has MetalLB's defaults", () => {
    expect(peer(BASE)).toMatchObject({
      ok: true,
      record: {
        localAsn: 64_512,
        peerAsn: 65_000,
        address: "10.0.0.1",
        port: 179,
        sourceAddress: "",
        holdTimeS: 90,
        keepaliveS: 0,
        routerId: "",
        password: "",
        passwordSecret: "",
        multiHop: false,
        connectRetryMs: 0,
        gracefulRestart: false,
        dualStack: false,
        bfdProfile: "",
        unsupported: "",
      },
    });
  });

  it("keeps all that it supports", () => {
    const spec = {
      ...BASE,
      peerAddress: "FD00::01",
      sourceAddress: "fd00::2",
      peerPort: 1179,
      holdTime: "1m0s",
      keepaliveTime: "10s",
      routerID: "10.0.0.9",
      passwordSecret: { name: "key" },
      ebgpMultiHop: true,
      localASN: 64_999,
      connectTime: "5s",
      enableGracefulRestart: true,
      dualStackAddressFamily: true,
      vrf: "red",
    };
    expect(peer(spec)).toMatchObject({
      record: {
        address: "fd00::1",
        sourceAddress: "fd00::2",
        port: 1179,
        holdTimeS: 60,
        keepaliveS: 10,
        routerId: "10.0.0.9",
        passwordSecret: "key",
        multiHop: true,
        localAsn: 64_999,
        connectRetryMs: 5_000,
        gracefulRestart: true,
        dualStack: true,
        vrf: "red",
        unsupported: "",
      },
    });
  });

  it("derives the hold time from the keepalive time", () => {
    expect(peer({ ...BASE, keepaliveTime: "10s" })).toMatchObject({ record: { holdTimeS: 30 } });
  });

  it("takes any other AS, or its own", () => {
    const { peerASN: _, ...rest } = BASE;
    const external = { ...rest, dynamicASN: "external" };
    expect(peer(external)).toMatchObject({ record: { peerAsn: "external" } });
  });

  it("names what it does not support yet, and stays valid", () => {
    const { peerAddress: _, ...nowhere } = BASE;
    const unnumbered = { ...nowhere, interface: "eth0" };
    expect(peer(unnumbered)).toMatchObject({
      record: { interface: "eth0", address: "", unsupported: "" },
    });
    const combined = [
      [{ ...unnumbered, bfdProfile: "fast" }, "spec.bfdProfile together with spec.interface"],
      [{ ...BASE, vrf: "red", bfdProfile: "fast" }, "spec.bfdProfile together with spec.vrf"],
      [{ ...unnumbered, sourceAddress: "::1" }, "spec.sourceAddress together with spec.interface"],
    ] as const;
    for (const [spec, what] of combined) {
      expect(peer(spec)).toMatchObject({
        ok: true,
        record: { unsupported: `${what} is not supported yet: no session with this peer` },
      });
    }
    const older = { ...BASE, vrf: "", disableMP: true };
    expect(peer(older)).toMatchObject({ record: { unsupported: "" } });
  });

  it.each([
    [{ myASN: 0 }, "spec.myASN", "must be at least 1, got 0"],
    [{ myASN: 4_294_967_296 }, "spec.myASN", "must be at most 4294967295, got 4294967296"],
    [{ peerASN: undefined }, "spec.peerASN", "is required, or dynamicASN"],
    [{ dynamicASN: "external" }, "spec.dynamicASN", "excludes peerASN"],
    [{ peerAddress: "router" }, "spec.peerAddress", 'must be an IP address, got "router"'],
    [{ peerAddress: undefined }, "spec.peerAddress", "is required, or interface"],
    [{ interface: "eth0" }, "spec.interface", "excludes peerAddress"],
    [
      { sourceAddress: "fd00::1" },
      "spec.sourceAddress",
      'must be of the family of peerAddress 10.0.0.1, got "fd00::1"',
    ],
    [{ peerPort: 16_385 }, "spec.peerPort", "must be at most 16384, got 16385"],
    [{ holdTime: "90" }, "spec.holdTime", 'must be a duration such as 90s or 1m30s, got "90"'],
    [{ holdTime: "2s" }, "spec.holdTime", 'must be 0s, or from 3s to 65535s, got "2s"'],
    [
      { holdTime: "9s", keepaliveTime: "10s" },
      "spec.keepaliveTime",
      'must be at most holdTime (9s), got "10s"',
    ],
    [
      { connectTime: "1500ms" },
      "spec.connectTime",
      'must be whole seconds from 1s to 65535s, got "1500ms"',
    ],
    [
      { routerID: "fd00::1" },
      "spec.routerID",
      'must be an IPv4 address other than 0.0.0.0, got "fd00::1"',
    ],
    [{ password: "x", passwordSecret: { name: "k" } }, "spec.passwordSecret", "excludes password"],
    [{ password: "x".repeat(81) }, "spec.password", "must have at most 80 octets"],
    [
      { peerASN: 64_512, ebgpMultiHop: true },
      "spec.ebgpMultiHop",
      "must not be true for a peer of the same AS",
    ],
  ])("refuses %j", (change, field, message) => {
    expect(peer({ ...BASE, ...change })).toMatchObject({ ok: false, error: { field, message } });
  });

  it("never says a password in an error", () => {
    const error = JSON.stringify(peer({ ...BASE, password: `geheim${"x".repeat(80)}` }));
    expect(error).not.toContain("geheim");
  });
});

describe("Secret", () => {
  const secret = (type: string, data: object) =>
    project("secret", { metadata: { name: "key", namespace: "metallb-system" }, type, data });

  it("gives its password", () => {
    const data = { password: Buffer.from("s3cret").toString("base64") };
    expect(secret("kubernetes.io/basic-auth", data)).toMatchObject({
      record: { password: "s3cret" },
    });
  });

  it("is of no interest when it is of another type", () => {
    expect(secret("Opaque", { password: "eA==" })).toBeUndefined();
  });
});
