// Prints what a link monitor tells, one JSON array [event, thing] a line, and on SIGUSR1 all it knows.
import { LinkMonitor } from "@ingot/linux";

const links = await LinkMonitor.open();
const plain = (thing) =>
  thing?.mac === undefined ? thing : { ...thing, mac: Buffer.from(thing.mac).toString("hex") };
const print = (event, thing) => console.log(JSON.stringify([event, thing]));

for (const event of ["link", "linkGone", "address", "addressGone", "resynced"]) {
  links.on(event, (thing) => print(event, plain(thing)));
}
// In the middle of what there is to tell: what comes after it must not suffer.
links.once("linkGone", () => {
  throw new Error("a listener's own fault");
});
process.on("uncaughtException", (error) => print("uncaught", error.message));
process.on("SIGUSR1", () => {
  const all = { links: [...links.links.values()].map(plain), addresses: links.addresses };
  print("known", all);
});
process.once("SIGTERM", () => links.close());
print("known", { links: [...links.links.values()].map(plain), addresses: links.addresses });
