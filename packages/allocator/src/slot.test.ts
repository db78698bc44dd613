import { describe, expect, it } from "vitest";
import { type Sharing, Slot } from "./slot.ts";

const terms = (key: string, backend: string, ...ports: string[]): Sharing => ({
  key,
  backend,
  ports,
});

function slotOf(owners: Readonly<Record<string, Sharing | undefined>>): Slot {
  const slot = new Slot("192.0.2.1");
  for (const [owner, sharing] of Object.entries(owners)) slot.add(owner, sharing);
  return slot;
}

describe("slot", () => {
  const a = terms("web", "", "TCP/80");
  const used = '"192.0.2.1" is already in use by "a"';

  it.each<[string, Sharing | undefined, Sharing | undefined, string | undefined]>([
    ["neither shares", undefined, undefined, `${used} without a sharing key`],
    ["only the newcomer shares", undefined, a, `${used} without a sharing key`],
    ["only the holder shares", a, undefined, `${used} with sharing key "web", without one`],
    ["the keys differ", a, terms("dns", "", "UDP/53"), `${used} with sharing key "web", not "dns"`],
    [
      "the backends differ",
      a,
      terms("web", "app=b", "UDP/53"),
      `${used} with backend "", not "app=b"`,
    ],
    ["the ports differ", a, terms("web", "", "TCP/443", "UDP/80"), undefined],
    ["there are no ports", terms("web", ""), terms("web", ""), undefined],
    [
      "a port is the same",
      a,
      terms("web", "", "TCP/443", "TCP/80"),
      'port TCP/80 is already in use on "192.0.2.1" by "a"',
    ],
  ])("answers a newcomer when %s", (_, holder, newcomer, message) => {
    expect(slotOf({ a: holder }).conflict("b", newcomer)).toBe(message);
  });

  it.each([undefined, a])("lets the only owner change its terms from %j", (before) => {
    const slot = slotOf({ a: before });
    for (const after of [undefined, a, terms("dns", "app=b", "TCP/80")]) {
      expect(slot.conflict("a", after)).toBeUndefined();
    }
  });

  it("holds one of several owners to the terms of the others", () => {
    const slot = slotOf({ a, b: terms("web", "", "UDP/53") });
    const change = `can't change the sharing of "b": `;
    expect(slot.conflict("b", terms("web", "", "TCP/443"))).toBeUndefined();
    expect(slot.conflict("b", terms("web", "", "TCP/443", "UDP/53"))).toBeUndefined();
    expect(slot.conflict("b", undefined)).toBe(
      `${change}${used} with sharing key "web", without one`,
    );
    expect(slot.conflict("b", terms("dns", ""))).toBe(
      `${change}${used} with sharing key "web", not "dns"`,
    );
    expect(slot.conflict("b", terms("web", "app=b"))).toBe(
      `${change}${used} with backend "", not "app=b"`,
    );
    expect(slot.conflict("b", terms("web", "", "TCP/80"))).toBe(
      `${change}port TCP/80 is already in use on "192.0.2.1" by "a"`,
    );
  });

  it("frees a port with its user, and the terms with the last owner", () => {
    const slot = slotOf({ a, b: terms("web", "", "UDP/53") });
    expect(slot.delete("a")).toBe(a);
    expect(slot.owners).toEqual(["b"]);
    expect(slot.conflict("c", a)).toBeUndefined();
    slot.delete("b");
    expect(slot.isEmpty).toBe(true);
    expect(slot.conflict("c", terms("dns", "app=c", "UDP/53"))).toBeUndefined();
  });

  it("does not mind that a stranger leaves", () => {
    const shared = slotOf({ a });
    expect(shared.delete("b")).toBeUndefined();
    expect(shared.owners).toEqual(["a"]);
    const alone = slotOf({ a: undefined });
    expect(alone.delete("b")).toBeUndefined();
    expect(alone.owners).toEqual(["a"]);
  });

  it("names a few of many owners", () => {
    const owners = Array.from({ length: 1_000 }, (_, index) => [`o${index}`, terms("web", "")]);
    const slot = slotOf(Object.fromEntries(owners));
    const five = '"o0", "o1", "o2", "o3", "o4"';
    expect(slot.conflict("x", undefined)).toBe(
      `"192.0.2.1" is already in use by ${five} and 995 more with sharing key "web", without one`,
    );
    expect(slot.conflict("o2", undefined)).toContain('"o0", "o1", "o3", "o4", "o5" and 994 more');
  });
});
