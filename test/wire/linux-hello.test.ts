import { LinkMonitor, openHelloSocket } from "@ingot/linux";
import { Lab, type LabNamespace, until } from "@ingot/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { HelloAgent, PORT, sendRaw } from "./linux-hello-agent.ts";

const A = { v4: "10.78.0.1", v6: "2001:db8:78::1", linkLocal: "fe80::a" };
const B = { v4: "10.78.0.2", v6: "2001:db8:78::2", linkLocal: "fe80::b" };
const GROUP = { v4: "224.0.0.254", v6: "ff02::114" };

suite("hello sockets", ["netns", "tcpdump", "setpriv"], () => {
  let lab: Lab;
  let a: LabNamespace;
  let b: LabNamespace;
  let near: HelloAgent;
  let far: HelloAgent;

  beforeEach(async () => {
    lab = await Lab.create();
    [a, b] = await Promise.all([lab.namespace("a"), lab.namespace("b")]);
    for (const ns of [a, b]) {
      await ns.sysctl("net.ipv6.conf.default.accept_dad", 0);
      // Only the link-local addresses that are given here.
      await ns.sysctl("net.ipv6.conf.default.addr_gen_mode", 1);
    }
    await connect();
    [near, far] = await Promise.all([HelloAgent.start(lab, a), HelloAgent.start(lab, b)]);
    await allUp();
  });

  afterEach(() => lab.close());

  /** Returns when all addresses can be used. */
  const connect = async () => {
    await lab.link(
      { ns: a, name: "eth0", mac: "02:00:00:00:78:0a", addresses: cidrs(A) },
      { ns: b, name: "eth0", mac: "02:00:00:00:78:0b", addresses: cidrs(B) },
    );
    const tentative = ["-6", "address", "show", "dev", "eth0", "tentative"];
    for (const ns of [a, b]) {
      await until(async () => (await ns.exec("ip", tentative)).stdout === "", {
        timeoutMs: 5_000,
        what: "no address to be tentative",
      });
    }
  };

  const allUp = () =>
    until(async () => (await near.report()).isUp && (await far.report()).isUp, {
      timeoutMs: 5_000,
      what: "both ports to be up",
    });

  /** Says it until it is heard by way of both families; each time counts for one of them. */
  const heard = (text: string) =>
    until(
      async () => {
        await near.send(text);
        const { received, twins } = await far.report();
        return twins > 0 && received > 0 && far.told(new RegExp(`^got ${text} from`)).length > 0;
      },
      { timeoutMs: 10_000, what: `"${text}" to be heard` },
    );

  const gotFrom = (text: string, from: string) =>
    far.process.waitForLine(new RegExp(`^got ${text} from ${from}$`), 5_000);

  it("say hello by both families, and hear it once, but never themselves", async () => {
    const dump = b.spawn("tcpdump", ["-lnnv", "-i", "eth0", `udp and port ${PORT}`]);
    await dump.waitForLine(/listening on eth0/, 10_000);
    expect(await near.send("hello")).toBe(true);
    await until(async () => (await far.report()).twins === 1, { timeoutMs: 5_000, what: "twins" });
    expect(await far.report()).toMatchObject({ received: 1, twins: 1, sent: 0, dropped: 0 });
    expect(await near.report()).toMatchObject({ received: 0, twins: 0, sent: 2, dropped: 0 });
    expect(far.told(/^got/)).toEqual([
      expect.stringMatching(/^got hello from (10\.78\.0\.1|fe80::a)$/),
    ]);
    const seen = (packet: RegExp) =>
      until(() => packet.test(dump.lines.join("\n")), { timeoutMs: 5_000, what: `${packet}` });
    await seen(/tos 0xc0, ttl 255,.*\n.* 10\.78\.0\.1\.7472 > 224\.0\.0\.254\.7472: /);
    await seen(/class 0xc0, .*hlim 255,.* fe80::a\.7472 > ff02::114\.7472: /);
  });

  it("say hello to one host by either family", async () => {
    for (const family of ["v4", "v6", "linkLocal"] as const) {
      expect(await near.send(family, B[family])).toBe(true);
      await gotFrom(family, A[family]);
    }
    expect(await near.report()).toMatchObject({ sent: 3, dropped: 0 });
    expect(await far.report()).toMatchObject({ received: 3, twins: 0 });
  });

  it("refuse a port that is not for everybody, and what is no host", async () => {
    const links = await LinkMonitor.open();
    expect(() => openHelloSocket({ interface: "eth0", links, port: 1023 })).toThrow(
      new RangeError("port must be an integer from 1024 to 65535, got 1023"),
    );
    links.close();
    await expect(near.send("you", "n2")).rejects.toThrow(
      'RangeError: to must be an IP address, got "n2"',
    );
    await expect(near.send("you", GROUP.v6)).rejects.toThrow(
      "RangeError: to must be the address of a host, got ff02::114",
    );
  });

  it("hear nothing that may have come by a router", async () => {
    const withTtl = (ttl: number, text: string) => [
      { ttl, to: GROUP.v4, by: A.v4, text: `${text} group 4` },
      { ttl, to: GROUP.v6, by: "::%eth0", text: `${text} group 6` },
      { ttl, to: B.v4, by: A.v4, text: `${text} host 4` },
      { ttl, to: B.v6, by: "::%eth0", text: `${text} host 6` },
    ];
    await sendRaw(a, [...withTtl(254, "far"), ...withTtl(255, "near")]);
    const isNearAll = () => far.told(/^got near/).length === 4;
    await until(isNearAll, { timeoutMs: 5_000, what: "those from near" });
    // What was sent before them by the same family came before them, or not at all.
    expect([...far.told(/^got/)].sort()).toEqual([
      `got near group 4 from ${A.v4}`,
      `got near group 6 from ${A.linkLocal}`,
      `got near host 4 from ${A.v4}`,
      `got near host 6 from ${A.v6}`,
    ]);
    expect(await far.report()).toMatchObject({ received: 4, twins: 0 });
  });

  it("go on after a listener threw", async () => {
    await near.send("throw");
    await far.process.waitForLine(/^uncaught: a listener's own fault$/, 5_000);
    await heard("again");
  });

  describe("follow their interface", () => {
    const isDown = () =>
      until(async () => !(await near.report()).isUp, { timeoutMs: 5_000, what: "it to be down" });

    const sendsNothing = async () => {
      await isDown();
      const { dropped } = await near.report();
      expect(await near.send("into nowhere")).toBe(false);
      expect((await near.report()).dropped).toBe(dropped + 1);
    };

    it("when it goes down and up, here and there", async () => {
      const { descriptors } = await near.report();
      await a.setLink("eth0", "down");
      await sendsNothing();
      await b.setLink("eth0", "down");
      for (const ns of [a, b]) await ns.setLink("eth0", "up");
      // The kernel took them away with the link.
      await a.ip(
        cidrs(A)
          .slice(1)
          .map((cidr) => `address add ${cidr} dev eth0`),
      );
      await b.ip(
        cidrs(B)
          .slice(1)
          .map((cidr) => `address add ${cidr} dev eth0`),
      );
      await allUp();
      await heard("again");
      expect(near.told(/^(up|down)/)).toEqual(["up 02000000780a", "down", "up 02000000780a"]);
      expect((await near.report()).descriptors).toBe(descriptors);
    });

    it("when it loses its carrier", async () => {
      await b.setLink("eth0", "down");
      await sendsNothing();
      await b.setLink("eth0", "up");
      await allUp();
      await near.send("again", B.v4);
      await gotFrom("again", A.v4);
    });

    it("when it is deleted and made anew", async () => {
      await a.ip(["link delete eth0"]);
      await sendsNothing();
      await connect();
      await allUp();
      await heard("again");
    });

    it("when it is made anew unseen, and looks the same", async () => {
      const { stdout } = await a.exec("ip", ["-o", "link", "show", "dev", "eth0"]);
      const index = Number.parseInt(stdout, 10);
      near.process.kill("SIGSTOP");
      await a.ip(["link delete eth0"]);
      const pair = `type veth peer name eth0 address 02:00:00:00:78:0b netns ${b.path}`;
      await a.ip([`link add eth0 index ${index} address 02:00:00:00:78:0a ${pair}`]);
      for (const [ns, host] of [
        [a, A],
        [b, B],
      ] as const) {
        const addresses = cidrs(host).map((cidr) => `address add ${cidr} dev eth0`);
        await ns.ip(["link set eth0 up", ...addresses]);
      }
      // More than the monitor's socket can hold.
      const changes = Array.from(
        { length: 1000 },
        (_, i) => `link set kept mtu ${1300 + (i % 99)}`,
      );
      await a.ip(["link add kept type bridge", ...changes]);
      near.process.kill("SIGCONT");
      await near.process.waitForLine(/^resynced$/, 5_000);
      await allUp();
      await heard("again");
      const sent = async () => {
        await far.send("and back");
        return near.told(/^got and back/).length > 0 && (await near.report()).twins > 0;
      };
      await until(sent, { timeoutMs: 5_000, what: "an answer by both families" });
    });

    it("when it is renamed, and another takes its name", async () => {
      await a.ip(["link set eth0 down", "link set eth0 name eth9", "link set eth9 up"]);
      await sendsNothing();
      await lab.link(
        { ns: a, name: "eth0", mac: "02:00:00:00:78:0c", addresses: ["10.78.1.1/24"] },
        { ns: b, name: "eth1", addresses: ["10.78.1.2/24"] },
      );
      await near.process.waitForLine(/^up 02000000780c$/, 5_000);
      await a.ip(["link delete eth0"]);
      await isDown();
      await a.ip(["link set eth9 down", "link set eth9 name eth0", "link set eth0 up"]);
      await near.send("again");
      await allUp();
      await near.send("again", B.v4);
      await gotFrom("again", A.v4);
    });

    it("when its addresses change", async () => {
      await a.ip(["address delete fe80::a/64 dev eth0"]);
      await near.send("4", B.v4);
      await gotFrom("4", A.v4);
      await a.ip(["address add 10.78.0.7/24 dev eth0", "address delete 10.78.0.1/24 dev eth0"]);
      await a.ip(["address replace 10.78.0.7/24 dev eth0"]);
      await until(() => near.send("other"), { timeoutMs: 5_000, what: "another source" });
      await gotFrom("other", "10.78.0.7");
      await a.ip(["address delete 10.78.0.7/24 dev eth0"]);
      await sendsNothing();
      await a.ip(["address add fe80::a/64 dev eth0"]);
      await until(() => near.send("6"), { timeoutMs: 5_000, what: "IPv6" });
      await gotFrom("6", A.linkLocal);
      await a.ip(["address add 10.78.0.1/24 dev eth0"]);
      await heard("both");
    });
  });

  it("wait for their port when another process has it", async () => {
    const second = await HelloAgent.start(lab, b);
    await second.process.waitForLine(/^failed: address in use: port 7472 on 0\.0\.0\.0$/, 5_000);
    await second.process.waitForLine(/^failed: address in use: port 7472 on ::$/, 5_000);
    await far.close();
    far = second;
    await allUp();
    await heard("hello");
  });

  it("need no right, and let the process end when they are closed", async () => {
    await far.close();
    far = await HelloAgent.start(lab, b, ["setpriv", "--bounding-set", "-all"]);
    await allUp();
    await heard("hello");
    far.process.kill("SIGTERM");
    expect(await far.process.exited).toEqual({ code: 0, signal: null });
    expect(far.told(/^sent after close/)).toEqual(["sent after close: false"]);
    expect(far.told(/^uncaught/)).toEqual([]);
  });

  it("hear 2,000 hellos a second at a small price", async () => {
    await near.flood(2_000, 0.5);
    const before = await far.report();
    await near.flood(2_000, 2);
    // Where other things keep both cores busy, queues may overflow.
    const most = async () => (await far.report()).received > 0.95 * 5_000;
    await until(most, { timeoutMs: 5_000, what: "almost all hellos" });
    const after = await far.report();
    const share =
      (2_000 * (after.cpuMs - before.cpuMs)) / (after.received - before.received) / 1_000;
    console.info(`2,000 hellos a second by both families: ${(share * 100).toFixed(1)} % of a core`);
    expect(share).toBeLessThan(0.5);
  });
});

function cidrs({ v4, v6, linkLocal }: typeof A): readonly string[] {
  return [`${v4}/24`, `${v6}/64`, `${linkLocal}/64`];
}
