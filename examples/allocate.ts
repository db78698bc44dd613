// Hands out a few addresses and tells what happens:
//
//   node examples/dist/allocate.js

import { type AllocationResult, Allocator } from "@ingot/allocator";

const allocator = new Allocator();
allocator.setPools([{ name: "web", addresses: ["192.0.2.8/30", "192.0.2.20-192.0.2.21"] }]);

tell("first", allocator.allocate("first", { pool: "web", families: [4] }));
tell("second", allocator.allocate("second", { pool: "web", families: [4] }));
tell("pinned", allocator.claim("pinned", ["192.0.2.10"]));
tell("late", allocator.claim("late", ["192.0.2.10"]));

const sharing = { key: "dns", backend: "", ports: ["TCP/53"] };
tell("tcp", allocator.allocate("tcp", { pool: "web", families: [4], sharing }));
const udp = { ...sharing, ports: ["UDP/53"] };
tell("udp", allocator.allocate("udp", { pool: "web", families: [4], sharing: udp }));

tell("third", allocator.allocate("third", { pool: "web", families: [4] }));
tell("fourth", allocator.allocate("fourth", { pool: "web", families: [4] }));
tell("late", allocator.allocate("late", { pool: "web", families: [4] }));
console.log("first gives back", allocator.release("first")?.addresses.join());
tell("late", allocator.allocate("late", { pool: "web", families: [4] }));
console.log("web has", allocator.stats("web")?.availableIPv4, "IPv4 addresses left");

allocator.setPools([{ name: "web", addresses: ["192.0.2.8/30", "2001:db8::/64"] }]);
tell("late", allocator.allocate("late", { pool: "web", families: [4, 6] }));
console.log("third has", allocator.assignment("third")?.addresses.join() ?? "nothing any more");

function tell(owner: string, result: AllocationResult): void {
  console.log(
    owner,
    result.ok ? `gets ${result.assignment.addresses}` : `waits: ${result.message}`,
  );
}
