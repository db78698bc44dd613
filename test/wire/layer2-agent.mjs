// Announces one address on one interface, and prints each event as a line of JSON, with the time on
// the machine's clock:
//   node layer2-agent.mjs arp|ndp INTERFACE ADDRESS [OPTIONS]
// OPTIONS are the responder's, as JSON. SIGUSR1 prints the address's counters, if it is announced.
// SIGTERM closes everything, upon which the process has to end by itself.
import { ArpResponder } from "@ingot/arp";
import { LinkMonitor, monotonicClock, openArpSocket, openNdpSocket } from "@ingot/linux";
import { NdpResponder } from "@ingot/ndp";

const [family, name, address, options = "{}"] = process.argv.slice(2);
const [open, Responder] =
  family === "arp" ? [openArpSocket, ArpResponder] : [openNdpSocket, NdpResponder];
const links = await LinkMonitor.open();
const socket = open({ interface: name, links, accept: "all" });
const responder = new Responder(socket, monotonicClock, JSON.parse(options));

function print(event, more) {
  // Unlike `performance.now`, the same in every process.
  const at = Number(process.hrtime.bigint()) / 1e6;
  console.log(JSON.stringify({ event, at, ...more }));
}

for (const event of ["claimed", "resumed"]) responder.on(event, () => print(event));
responder.on("conflict", (conflict) => print("conflict", conflict));
process.on("SIGUSR1", () => print("report", { counters: responder.counters(address) }));
process.once("SIGTERM", () => {
  responder.close();
  links.close();
});
responder.announce(address);
print("ready");
