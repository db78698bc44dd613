import { bench, describe } from "vitest";
import { macToBytes, parseIpv6, parseMac } from "../src/address.ts";
import { icmp6Checksum } from "../src/checksum.ts";
import { groupMac, solicitedNodeGroup } from "../src/group.ts";
import { decodeNdp, encodeNdp, peekTarget } from "../src/packet.ts";
import { NdpResponder } from "../src/responder.ts";
import type { NdpSocket } from "../src/socket.ts";
import { invalidity } from "../src/validity.ts";

const ours = parseMac("02:00:00:00:00:01");
const neighbour = parseMac("02:00:00:00:00:09");

function solicitationFor(address: string): Uint8Array {
  const target = parseIpv6(address);
  const destination = solicitedNodeGroup(target);
  return encodeNdp({
    type: "neighbor-solicitation",
    destinationMac: groupMac(destination),
    sourceMac: neighbour,
    destination,
    source: parseIpv6("2001:db8::9"),
    hopLimit: 255,
    code: 0,
    options: [{ type: "source-link-layer", mac: neighbour }],
    target,
  });
}

/** A responder for 5,000 addresses whose clock stands still, and what feeds it a frame. */
function answering(): (frame: Uint8Array) => void {
  const socket: NdpSocket = {
    mac: macToBytes(ours),
    send: (frame) => frame.length > 0,
    onFrame: undefined,
    onUp: undefined,
    join: () => () => {},
    close: () => {},
  };
  const responder = new NdpResponder(socket, { now: () => 0, setTimer: () => () => {} });
  for (let i = 0; i < 5_000; i++) responder.announce(`2001:db8:1::${i.toString(16)}`);
  return socket.onFrame ?? (() => {});
}

const forUs = solicitationFor("2001:db8:1::777");
const forAnother = solicitationFor("2001:db8::777");
const packet = decodeNdp(forUs);
const receive = answering();

describe("one frame, through", () => {
  bench("peekTarget", () => void peekTarget(forUs));
  bench("decodeNdp", () => void decodeNdp(forUs));
  bench("icmp6Checksum", () => void icmp6Checksum(forUs, 22, forUs.length));
  bench("invalidity", () => void invalidity(packet, forUs));
  bench("encodeNdp", () => void encodeNdp(packet));
  bench("a responder for 5,000 addresses, a solicitation for another", () => receive(forAnother));
  bench("a responder for 5,000 addresses, a solicitation for one of them", () => receive(forUs));
});
