// Tries to open an ARP socket on an interface and prints how it was refused.
import { LinkMonitor, MissingCapabilityError, openArpSocket, selfTest } from "@ingot/linux";

const [name] = process.argv.slice(2);
await selfTest();
const links = await LinkMonitor.open();
try {
  openArpSocket({ interface: name, links }).close();
  console.log(JSON.stringify({ opened: true }));
} catch (error) {
  const { capability, message } = error;
  const expected = error instanceof MissingCapabilityError;
  console.log(JSON.stringify({ expected, capability, message, code: error.cause?.code }));
}
links.close();
