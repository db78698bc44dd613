import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NotificationMessage } from "./message.ts";
import {
  decodeNotification,
  describeNotification,
  encodeNotification,
  hardReset,
  shutdownData,
  shutdownText,
  unwrapHardReset,
} from "./notification.ts";
import { hex } from "./testing/octets.ts";

const MARKER = "ff".repeat(16);

function notification(code: number, subcode: number, data = ""): NotificationMessage {
  return { type: "notification", code, subcode, data: hex(data) };
}

describe("notification", () => {
  it.each([
    // Laid out by RFC 4271 section 4.5 and the sections that fix the data.
    ["0015 03 0400", notification(4, 0)],
    ["0017 03 0102 0012", notification(1, 2, "0012")],
    ["0017 03 0201 0004", notification(2, 1, "0004")],
    ["0016 03 0502 02", notification(5, 2, "02")],
    // RFC 8203 section 2 in words: one octet of length, then UTF-8.
    ["0019 03 0602 03 627965", notification(6, 2, "03627965")],
  ])("reads and writes %s", (rest, message) => {
    const octets = hex(MARKER + rest);
    expect(encodeNotification(message)).toEqual(octets);
    expect(decodeNotification(octets.subarray(19))).toEqual(message);
  });

  it("answers a body of less than two octets with the length of the message", () => {
    expect(decodeNotification(hex("06"))).toEqual({ fault: notification(1, 2, "0014") });
  });

  it("names the field that does not fit", () => {
    expect(() => encodeNotification(notification(256, 0))).toThrow(
      new RangeError("code must be a whole number from 0 to 255, got 256"),
    );
  });

  it("survives a round trip, and answers any octets", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (body) => {
        const decoded = decodeNotification(body);
        if ("fault" in decoded) expect(body.length).toBeLessThan(2);
        else expect(encodeNotification(decoded).subarray(19)).toEqual(body);
      }),
    );
  });
});

describe("shutdown text (RFC 9003)", () => {
  it.each([
    ["maintenance", "0b 6d61696e74656e616e6365"],
    ["", "00"],
    ["Größe", "07 4772c3b6c39f65"],
    ["路由器", "09 e8b7afe794b1e599a8"],
    ["🚧", "04 f09f9aa7"],
  ])("writes and reads %j", (text, data) => {
    expect(shutdownData(text)).toEqual(hex(data));
    expect(shutdownText(hex(data))).toBe(text === "" ? undefined : text);
  });

  it("cuts a long one at 255 octets, between two characters", () => {
    expect(shutdownData("a".repeat(300))).toEqual(Uint8Array.of(255, ...Array(255).fill(0x61)));
    const cut = shutdownText(shutdownData(`aa${"🚧".repeat(100)}`));
    expect(cut).toBe(`aa${"🚧".repeat(63)}`);
  });

  it.each([
    ["an absent one", "", undefined],
    ["one that is said to be longer than it is", "05 6162", undefined],
    ["octets after it", "01 61 6263", "a"],
    ["a control character, which must not reach a terminal", "03 1b5b41", "␛[A"],
    ["octets that are not UTF-8", "04 61ff62c3", "a�b�"],
    ["an overlong form", "02 c080", "��"],
    ["a surrogate", "03 eda080", "���"],
  ])("reads %s", (_, data, text) => {
    expect(shutdownText(hex(data))).toBe(text);
  });

  it("reads back what it writes, as TextEncoder would write it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }), (text) => {
        const data = shutdownData(text);
        const encoded = new TextEncoder().encode(text);
        if (encoded.length <= 255) expect(data.slice(1)).toEqual(encoded);
        expect(data.length).toBeLessThanOrEqual(256);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => {
        const text = shutdownText(Uint8Array.of(octets.length, ...octets));
        const read = new TextDecoder("utf-8", { ignoreBOM: true }).decode(octets);
        const printable = read.replaceAll(/[\p{Cc}]/gu, "");
        // One replacement an octet here, one a maximal subpart there: compare what is between.
        const rest = (whole: string) => whole.replaceAll(/[\u2400-\u2421\ufffd]/g, "");
        expect(rest(text ?? "")).toBe(rest(printable));
      }),
    );
  });
});

describe("hard reset (RFC 8538)", () => {
  it("encloses the reason, and gives it back", () => {
    const inner = notification(6, 2, "03627965");
    const reset = hardReset(inner);
    expect(reset).toEqual(notification(6, 9, "0602 03627965"));
    expect(unwrapHardReset(reset)).toEqual(inner);
  });

  it("is none without a reason, or as another NOTIFICATION", () => {
    expect(unwrapHardReset(notification(6, 9))).toBeUndefined();
    expect(unwrapHardReset(notification(6, 9, "06"))).toBeUndefined();
    expect(unwrapHardReset(notification(6, 2, "0602"))).toBeUndefined();
  });
});

describe("description", () => {
  it.each([
    ["Cease/Administrative Shutdown: maintenance", notification(6, 2, "0b6d61696e74656e616e6365")],
    ["Cease/Administrative Reset", notification(6, 4)],
    ["Cease/Administrative Shutdown (ff61)", notification(6, 2, "ff61")],
    ["Cease/Hard Reset (Cease/Administrative Shutdown: bye)", notification(6, 9, "060203627965")],
    ["Cease/Hard Reset", notification(6, 9)],
    ["Cease/Hard Reset (0609060906)", notification(6, 9, "0609060906")],
    ["Cease/BFD Down", notification(6, 10)],
    [
      "Cease/Maximum Number of Prefixes Reached (00010100000064)",
      notification(6, 1, "00010100000064"),
    ],
    ["Cease/77", notification(6, 77)],
    ["OPEN Message Error/Bad Peer AS", notification(2, 2)],
    ["OPEN Message Error", notification(2, 0)],
    ["UPDATE Message Error/Invalid Network Field", notification(3, 10)],
    ["Hold Timer Expired", notification(4, 0)],
    ["Send Hold Timer Expired", notification(8, 0)],
    ["ROUTE-REFRESH Message Error/Invalid Message Length", notification(7, 1)],
    ["Finite State Machine Error/Unexpected Message in OpenSent (02)", notification(5, 1, "02")],
    ["Error 9/3 (0a0b)", notification(9, 3, "0a0b")],
    [`Error 9/3 (${"00".repeat(32)}…)`, notification(9, 3, "00".repeat(40))],
  ])("is %s", (text, message) => {
    expect(describeNotification(message)).toBe(text);
  });

  it("is there for any NOTIFICATION", () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.uint8Array(), (code, subcode, data) => {
        const text = describeNotification({ type: "notification", code, subcode, data });
        expect(text).toMatch(/^\P{Cc}+$/u);
      }),
    );
  });
});
