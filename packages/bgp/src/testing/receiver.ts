import { formatAddress } from "../address.ts";
import { HEADER_LENGTH, MessageType } from "../constants.ts";
import type { Family, RawAttribute } from "../message.ts";
import { prefixTexts } from "../prefix.ts";
import { decodeRouteRefresh } from "../route-refresh.ts";
import { decodeUpdate, endOfRib, type UpdateContext } from "../update.ts";

/** What a peer would have in its table after the messages that it was given, read by the decoder. */
export class Receiver {
  /** By prefix: the attributes and the next hop, in text. */
  readonly table: Map<string, string> = new Map<string, string>();
  /** What happened, in words and in order. */
  readonly log: string[] = [];
  /** Of each message. */
  readonly lengths: number[] = [];
  /** Of the last UPDATE with routes. */
  attributes: readonly RawAttribute[] = [];
  readonly #context: UpdateContext;

  constructor(context: Partial<UpdateContext> = {}) {
    const ipv4 = { afi: 1, safi: 1 };
    const families = [ipv4, { afi: 2, safi: 1 }];
    const agreed = { internal: false, fourOctetAs: true, extendedNextHop: [ipv4], addPath: [] };
    this.#context = { ...agreed, families, ...context };
  }

  /** Takes whole messages. @throws {Error} when they are not. */
  receive(octets: Uint8Array): void {
    for (let at = 0; at < octets.length; ) {
      const length = ((octets[at + 16] ?? 0) << 8) | (octets[at + 17] ?? 0);
      if (length < HEADER_LENGTH || at + length > octets.length) {
        throw new Error(`a message of ${length} octets at ${at} of ${octets.length}`);
      }
      this.lengths.push(length);
      this.#message(octets[at + 18] ?? 0, octets.subarray(at + HEADER_LENGTH, at + length));
      at += length;
    }
  }

  #message(type: number, body: Uint8Array): void {
    if (type === MessageType.routeRefresh) {
      const message = decodeRouteRefresh(body);
      if ("subtype" in message) this.log.push(`refresh ${nameOf(message)} ${message.subtype}`);
      return;
    }
    if (type !== MessageType.update) throw new Error(`a message of type ${type}`);
    const update = decodeUpdate(body, this.#context);
    if (!update.lengthsFit) throw new Error("the lengths of an UPDATE do not fit");
    const ended = endOfRib(update);
    if (ended !== undefined) {
      this.log.push(`end of ${nameOf(ended)}`);
      return;
    }
    const { withdrawn, mpUnreach, announced, mpReach, attributes } = update;
    for (const nlri of [withdrawn, mpUnreach]) {
      for (const prefix of nlri ? prefixTexts(nlri) : []) {
        if (!this.table.delete(prefix)) throw new Error(`${prefix} withdrawn but never announced`);
        this.log.push(`- ${prefix}`);
      }
    }
    const gateway = mpReach ? textOf(mpReach.nextHop) : textOf(update.find(3)?.value);
    const plain = attributes.filter(({ type: code }) => code !== 14 && code !== 15 && code !== 3);
    const text = plain.map(({ type: code, value }) => `${code}=${value}`).join(" ");
    for (const nlri of [announced, mpReach?.nlri]) {
      for (const prefix of nlri ? prefixTexts(nlri) : []) {
        this.attributes = attributes;
        this.table.set(prefix, `${gateway} ${text}`);
        this.log.push(`+ ${prefix}`);
      }
    }
  }
}

function nameOf({ afi }: Family): string {
  return afi === 1 ? "ipv4" : "ipv6";
}

function textOf(nextHop: Uint8Array | undefined): string {
  if (nextHop === undefined) return "none";
  if (nextHop.length !== 32) return formatAddress(nextHop);
  return `${formatAddress(nextHop.subarray(0, 16))}+${formatAddress(nextHop.subarray(16))}`;
}
