import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KubeError } from "./kube-error.ts";
import type { KubeObject, WatchEvent } from "./objects.ts";
import {
  type ReflectorInput,
  ReflectorMachine,
  type ReflectorOutput,
} from "./reflector-machine.ts";

const object = (name: string, version: number): KubeObject => ({
  metadata: { name, resourceVersion: `${version}` },
});
const put = (name: string, version: number): ReflectorInput => ({
  type: "event",
  event: { type: "put", object: object(name, version) },
});
const remove = (name: string, version: number): ReflectorInput => ({
  type: "event",
  event: { type: "delete", object: object(name, version) },
});
const bookmark = (version: number, initialEventsEnd = false): ReflectorInput => ({
  type: "event",
  event: { type: "bookmark", resourceVersion: `${version}`, initialEventsEnd },
});
const page = (version: number, next: string, ...objects: KubeObject[]): ReflectorInput => ({
  type: "page",
  page: { resourceVersion: `${version}`, next, objects },
});
const failed = (status: number, reason = "Test", retryAfterMs = 0): ReflectorInput => ({
  type: "failed",
  error: new KubeError(`${status} ${reason}`, { status, reason, retryAfterMs }),
});
const start: ReflectorInput = { type: "start" };
const opened: ReflectorInput = { type: "opened" };
const ended: ReflectorInput = { type: "ended" };
const tick: ReflectorInput = { type: "tick" };
const refresh: ReflectorInput = { type: "refresh" };

/** A machine at time 0 that keeps the versions of objects whose names do not begin with `_`. */
function machine() {
  const made = new ReflectorMachine<string>({
    project: ({ metadata }) =>
      metadata.name.startsWith("_") ? undefined : metadata.resourceVersion,
    random: () => 0,
  });
  const feed = (now: number, ...inputs: ReflectorInput[]) =>
    inputs.flatMap((input) => made.handle(input, now)).map(short);
  return { made, feed };
}

function short(output: ReflectorOutput<string>): string {
  switch (output.type) {
    case "list":
      return `list ${output.limit} ${output.next}`.trim();
    case "watch":
      return output.resourceVersion === undefined ? "stream" : `watch ${output.resourceVersion}`;
    case "stop":
    case "refreshed":
      return output.type;
    case "tell": {
      const { event } = output;
      if (event.type === "put") return `put ${event.key} ${event.value}`;
      if (event.type === "delete") return `delete ${event.key}`;
      return event.type === "disconnected" ? `disconnected ${event.error.message}` : event.type;
    }
  }
}

/** Told a and b, watching from 10 since time 0. */
function watching() {
  const made = machine();
  made.feed(0, start, opened, put("b", 4), put("a", 3), bookmark(10, true));
  return made;
}

/** Refused as a stream, listing. */
function listing() {
  const made = machine();
  made.feed(0, start, failed(422));
  return made;
}

describe("reflector machine", () => {
  it("streams what exists, then watches on the same connection", () => {
    const { feed } = machine();
    expect(feed(0, start)).toEqual(["stream"]);
    expect(feed(0, opened, put("b", 4), put("a", 3))).toEqual(["put b 4", "put a 3"]);
    expect(feed(0, bookmark(10, true))).toEqual(["synced", "connected"]);
    expect(feed(0, put("c", 11), remove("a", 12))).toEqual(["put c 11", "delete a"]);
  });

  it("lists page by page, then watches, when the server does not stream", () => {
    const { feed } = machine();
    expect(feed(0, start, failed(422))).toEqual(["stream", "list 500"]);
    expect(feed(0, page(9, "more", object("a", 3)))).toEqual(["put a 3", "list 500 more"]);
    expect(feed(0, page(9, "", object("b", 4)))).toEqual(["put b 4", "synced", "watch 9"]);
    expect(feed(0, opened)).toEqual(["connected"]);
    expect(feed(0, put("c", 11))).toEqual(["put c 11"]);
  });

  it("asks for everything once more for a refresh, and tells the differences alone", () => {
    const { feed } = watching();
    expect(feed(0, refresh)).toEqual(["stop", "stream"]);
    expect(feed(0, opened, put("b", 4), put("c", 11))).toEqual(["put c 11"]);
    expect(feed(0, bookmark(12, true))).toEqual(["delete a", "refreshed"]);
    expect(feed(0, put("c", 13), bookmark(14, true))).toEqual(["put c 13"]);
  });

  it("begins again when it is asked to refresh in the middle of a list", () => {
    const { feed } = listing();
    feed(0, page(9, "more", object("a", 3)));
    expect(feed(0, refresh)).toEqual(["stop", "list 500"]);
    expect(feed(0, page(10, "", object("a", 3)))).toEqual(["synced", "refreshed", "watch 10"]);
  });

  it("does not wait for a refresh, and has nothing to do before its start", () => {
    const { feed } = watching();
    expect(feed(0, failed(500))).toEqual(["disconnected 500 Test"]);
    expect(feed(1, refresh)).toEqual(["stream"]);
    expect(machine().feed(0, refresh, start)).toEqual(["stream"]);
  });

  it.each([
    ["refused it while it was open", [opened, failed(400)], ["list 500"]],
    ["took it for a plain watch", [opened, put("a", 3), ended], ["put a 3"]],
    [
      "fell silent before the end of what exists",
      [opened, failed(0, "Timeout")],
      ["disconnected 0 Timeout"],
    ],
  ])("does not ask for a stream again when the server %s", (_, inputs, wanted) => {
    const { made, feed } = machine();
    feed(0, start);
    expect(feed(0, ...inputs)).toEqual(wanted);
    if (made.deadline < 1e9) expect(feed(made.deadline, tick)).toEqual(["list 500"]);
  });

  it.each([[0], [401], [403], [404], [429], [500], [503]])(
    "asks for a stream again after a failure that says nothing about streams (%d)",
    (status) => {
      const { made, feed } = machine();
      feed(0, start);
      expect(feed(0, failed(status))).toEqual([`disconnected ${status} Test`]);
      expect(feed(made.deadline, tick)).toEqual(["stream"]);
    },
  );

  it("takes nothing back when a stream of what exists breaks half-way", () => {
    const { made, feed } = watching();
    feed(0, failed(0, "Malformed"));
    expect(feed(made.deadline, tick)).toEqual(["stream"]);
    expect(feed(made.deadline, opened, put("a", 3), failed(0))).toEqual(["disconnected 0 Test"]);
    feed(made.deadline, tick);
    expect(feed(9_000, opened, put("a", 3), bookmark(20, true))).toEqual(["delete b", "connected"]);
  });

  it("tells of a new list the differences alone", () => {
    const { made, feed } = listing();
    feed(0, page(9, "", object("a", 3), object("b", 4), object("c", 5)), opened);
    expect(feed(6_000, failed(410))).toEqual(["list 500"]);
    const fresh = [object("a", 3), object("b", 8), object("_c", 9)];
    expect(feed(6_000, page(20, "", ...fresh))).toEqual(["put b 8", "delete c", "watch 20"]);
    expect(made.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("takes back what is of no interest any more", () => {
    const project = (o: KubeObject) => (o.metadata.resourceVersion === "11" ? undefined : "kept");
    const made = new ReflectorMachine<string>({ project, random: () => 0 });
    const inputs = [start, opened, put("a", 3), bookmark(10, true), put("a", 11), put("a", 12)];
    expect(inputs.flatMap((input) => made.handle(input, 0)).map(short)).toEqual([
      "stream",
      "put a kept",
      "synced",
      "connected",
      "delete a",
      "put a kept",
    ]);
  });

  it("drops what was told already, and what comes late", () => {
    const { feed } = watching();
    expect(feed(0, put("c", 11), put("c", 11), put("a", 9), remove("c", 10))).toEqual(["put c 11"]);
    expect(feed(0, remove("c", 12), put("c", 11), remove("c", 12))).toEqual(["delete c"]);
    expect(feed(0, bookmark(30), bookmark(20), put("d", 25), put("d", 31))).toEqual(["put d 31"]);
  });

  it.each([
    ["failed", failed(0, "ECONNRESET"), ["disconnected 0 ECONNRESET"]],
    ["failed with 500", failed(500), ["disconnected 500 Test"]],
    ["ended soon after it began", ended, []],
  ])("resumes from the last version after a wait when the watch %s", (_, input, wanted) => {
    const { made, feed } = watching();
    feed(0, put("c", 15), bookmark(17));
    expect(feed(100, input)).toEqual(wanted);
    expect(made.deadline).toBe(225);
    expect(feed(224, tick)).toEqual([]);
    expect(feed(225, tick)).toEqual(["watch 17"]);
    expect(feed(230, opened)).toEqual(wanted.length > 0 ? ["connected"] : []);
  });

  it("resumes at once when a watch ended in order after a while", () => {
    expect(watching().feed(300_000, ended)).toEqual(["watch 10"]);
  });

  it("asks for everything at once, and says no word, when its version is too old", () => {
    expect(watching().feed(300_000, failed(410))).toEqual(["stream"]);
    expect(watching().feed(0, failed(410))).toEqual(["stream"]);
    const expired: WatchEvent = {
      type: "error",
      error: new KubeError("too old", { status: 410, reason: "Expired" }),
    };
    expect(watching().feed(300_000, { type: "event", event: expired })).toEqual(["stop", "stream"]);
  });

  it.each([
    ["Malformed", 0],
    ["NotFound", 404],
    ["BadRequest", 400],
  ])("asks for everything after %s", (reason, status) => {
    const { made, feed } = watching();
    feed(0, failed(status, reason));
    expect(feed(made.deadline, tick)).toEqual(["stream"]);
  });

  it("waits when what it got is too old once more, unless it was good for a while", () => {
    const { made, feed } = watching();
    expect(feed(0, failed(410))).toEqual(["stream"]);
    feed(0, opened, bookmark(20, true));
    expect(feed(0, failed(410))).toEqual([]);
    const later = made.deadline;
    expect(feed(later, tick)).toEqual(["stream"]);
    feed(later, opened, bookmark(30, true));
    expect(feed(later + 5_000, failed(410))).toEqual(["stream"]);
  });

  it("asks for everything when a resumed watch says nothing at all, not even a bookmark", () => {
    const { made, feed } = watching();
    expect(feed(100_000, failed(0, "Timeout"))).toEqual(["disconnected 0 Timeout"]);
    expect(feed(made.deadline, tick, opened)).toEqual(["watch 10", "connected"]);
    feed(300_000, failed(0, "Timeout"));
    expect(feed(made.deadline, tick)).toEqual(["stream"]);
  });

  it("gives up paging while a list cannot be finished in pages", () => {
    const { made, feed } = listing();
    expect(feed(0, page(9, "more", object("a", 3)), failed(410)).at(-1)).toBe("list 0");
    feed(1_000, page(30, "", object("a", 3)), opened, failed(404));
    expect(feed(made.deadline, tick)).toEqual(["list 500"]);
  });

  it("waits longer from failure to failure, and as long as the server asks", () => {
    const { made, feed } = watching();
    let now = 0;
    const waits = [0, 0, 0, 7_000, 0].map((retryAfterMs) => {
      feed(now, failed(503, "Test", retryAfterMs));
      const waitMs = made.deadline - now;
      now = made.deadline;
      feed(now, tick, opened);
      return waitMs;
    });
    expect(waits).toEqual([125, 250, 500, 7_000, 2_000]);
    feed(now + 5_000, failed(503));
    expect(made.deadline - now - 5_000).toBe(125);
  });

  it("tells trouble once, and again when it is another", () => {
    const { made, feed } = watching();
    const told = [failed(0, "A"), failed(0, "A"), failed(0, "B")].flatMap((input) => {
      const outputs = feed(made.deadline < 1e9 ? made.deadline : 0, input);
      feed(made.deadline, tick);
      return outputs;
    });
    expect(told).toEqual(["disconnected 0 A", "disconnected 0 B"]);
  });

  it("asks for watches of five to ten minutes", () => {
    const ask = (chance: number) =>
      new ReflectorMachine({ project: () => "", random: () => chance }).handle(start, 0);
    expect(ask(0)).toMatchObject([{ timeoutSeconds: 300 }]);
    expect(ask(0.999_999)).toMatchObject([{ timeoutSeconds: 599 }]);
  });

  const version = fc.nat(30);
  const name = fc.constantFrom("a", "b", "_c");
  const anyInput: fc.Arbitrary<ReflectorInput> = fc.oneof(
    fc.constantFrom(start, opened, ended, tick),
    fc.tuple(name, version).map(([n, v]) => put(n, v)),
    fc.tuple(name, version).map(([n, v]) => remove(n, v)),
    fc.tuple(version, fc.boolean()).map(([v, end]) => bookmark(v, end)),
    fc
      .tuple(version, fc.constantFrom("", "more"), name)
      .map(([v, n, o]) => page(v, n, object(o, v))),
    fc.constantFrom(0, 400, 401, 403, 404, 410, 422, 429, 500).map((status) => failed(status)),
    fc.constantFrom("Timeout", "Malformed").map((reason) => failed(0, reason)),
  );

  it("never throws, and never stands still, whatever comes in whatever order", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyInput, fc.nat(10_000))), (steps) => {
        const { made } = machine();
        let now = 0;
        let underWay = false;
        for (const [input, later] of [[start, 0] as const, ...steps]) {
          now += later;
          const outputs = made.handle(input, now);
          const asks = outputs.filter(({ type }) => type === "list" || type === "watch").length;
          expect(asks).toBeLessThanOrEqual(1);
          if (made.deadline !== Number.POSITIVE_INFINITY) underWay = false;
          else if (asks > 0) underWay = true;
          expect(underWay).toBe(made.deadline === Number.POSITIVE_INFINITY);
        }
      }),
    );
  });
});
