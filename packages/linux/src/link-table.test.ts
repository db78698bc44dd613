import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LinkTable, type LinkTableOutput } from "./link-table.ts";
import type { Link, LinkAddress, NetlinkMessage } from "./netlink.ts";

const link = (index: number, change: Partial<Link> = {}): Link => ({
  index,
  name: `eth${index}`,
  mac: Uint8Array.of(2, 0, 0, 0, 0, index),
  up: true,
  running: true,
  loopback: false,
  broadcast: true,
  noArp: false,
  masterIndex: 0,
  kind: "",
  mtu: 1500,
  ...change,
});

const address = (index: number, change: Partial<LinkAddress> = {}): LinkAddress => ({
  index,
  family: 4,
  address: `192.0.2.${index}`,
  prefixLength: 24,
  scope: 0,
  tentative: false,
  ...change,
});

const header = { sequence: 0, multipart: false, interrupted: false };
const newsOf = (l: Link) => ({ type: "link", gone: false, link: l }) as const;
const news = (l: Link): NetlinkMessage => ({ ...header, ...newsOf(l) });
const goneNews = (l: Link): NetlinkMessage => ({ ...header, type: "link", gone: true, link: l });
const addressNews = (a: LinkAddress, gone = false): NetlinkMessage => ({
  ...header,
  type: "address",
  gone,
  address: a,
});
const part = (sequence: number, message: NetlinkMessage): NetlinkMessage => ({
  ...message,
  sequence,
  multipart: true,
});
const end = (sequence: number, errno = 0, interrupted = false): NetlinkMessage => ({
  sequence,
  multipart: true,
  interrupted,
  type: "end",
  errno,
});

/** A table that has been told everything by dumps 1 and 2. */
function synced(links: readonly Link[], addresses: readonly LinkAddress[] = []): LinkTable {
  const table = new LinkTable();
  table.sync();
  for (const l of links) table.handle(part(1, news(l)));
  table.handle(end(1));
  for (const a of addresses) table.handle(part(2, addressNews(a)));
  expect(table.handle(end(2))).toEqual([{ type: "synced" }]);
  return table;
}

describe("link table", () => {
  it("lists links, then addresses, one dump at a time", () => {
    const table = new LinkTable();
    expect(table.sync()).toEqual([{ type: "dump", of: "links", sequence: 1 }]);
    expect(table.handle(part(1, news(link(2))))).toEqual([{ type: "link", link: link(2) }]);
    expect(table.handle(end(1))).toEqual([{ type: "dump", of: "addresses", sequence: 2 }]);
    expect(table.handle(part(2, addressNews(address(2))))).toEqual([
      { type: "address", address: address(2) },
    ]);
    expect(table.handle(end(2))).toEqual([{ type: "synced" }]);
    expect([...table.links.values()]).toEqual([link(2)]);
    expect(table.addresses).toEqual([address(2)]);
  });

  it("tells of what changed, and not of what was said again", () => {
    const table = synced([link(2)], [address(2)]);
    expect(table.handle(news(link(2)))).toEqual([]);
    expect(table.handle(addressNews(address(2)))).toEqual([]);
    const down = link(2, { up: false });
    expect(table.handle(news(down))).toEqual([{ type: "link", link: down }]);
    const tentative = address(2, { tentative: true });
    expect(table.handle(addressNews(tentative))).toEqual([{ type: "address", address: tentative }]);
  });

  it("passes on that neighbours are to be told anew, with what changed or without", () => {
    const table = synced([link(2)]);
    const asked = (l: Link): NetlinkMessage => ({ ...header, ...newsOf(l), notifyPeers: true });
    expect(table.handle(asked(link(2)))).toEqual([{ type: "notifyPeers", link: link(2) }]);
    const other = link(2, { mtu: 9000 });
    expect(table.handle(asked(other)).map(({ type }) => type)).toEqual(["link", "notifyPeers"]);
    expect(table.handle({ ...asked(other), gone: true } as NetlinkMessage)).toEqual([
      { type: "linkGone", link: other },
    ]);
  });

  it("takes the addresses of a link away with it, and first", () => {
    const table = synced([link(2), link(3)], [address(2), address(3)]);
    expect(table.handle(goneNews(link(2, { up: false })))).toEqual([
      { type: "addressGone", address: address(2) },
      { type: "linkGone", link: link(2) },
    ]);
    expect(table.handle(addressNews(address(2), true))).toEqual([]);
    expect(table.handle(goneNews(link(2)))).toEqual([]);
    expect(table.addresses).toEqual([address(3)]);
  });

  it("keeps one address apart by link and by prefix length", () => {
    const alike = [address(2), address(2, { prefixLength: 32 }), address(2, { index: 3 })];
    const table = synced([link(2), link(3)], alike);
    table.handle(addressNews(address(2), true));
    expect(table.addresses).toEqual(alike.slice(1));
  });

  it("tells what went missing unheard", () => {
    const table = synced([link(2), link(3)], [address(2), address(3)]);
    expect(table.sync()).toEqual([{ type: "dump", of: "links", sequence: 3 }]);
    table.handle(part(3, news(link(3))));
    expect(table.handle(end(3))).toEqual([
      { type: "addressGone", address: address(2) },
      { type: "linkGone", link: link(2) },
      { type: "dump", of: "addresses", sequence: 4 },
    ]);
    expect(table.handle(end(4))).toEqual([
      { type: "addressGone", address: address(3) },
      { type: "synced" },
    ]);
  });

  it("believes a notification against the rest of a dump", () => {
    const table = new LinkTable();
    table.sync();
    table.handle(goneNews(link(2)));
    table.handle(news(link(3, { up: false })));
    table.handle(news(link(4)));
    expect(table.handle(part(1, news(link(2))))).toEqual([]);
    expect(table.handle(part(1, news(link(3))))).toEqual([]);
    table.handle(end(1));
    expect([...table.links.values()]).toEqual([link(3, { up: false }), link(4)]);
  });

  it.each([
    ["its end", [part(1, news(link(2))), end(1, 0, true)]],
    ["a part", [{ ...part(1, news(link(2))), interrupted: true }, end(1)]],
  ])("dumps again when %s says that it was interrupted", (_, messages) => {
    const table = new LinkTable();
    table.sync();
    expect(messages.flatMap((message) => table.handle(message))).toEqual([
      { type: "link", link: link(2) },
      { type: "dump", of: "links", sequence: 2 },
    ]);
    expect(table.handle(end(2))).toMatchObject([{ type: "linkGone" }, { of: "addresses" }]);
  });

  it("gives a refused dump up", () => {
    const table = new LinkTable();
    table.sync();
    expect(table.handle(end(1, 16))).toEqual([{ type: "failed", errno: 16 }]);
    expect(table.handle(end(1))).toEqual([]);
  });

  it("ignores answers that are not for it", () => {
    const table = synced([link(2)]);
    expect(table.handle(part(1, news(link(9))))).toEqual([]);
    expect(table.handle(end(2))).toEqual([]);
    table.sync();
    expect(table.handle(end(77, 16))).toEqual([]);
  });

  it("ends with what there is, however notifications fall between the parts of the dumps", () => {
    const step = fc.record({
      index: fc.integer({ min: 1, max: 4 }),
      gone: fc.boolean(),
      up: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(step),
        fc.infiniteStream(fc.nat(3)),
        fc.nat(2),
        (steps, choices, losses) => {
          const kernel = new Kernel();
          const told = new Map<number, Link>();
          const table = new LinkTable();
          const carryOut = (outputs: readonly LinkTableOutput[]) => {
            for (const output of outputs) {
              if (output.type === "dump") kernel.dump(output.of, output.sequence);
              else if (output.type === "link") told.set(output.link.index, output.link);
              else if (output.type === "linkGone") told.delete(output.link.index);
            }
          };
          const drain = (most: number) => {
            for (let i = 0; i < most; i += 1) {
              const message = kernel.queue.shift();
              if (message === undefined) return;
              carryOut(table.handle(message));
            }
          };
          carryOut(table.sync());
          for (const [i, { index, gone, up }] of steps.entries()) {
            if (gone) kernel.remove(index);
            else kernel.put(link(index, { up }));
            if (i < losses) {
              kernel.queue.length = 0;
              carryOut(table.sync());
            }
            drain(choices.next().value ?? 0);
            if ((choices.next().value ?? 0) === 0) kernel.fill();
          }
          while (kernel.busy) {
            kernel.fill();
            drain(1);
          }
          expect(new Map(table.links)).toEqual(kernel.links);
          expect(told).toEqual(kernel.links);
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** Answers dumps part by part, while its links come and go between reading a part and sending it. */
class Kernel {
  readonly links = new Map<number, Link>();
  readonly queue: NetlinkMessage[] = [];
  #dump: { sequence: number; next: number; read: NetlinkMessage | undefined } | undefined;

  get busy(): boolean {
    return this.#dump !== undefined || this.queue.length > 0;
  }

  put(l: Link): void {
    this.links.set(l.index, l);
    this.queue.push(news(l));
  }

  remove(index: number): void {
    if (this.links.delete(index)) this.queue.push(goneNews(link(index)));
  }

  dump(of: string, sequence: number): void {
    this.#dump = { sequence, next: of === "links" ? 1 : 5, read: undefined };
  }

  /** Sends the part that was read before, and reads the next: links by index, then the end. */
  fill(): void {
    const dump = this.#dump;
    if (dump === undefined) return;
    if (dump.read !== undefined) this.queue.push(dump.read);
    if (dump.read?.type === "end") {
      this.#dump = undefined;
      return;
    }
    while (dump.next <= 4 && !this.links.has(dump.next)) dump.next += 1;
    const listed = this.links.get(dump.next);
    dump.read = listed === undefined ? end(dump.sequence) : part(dump.sequence, news(listed));
    dump.next += 1;
  }
}
