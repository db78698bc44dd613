import { join } from "./corpus.ts";

/** A number in [0, 1). */
export type Random = () => number;

/** A whole number below a limit. */
export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** One of several. */
export function pick<T>(random: Random, from: readonly T[]): T {
  const picked = from[below(random, from.length)];
  if (picked === undefined) throw new RangeError("from must not be empty");
  return picked;
}

/**
 * A message of the corpus, changed in one to six places. Mostly its length is put right again, so that
 * what is behind the header is reached.
 */
export function mutate(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  let octets: Uint8Array = pick(random, corpus).slice();
  for (let left = below(random, 6); left >= 0; left--) {
    octets = pick(random, MUTATIONS)(octets, random, corpus);
  }
  if (octets.length >= 19 && random() < 0.9) {
    octets.fill(0xff, 0, 16);
    octets[16] = octets.length >>> 8;
    octets[17] = octets.length;
  }
  return octets;
}

type Mutation = (octets: Uint8Array, random: Random, corpus: readonly Uint8Array[]) => Uint8Array;

/** Values at which comparisons turn. */
const EDGES = [0, 1, 2, 3, 4, 8, 16, 24, 31, 32, 33, 64, 127, 128, 129, 253, 254, 255];

const MUTATIONS: readonly Mutation[] = [
  function flipBit(octets, random) {
    const at = below(random, octets.length);
    octets[at] = (octets[at] ?? 0) ^ (1 << below(random, 8));
    return octets;
  },
  function setOctet(octets, random) {
    octets[below(random, octets.length)] = pick(random, EDGES);
    return octets;
  },
  function setAny(octets, random) {
    octets[below(random, octets.length)] = below(random, 256);
    return octets;
  },
  function nudge(octets, random) {
    const at = below(random, octets.length);
    octets[at] = (octets[at] ?? 0) + (random() < 0.5 ? 1 : -1);
    return octets;
  },
  function cut(octets, random) {
    return octets.slice(0, below(random, octets.length + 1));
  },
  function remove(octets, random) {
    const at = below(random, octets.length + 1);
    return join([octets.subarray(0, at), octets.subarray(at + 1 + below(random, 8))]);
  },
  function repeat(octets, random) {
    const from = below(random, octets.length + 1);
    const to = Math.min(octets.length, from + below(random, 40));
    return join([octets.subarray(0, to), octets.subarray(from)]);
  },
  function splice(octets, random, corpus) {
    const other = pick(random, corpus);
    const tail = other.subarray(below(random, other.length + 1));
    return join([octets.subarray(0, below(random, octets.length + 1)), tail]).slice(0, 65_535);
  },
];
