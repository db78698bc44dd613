import { readFileSync } from "node:fs";
import {
  AttributeType,
  acceptedAttributes,
  decodeAttributes,
  decodeUpdate,
  Framer,
  MessageType,
  type Nlri,
  type PathAttributes,
  prefixTexts,
  type RawAttribute,
  type UpdateContext,
  type UpdateVerdict,
  type UpdateView,
  validateUpdate,
} from "@ingot/bgp";
import type { StreamContents } from "./update-stream.ts";

// Decodes a stream again and again in a process of its own, and prints the figures as JSON:
//
//   node decode-program.js FILE TIER WARM-UPS RUNS

/**
 * How far to read: cut into messages; judge, and visit attributes and prefixes; make typed attributes
 * and visit prefixes; make text of the prefixes, too.
 */
export type Tier = "frame" | "validate" | "attributes" | "materialise";

/** What a decoder found, and how long each of its runs took. What it did not look at is 0. */
export interface DecodeFigures extends StreamContents {
  readonly runsMs: readonly number[];
}

const CONTEXT: UpdateContext = {
  internal: false,
  fourOctetAs: true,
  families: [
    { afi: 1, safi: 1 },
    { afi: 2, safi: 1 },
  ],
  extendedNextHop: [],
  addPath: [],
};
const [path = "", tier = "", warmUps = "", runs = ""] = process.argv.slice(2);
const stream = readFileSync(path);
const found = { messages: 0, announced: 0, withdrawn: 0, attributes: 0 };
/** The last ones, so that none is made for nothing. */
const kept: { attributes?: PathAttributes; prefixes?: readonly string[] } = {};
const runsMs: number[] = [];
for (let run = 0; run < Number(warmUps) + Number(runs); run += 1) {
  Object.assign(found, { messages: 0, announced: 0, withdrawn: 0, attributes: 0 });
  const start = performance.now();
  decode(readerOf(tier as Tier));
  if (run >= Number(warmUps)) runsMs.push(performance.now() - start);
}
if (tier === "materialise" && kept.prefixes === undefined) throw new Error("nothing was decoded");
const figures: DecodeFigures = { ...found, runsMs };
process.stdout.write(JSON.stringify(figures));

/** As from a socket: 64 KB at a time. */
function decode(read: (body: Uint8Array) => void): void {
  const framer = new Framer();
  for (let at = 0; at < stream.length; at += 65_536) {
    framer.push(stream.subarray(at, at + 65_536));
    for (let frame = framer.next(); frame !== undefined; frame = framer.next()) {
      if ("fault" in frame) throw new Error("the stream is torn");
      found.messages += 1;
      if (frame.type === MessageType.update) read(frame.body);
    }
  }
}

function readerOf(tier: Tier): (body: Uint8Array) => void {
  switch (tier) {
    case "frame":
      return () => {};
    case "validate":
      return visit;
    case "attributes":
      return (body) => materialise(body, countPrefixes);
    case "materialise":
      return (body) => materialise(body, makeTexts);
  }
}

function visit(body: Uint8Array): void {
  const { view } = judged(body);
  view.forEachAttribute(countAttribute);
  countPrefixes(view);
}

function materialise(body: Uint8Array, takePrefixes: (view: UpdateView) => void): void {
  const { view, verdict } = judged(body);
  const raw = acceptedAttributes(view, verdict);
  found.attributes += raw.length;
  const isReach = ({ type }: RawAttribute) => type === AttributeType.mpReachNlri;
  const prefixes = raw.some(isReach) ? "multiprotocol" : "classic";
  // A message that only withdraws has no route to describe.
  if (raw.length > 1) kept.attributes = decodeAttributes(raw, { fourOctetAs: true, prefixes });
  takePrefixes(view);
}

function countPrefixes({ announced, withdrawn, mpReach, mpUnreach }: UpdateView): void {
  found.announced += announced.count() + (mpReach?.nlri.count() ?? 0);
  found.withdrawn += withdrawn.count() + (mpUnreach?.count() ?? 0);
}

function makeTexts(view: UpdateView): void {
  const announced = texts(view.mpReach?.nlri ?? view.announced);
  const withdrawn = texts(view.mpUnreach ?? view.withdrawn);
  kept.prefixes = announced.length > 0 ? announced : withdrawn;
  found.announced += announced.length;
  found.withdrawn += withdrawn.length;
}

function judged(body: Uint8Array): { readonly view: UpdateView; readonly verdict: UpdateVerdict } {
  const view = decodeUpdate(body, CONTEXT);
  const verdict = validateUpdate(view, CONTEXT);
  if (verdict.action !== "accept") throw new Error(`a sound message was judged ${verdict.action}`);
  return { view, verdict };
}

function countAttribute(): void {
  found.attributes += 1;
}

function texts(nlri: Nlri): readonly string[] {
  return nlri.octets.length === 0 ? [] : prefixTexts(nlri);
}
