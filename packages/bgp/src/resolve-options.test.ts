import { describe, expect, it } from "vitest";
import { Pair } from "./testing/two-speakers.ts";

describe("the options of a peer", () => {
  it.each([
    [{ holdTimeS: 2 }, "holdTimeS must be a whole number from 3 to 65535, got 2"],
    [{ asn: 0 }, "asn must be a whole number from 1 to 4294967295, got 0"],
    [{ asn: 23_456 }, "asn must not be AS_TRANS, got 23456"],
    [{ address: "router" }, "address must be an IPv4 or IPv6 address, got router"],
    [{ port: 0 }, "port must be a whole number from 1 to 65535, got 0"],
    [{ routerId: "0.0.0.0" }, "routerId must be a dotted quad other than 0.0.0.0, got 0.0.0.0"],
    [{ connectRetryMs: 1 }, "connectRetryMs must be from 100 to 3600000, got 1"],
    [{ minTtl: 256 }, "minTtl must be a whole number from 1 to 255, got 256"],
    [{ families: [] }, "families must not be empty, got none"],
    [{ maximumPrefixes: 0 }, "maximumPrefixes must be a whole number from 1 to 16777216, got 0"],
    [{ nextHop: { ipv4: "::1" } }, "nextHop.ipv4 must be an IPv4 address, got ::1"],
    [
      { gracefulRestart: { restartTimeS: 5_000 } },
      "gracefulRestart.restartTimeS must be a whole number from 1 to 4095, got 5000",
    ],
    [{ damping: { baseMs: 10, mostMs: 5 } }, "damping.mostMs must be from 10 to 86400000, got 5"],
  ])("refuses the options %j", async (bad, message) => {
    const pair = await Pair.make();
    expect(() => pair.a.peer({ address: "192.0.2.9", asn: 65_009, ...bad })).toThrow(message);
  });
});
