import { Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { suite } from "../support/suite.ts";
import { Layer2Agent } from "./layer2-agent.ts";

const MAC = "02:77:00:00:00:0a";
const CLIENT_MAC = "02:77:00:00:00:0b";
const BROADCAST = `${MAC} > ff:ff:ff:ff:ff:ff`;

suite("packets as tcpdump reads them", ["netns", "arping", "ndisc6", "tcpdump"], () => {
  let lab: Lab;
  let node: LabNamespace;
  let client: LabNamespace;

  beforeEach(async () => {
    lab = await Lab.create();
    node = await lab.namespace("n1");
    client = await lab.namespace("c1");
    await lab.link(
      { ns: node, name: "eth0", mac: MAC },
      { ns: client, name: "eth0", mac: CLIENT_MAC, addresses: ["10.77.0.2/24", "fd77::2/64"] },
    );
  });

  afterEach(() => lab.close());

  /** Reads what the responder's host sends, as far as the filter lets it. */
  const tcpdump = async (filter: string): Promise<LabProcess> => {
    const args = ["-nn", "-e", "-v", "-t", "-l", "--immediate-mode", "-i", "eth0"];
    const started = client.spawn("tcpdump", [...args, `ether src ${MAC} and ${filter}`]);
    await started.waitForLine(/listening on eth0/, 10_000);
    return started;
  };

  /** The frames that were read, each in one line. */
  const frames = (dump: LabProcess) =>
    dump.lines
      .slice(dump.lines.findIndex((line) => line.includes("listening on")) + 1)
      .join("\n")
      .replace(/\n\s+/g, " ")
      .split("\n");

  const toBeRead = (dump: LabProcess, text: string) =>
    until(() => frames(dump).some((frame) => frame.includes(text)), {
      timeoutMs: 10_000,
      what: `tcpdump to read ${text}`,
    });

  it("are those of RFC 5227 and RFC 826: a probe, gratuitous packets, an answer", async () => {
    const dump = await tcpdump("arp");
    const options = { probe: "first", probeCount: 1, announceWaitMs: 100, gratuitousForMs: 0 };
    await Layer2Agent.start(node, "arp", "10.77.0.99", options);
    await toBeRead(dump, "Reply");
    await client.exec("arping", ["-c", "1", "-w", "5", "-i", "eth0", "10.77.0.99"]);
    await toBeRead(dump, `> ${CLIENT_MAC}`);
    const arp = "ethertype ARP (0x0806), length 60: Ethernet (len 6), IPv4 (len 4)";
    expect(frames(dump)).toEqual([
      `${BROADCAST}, ${arp}, Request who-has 10.77.0.99 tell 0.0.0.0, length 46`,
      `${BROADCAST}, ${arp}, Request who-has 10.77.0.99 tell 10.77.0.99, length 46`,
      `${BROADCAST}, ${arp}, Reply 10.77.0.99 is-at ${MAC}, length 46`,
      `${MAC} > ${CLIENT_MAC}, ${arp}, Reply 10.77.0.99 is-at ${MAC}, length 46`,
    ]);
  });

  it("are those of RFC 4861 and RFC 4862: a probe, an unsolicited advertisement, answers", async () => {
    // Solicitations and advertisements for the address, and not those for the kernel's own.
    const dump = await tcpdump("icmp6 and ip6[40] >= 135 and ip6[40] <= 136 and ip6[62:2] = 0x99");
    const options = { probe: "first", unsolicitedForMs: 0 };
    await Layer2Agent.start(node, "ndp", "fd77::99", options);
    await toBeRead(dump, "advertisement");
    await client.exec("ndisc6", ["-1", "-s", "fd77::2", "-w", "5000", "fd77::99", "eth0"]);
    await toBeRead(dump, "solicited,");
    await client.sysctl("net/ipv6/conf/eth0/accept_dad", 1);
    await client.ip(["address add fd77::99/64 dev eth0"]);
    await until(() => frames(dump)[3]?.endsWith(MAC), {
      timeoutMs: 5_000,
      what: "the answer to the kernel's own probe",
    });
    const ip =
      "ethertype IPv6 (0x86dd), length 86: (hlim 255, next-header ICMPv6 (58) payload length: 32)";
    const advertisement = "[icmp6 sum ok] ICMP6, neighbor advertisement, length 32";
    const link = `destination link-address option (2), length 8 (1): ${MAC}`;
    const unsolicited =
      `${MAC} > 33:33:00:00:00:01, ${ip} fd77::99 > ff02::1: ` +
      `${advertisement}, tgt is fd77::99, Flags [override] ${link}`;
    // What the nonce's name and its bytes look like depends on the version.
    const read = frames(dump).map((frame) => frame.replace(/\S+ (option \(14\).*?:).*/, "$1"));
    expect(read).toEqual([
      `${MAC} > 33:33:ff:00:00:99, ${ip} :: > ff02::1:ff00:99: [icmp6 sum ok] ICMP6, ` +
        "neighbor solicitation, length 32, who has fd77::99 option (14), length 8 (1):",
      unsolicited,
      `${MAC} > ${CLIENT_MAC}, ${ip} fd77::99 > fd77::2: ` +
        `${advertisement}, tgt is fd77::99, Flags [solicited, override] ${link}`,
      unsolicited,
    ]);
  });
});
