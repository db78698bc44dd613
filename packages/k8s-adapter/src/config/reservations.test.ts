import { describe, expect, it } from "vitest";
import { readReservations, reservationsText } from "./reservations.ts";

describe("reservations", () => {
  it("are entries of an address and a Service, in any order and spelling", () => {
    const read = readReservations("2001:DB8:0::1=shop/web,\n 10.0.0.2=shop/web 10.0.0.1=a/b,,");
    expect(read).toEqual({
      ok: true,
      list: [
        { address: "2001:db8::1", service: "shop/web" },
        { address: "10.0.0.2", service: "shop/web" },
        { address: "10.0.0.1", service: "a/b" },
      ],
    });
    const text = read.ok ? reservationsText(read.list) : "";
    expect(text).toBe("10.0.0.1=a/b,10.0.0.2=shop/web,2001:db8::1=shop/web");
    expect(readReservations("")).toEqual({ ok: true, list: [] });
    expect(readReservations("10.0.0.1=a/b,10.0.0.1=a/b")).toMatchObject({ ok: true });
  });

  it.each([
    ["10.0.0.1", 'must be ADDRESS=NAMESPACE/NAME entries, got "10.0.0.1"'],
    ["10.0.0.1=web", 'must be ADDRESS=NAMESPACE/NAME entries, got "10.0.0.1=web"'],
    ["10.0.0.300=a/b", 'must be ADDRESS=NAMESPACE/NAME entries, got "10.0.0.300=a/b"'],
    ["10.0.0.1=a/b,10.0.0.1=a/c", "must not reserve 10.0.0.1 for both a/b and a/c"],
  ])("are refused when they say %s", (text, problem) => {
    expect(readReservations(text)).toEqual({ ok: false, problem });
  });
});
