import { Bird, Frr, Lab, type LabNamespace, until } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { RouterAgent } from "./ndp-router-agent.ts";

const MAC = "02:77:00:00:00:0a";
const LINK_LOCAL = "fe80::77:ff:fe00:a";
const PREFIX = "2001:db8:77::/64";
const DNS_SERVER = "2001:db8::53";

/** The same in the words of each of the three that can say it. */
const OURS = {
  lifetimeSeconds: 30,
  maxIntervalMs: 4_000,
  minIntervalMs: 3_000,
  otherConfiguration: true,
  preference: "high",
  mtu: 1_400,
  currentHopLimit: 33,
  prefixes: [{ prefix: PREFIX, validSeconds: 3_600, preferredSeconds: 1_800 }],
  dnsServers: [DNS_SERVER],
} as const;
const RARELY = { lifetimeSeconds: 1_800, maxIntervalMs: 600_000, minIntervalMs: 450_000 };
const BIRD = `router id 192.0.2.1;
protocol device {}
protocol radv {
  interface "eth0" {
    min ra interval 3; max ra interval 4; default lifetime 30; default preference high;
    other config yes; link mtu 1400;
    prefix ${PREFIX} { valid lifetime 3600; preferred lifetime 1800; };
    rdnss ${DNS_SERVER};
  };
}
`;
const FRR = `interface eth0
 no ipv6 nd suppress-ra
 ipv6 nd ra-interval 4
 ipv6 nd ra-lifetime 30
 ipv6 nd router-preference high
 ipv6 nd other-config-flag
 ipv6 nd mtu 1400
 ipv6 nd prefix ${PREFIX} 3600 1800
 ipv6 nd rdnss ${DNS_SERVER}
`;

suite("routers and hosts", ["netns", "ndisc6", "bird", "frr", "tcpdump"], () => {
  let lab: Lab;
  let router: LabNamespace;
  let host: LabNamespace;
  const ip = async (...args: readonly string[]) => (await host.exec("ip", ["-6", ...args])).stdout;

  beforeEach(async () => {
    lab = await Lab.create();
    router = await lab.namespace("router");
    host = await lab.namespace("host");
    await router.sysctl("net.ipv6.conf.all.forwarding", 1);
    await lab.link(
      { ns: router, name: "eth0", mac: MAC, addresses: ["2001:db8:77::1/64"] },
      { ns: host, name: "eth0", mac: "02:77:00:00:00:0b" },
    );
    // Who has just come up cannot send to groups for a second, and hears no routers.
    const isReady = async () => (await ip("route", "show", "table", "local")).includes("ff00::/8");
    await until(isReady, { timeoutMs: 5_000, what: "the host's IPv6" });
  });

  afterEach(() => lab.close());

  const defaultRoute = () => ip("route", "show", "default");

  it("Linux believes the advertiser: route, address, MTU and hop limit, until it retires", async () => {
    const advertiser = await RouterAgent.start(router, "advertise", OURS);
    const route = await until(defaultRoute, { timeoutMs: 10_000, what: "a default route" });
    expect(route).toMatch(`default via ${LINK_LOCAL} dev eth0 proto ra`);
    expect(route).toMatch(/expires (29|30)sec mtu 1400 hoplimit 33 pref high/);
    const addresses = await ip("address", "show", "dev", "eth0");
    expect(addresses).toContain("2001:db8:77:0:77:ff:fe00:b/64 scope global dynamic");
    expect(addresses).toMatch(/valid_lft (3599|3600)sec preferred_lft (1799|1800)sec/);
    await advertiser.process.stop("SIGTERM", 5_000);
    expect(await advertiser.process.exited).toEqual({ code: 0, signal: null });
    await until(async () => (await defaultRoute()) === "", {
      timeoutMs: 5_000,
      what: "the default route to go",
    });
  });

  it("rdisc6 asks the advertiser and reads all that it says", async () => {
    const advertiser = await RouterAgent.start(router, "advertise", OURS);
    const { stdout } = await host.exec("rdisc6", ["-1", "-w", "5000", "eth0"]);
    const said = Array.from(stdout.matchAll(/^ *([^:\n]+?) *: +(.*)$/gm), ([, name, value]) => [
      name,
      value?.trim(),
    ]);
    expect(Object.fromEntries(said)).toMatchObject({
      "Hop limit": "33 (      0x21)",
      "Stateful address conf.": "No",
      "Stateful other conf.": "Yes",
      "Router preference": "high",
      "Router lifetime": "30 (0x0000001e) seconds",
      "Source link-layer address": MAC.toUpperCase(),
      MTU: "1400 bytes (valid)",
      Prefix: PREFIX,
      "On-link": "Yes",
      "Autonomous address conf.": "Yes",
      "Valid time": "3600 (0x00000e10) seconds",
      "Pref. time": "1800 (0x00000708) seconds",
      "Recursive DNS server": DNS_SERVER,
      "DNS server lifetime": "12 (0x0000000c) seconds",
    });
    expect(stdout).toContain(`from ${LINK_LOCAL}`);
    expect(advertiser.told("solicited")).toContainEqual([
      "fe80::77:ff:fe00:b",
      "02:77:00:00:00:0b",
    ]);
  });

  /** Reads what either end sends, without the octets of the options, which tcpdump shows as well. */
  const readers = async () => {
    const args = ["-nn", "-e", "-vv", "-t", "-l", "--immediate-mode", "-i", "eth0"];
    const only = "icmp6 and (ip6[40] == 133 or ip6[40] == 134)";
    const dump = host.spawn("tcpdump", [...args, only]);
    await dump.waitForLine(/listening on eth0/, 10_000);
    const frames = (kind: string) =>
      dump.lines
        .filter((line) => !/^\s+0x\w+:/.test(line))
        .join("\n")
        .replaceAll(/\n\s+/g, " ")
        .split("\n")
        .filter((line) => line.includes(`ICMP6, router ${kind}`));
    return (kind: "solicitation" | "advertisement", number = 1) =>
      until(() => frames(kind)[number - 1], { timeoutMs: 10_000, what: `a router ${kind}` });
  };

  it("tcpdump reads advertisement and solicitation as they are meant", async () => {
    const frame = await readers();
    await RouterAgent.start(host, "listen");
    expect(await frame("solicitation")).toBe(
      "02:77:00:00:00:0b > 33:33:00:00:00:02, ethertype IPv6 (0x86dd), length 70: (hlim 255, " +
        "next-header ICMPv6 (58) payload length: 16) fe80::77:ff:fe00:b > ff02::2: " +
        "[icmp6 sum ok] ICMP6, router solicitation, length 16 " +
        "source link-address option (1), length 8 (1): 02:77:00:00:00:0b",
    );
    await RouterAgent.start(router, "advertise", OURS);
    expect(await frame("advertisement")).toBe(
      `${MAC} > 33:33:00:00:00:01, ethertype IPv6 (0x86dd), length 142: (hlim 255, ` +
        `next-header ICMPv6 (58) payload length: 88) ${LINK_LOCAL} > ff02::1: ` +
        "[icmp6 sum ok] ICMP6, router advertisement, length 88 " +
        "hop limit 33, Flags [other stateful], pref high, router lifetime 30s, " +
        "reachable time 0ms, retrans timer 0ms " +
        `source link-address option (1), length 8 (1): ${MAC} ` +
        "mtu option (5), length 8 (1):  1400 " +
        `prefix info option (3), length 32 (4): ${PREFIX}, Flags [onlink, auto], ` +
        "valid time 3600s, pref. time 1800s " +
        `rdnss option (25), length 24 (3):  lifetime 12s, addr: ${DNS_SERVER}`,
    );
  });

  it("the advertiser says it again when its interface was down, though nobody asks", async () => {
    const frame = await readers();
    await RouterAgent.start(router, "advertise", { ...OURS, ...RARELY });
    await frame("advertisement");
    await router.setLink("eth0", "down");
    await router.setLink("eth0", "up");
    await frame("advertisement", 2);
  });

  /** What a listener knows once the routers' daemon has said all of it. */
  const learned = async (listener: RouterAgent) => {
    await until(() => listener.told("dnsServer").length > 0 && listener.told("prefix").length > 0, {
      timeoutMs: 20_000,
      what: "a prefix and a server",
    });
    const { routers, prefixes, dnsServers, mtu, frameCounters } = await listener.report();
    expect(routers).toEqual([
      expect.objectContaining({
        address: LINK_LOCAL,
        mac: MAC,
        preference: "high",
        managed: false,
        otherConfiguration: true,
      }),
    ]);
    expect(prefixes).toMatchObject([{ prefix: PREFIX, onLink: true, autonomous: true }]);
    // Each moment is a lifetime after the same packet.
    const { preferredUntil, expiresAt } = prefixes[0] ?? { preferredUntil: 0, expiresAt: 0 };
    expect(expiresAt - preferredUntil).toBeCloseTo(1_800_000, 3);
    expect(expiresAt - (routers[0]?.expiresAt ?? 0)).toBeCloseTo(3_570_000, 3);
    expect(dnsServers.map(({ address }) => address)).toEqual([DNS_SERVER]);
    expect({ mtu, ...frameCounters }).toMatchObject({ mtu: 1_400, malformed: 0, invalid: 0 });
  };

  const gone = (listener: RouterAgent) =>
    until(() => listener.told("routerGone").length > 0, {
      timeoutMs: 5_000,
      what: "the router to go",
    });

  it("the listener learns what BIRD advertises, and that it retires", async () => {
    const bird = await Bird.start(router, {
      directory: lab.directory,
      name: "bird",
      config: BIRD,
    });
    const listener = await RouterAgent.start(host, "listen");
    await learned(listener);
    await bird.stop();
    await gone(listener);
    expect(listener.told("routerGone")).toEqual([[LINK_LOCAL]]);
  });

  it("the listener learns what FRR advertises, and that it retires", async () => {
    const options = { directory: lab.directory, name: "frr", config: FRR, daemons: [] };
    const frr = await Frr.start(router, options);
    const listener = await RouterAgent.start(host, "listen");
    await learned(listener);
    await frr.stop();
    await gone(listener);
    expect(listener.told("routerGone")).toEqual([[LINK_LOCAL]]);
  });
});
