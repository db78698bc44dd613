import { describe, expect, it } from "vitest";
import { project } from "./project.ts";
import { INTERFACES_ANNOTATION, speakerLease, speakerLeaseName } from "./speaker-lease.ts";

const lease = (metadata: object, spec: object = {}) =>
  project("speaker", {
    metadata: {
      name: speakerLeaseName("n1"),
      namespace: "metallb-system",
      labels: { "app.kubernetes.io/component": "speaker" },
      ...metadata,
    },
    spec,
  });
const interfaces = (text: string) => lease({ annotations: { [INTERFACES_ANNOTATION]: text } });

describe("speaker's Lease", () => {
  it("becomes a sign of life", () => {
    const links = [
      { name: "eth0", subnets: ["192.0.2.0/24", "2001:db8::/64"], mac: "02:00:00:00:00:01" },
      { name: "eth1", subnets: [] },
    ];
    expect(
      lease(
        { annotations: { [INTERFACES_ANNOTATION]: JSON.stringify(links) } },
        {
          holderIdentity: "n1",
          leaseDurationSeconds: 5,
          renewTime: "2026-01-02T03:04:05.678901Z",
        },
      ),
    ).toMatchObject({
      record: {
        key: "metallb-system/ingot-speaker-n1",
        node: "n1",
        held: true,
        durationMs: 5_000,
        renewal: "2026-01-02T03:04:05.678901Z",
        interfaces: links,
      },
    });
  });

  it("is written as it is read", () => {
    const sign = {
      node: "n1",
      held: true,
      durationMs: 2_400,
      renewedMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      interfaces: [{ name: "eth0", subnets: ["192.0.2.0/24"] }],
    };
    expect(project("speaker", speakerLease("metallb-system", sign))).toMatchObject({
      record: {
        key: "metallb-system/ingot-speaker-n1",
        node: "n1",
        held: true,
        durationMs: 3_000,
        renewal: "2026-01-02T03:04:05.678000Z",
        interfaces: sign.interfaces,
      },
    });
    const conflicts = ["10.77.0.9", "2001:db8::9"];
    const contested = speakerLease("metallb-system", { ...sign, conflicts });
    expect(project("speaker", contested)).toMatchObject({ record: { conflicts } });
    const goodbye = speakerLease("metallb-system", { ...sign, held: false });
    expect(project("speaker", goodbye)).toMatchObject({ record: { node: "n1", held: false } });
  });

  it("is released once nobody holds it", () => {
    expect(lease({}, { holderIdentity: "" })).toMatchObject({
      record: { held: false, interfaces: [], durationMs: 0, renewal: "" },
    });
    expect(lease({}, { holderIdentity: null })).toMatchObject({ record: { held: false } });
  });

  it("is of no interest when it is somebody else's", () => {
    expect(lease({ labels: {} })).toBeUndefined();
    expect(lease({ name: "kube-scheduler" })).toBeUndefined();
    expect(lease({ name: speakerLeaseName("") })).toBeUndefined();
  });

  it.each([
    ["{", 'must be JSON, got "{"'],
    ["{}", "it must be a list, got an object"],
    ['[{"name":"eth0"}]', "[0].subnets is required"],
    ['[{"name":"eth0","subnets":["192.0.2.0"]}]', 'subnets must be CIDRs, got "192.0.2.0"'],
    ['[{"name":"eth0","subnets":["192.0.2.0/33"]}]', 'subnets must be CIDRs, got "192.0.2.0/33"'],
  ])("refuses the interfaces %s", (text, message) => {
    expect(interfaces(text)).toMatchObject({
      error: { field: 'metadata.annotations["ingot.dev/interfaces"]', message },
    });
  });
});
