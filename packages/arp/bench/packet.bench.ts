import { bench, describe } from "vitest";
import { macToBytes, parseIpv4, parseMac } from "../src/address.ts";
import {
  ArpHardware,
  ArpOperation,
  ArpProtocol,
  decodeArp,
  encodeArp,
  peekTarget,
} from "../src/packet.ts";
import { ArpResponder } from "../src/responder.ts";
import type { ArpSocket } from "../src/socket.ts";

const ours = parseMac("02:00:00:00:00:01");
const neighbour = parseMac("02:00:00:00:00:09");

function requestFor(address: string): Uint8Array {
  return encodeArp({
    destination: 0xffff_ffff_ffff,
    source: neighbour,
    hardwareType: ArpHardware.ethernet,
    protocolType: ArpProtocol.ipv4,
    operation: ArpOperation.request,
    senderMac: neighbour,
    senderAddress: parseIpv4("198.51.100.9"),
    targetMac: 0,
    targetAddress: parseIpv4(address),
  });
}

/** A responder for 5,000 addresses whose clock stands still, and what feeds it a frame. */
function answering(): (frame: Uint8Array) => void {
  const socket: ArpSocket = {
    mac: macToBytes(ours),
    send: (frame) => frame.length > 0,
    onFrame: undefined,
    onUp: undefined,
    close: () => {},
  };
  const responder = new ArpResponder(socket, { now: () => 0, setTimer: () => () => {} });
  for (let i = 0; i < 5_000; i++) responder.announce(`198.18.${i >> 8}.${i & 0xff}`);
  return socket.onFrame ?? (() => {});
}

const forUs = requestFor("198.18.7.7");
const forAnother = requestFor("198.51.100.7");
const packet = decodeArp(forUs);
const receive = answering();

describe("one frame, through", () => {
  bench("peekTarget", () => void peekTarget(forUs));
  bench("decodeArp", () => void decodeArp(forUs));
  bench("encodeArp", () => void encodeArp(packet));
  bench("a responder for 5,000 addresses, a request for another", () => receive(forAnother));
  bench("a responder for 5,000 addresses, a request for one of them", () => receive(forUs));
});
