// Asks a LAN whether somebody has an address, without disturbing whoever has (RFC 5227 section 2.1):
//
//   node examples/dist/detect-duplicate.js eth0 192.0.2.10
//
// Ends after at most seven seconds: with 0 when the address is free, with 1 when it is in use. Needs
// CAP_NET_RAW. What this host itself has, it does not ask.

import {
  type AnnouncerInput,
  type AnnouncerOutput,
  ArpAnnouncer,
  ArpDecodeError,
  decodeArp,
  encodeArp,
  formatMac,
  macFromBytes,
  parseIpv4,
  probe,
} from "@ingot/arp";
import { LinkMonitor, monotonicClock, openArpSocket } from "@ingot/linux";

const [name, text] = process.argv.slice(2);
if (name === undefined || text === undefined) {
  console.error("usage: node examples/dist/detect-duplicate.js INTERFACE ADDRESS");
  process.exit(2);
}

const address = parseIpv4(text);
const links = await LinkMonitor.open();
const socket = openArpSocket({ interface: name, links, accept: "all" });
const announcer = new ArpAnnouncer({ probe: "first" }, Math.random);
let cancelTimer = (): void => {};

socket.onFrame = (frame) => {
  try {
    handle({ type: "packet", packet: decodeArp(frame), mac: macFromBytes(socket.mac) });
  } catch (error) {
    if (!(error instanceof ArpDecodeError)) throw error;
  }
};
socket.onUp = () => handle({ type: "up" });
handle({ type: "announce", address });

function handle(input: AnnouncerInput): void {
  cancelTimer();
  for (const output of announcer.handle(input, monotonicClock.now())) carryOut(output);
  if (process.exitCode !== undefined) return;
  const delayMs = announcer.deadline - monotonicClock.now();
  cancelTimer = monotonicClock.setTimer(delayMs, () => handle({ type: "tick" }));
}

/** What an address that is free would be announced with is left out. */
function carryOut(output: AnnouncerOutput): void {
  if (output.type === "conflict") end(1, `in use by ${formatMac(output.mac)}`);
  if (output.type === "claimed") end(0, "free");
  if (output.type !== "probe") return;
  const taken = socket.send(encodeArp(probe(address, macFromBytes(socket.mac))));
  if (!taken) end(2, `not known: ${name} is not up`);
}

function end(code: number, finding: string): void {
  console.log(`${text} is ${finding}`);
  process.exitCode = code;
  socket.onFrame = undefined;
  socket.onUp = undefined;
  socket.close();
  links.close();
}
