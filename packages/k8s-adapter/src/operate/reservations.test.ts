import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { put, putPool } from "../testing/controller-bench.ts";
import { FakeSource } from "../testing/fake-source.ts";
import { poolRecord, serviceRecord } from "../testing/records.ts";
import { listReservations } from "./reservations.ts";

function listing() {
  const source = new FakeSource();
  const clock = new VirtualClock();
  const said: string[] = [];
  const report = { say: (line: string) => void said.push(line), warn: () => {} };
  return { source, clock, said, done: listReservations({ source, clock }, 1_000, report) };
}

describe("ingot reservations", () => {
  it("lists each address with its pool, whose it is, and who has it", async () => {
    const { source, said, done } = listing();
    source.tell(
      putPool(
        poolRecord("lan", ["10.0.0.0/29"], {
          reservations: [
            { address: "10.0.0.1", service: "default/web" },
            { address: "10.0.0.2", service: "default/gone" },
          ],
        }),
      ),
      putPool(
        poolRecord("dmz", ["2001:db8::/126"], {
          reservations: [{ address: "2001:db8::1", service: "shop/api" }],
        }),
      ),
      put(serviceRecord("default/web", { ingress: ["10.0.0.1"] })),
      put(serviceRecord("shop/other", { ingress: ["2001:db8::1"] })),
    );
    source.sync();
    expect(await done).toBe(true);
    expect(said).toEqual([
      "ADDRESS      POOL  SERVICE       IN USE",
      "10.0.0.1     lan   default/web   yes",
      "10.0.0.2     lan   default/gone  no",
      "2001:db8::1  dmz   shop/api      by shop/other",
    ]);
  });

  it("says that there is none", async () => {
    const { source, said, done } = listing();
    source.sync();
    await done;
    expect(said).toEqual(["nothing is reserved"]);
  });

  it("gives up when it cannot read, and says why", async () => {
    const { source, clock, done } = listing();
    source.tell({ type: "connection", kind: "pool", connected: false, reason: "refused" });
    clock.advance(1_000);
    await expect(done).rejects.toThrow("cannot read from fake in 1 s: refused");
  });
});
