import { deepStrictEqual, ok } from "node:assert";
import { decodeAttributes } from "../src/decode-attributes.ts";
import { Framer } from "../src/framer.ts";
import type { OpenMessage } from "../src/message.ts";
import type { Nlri } from "../src/nlri.ts";
import {
  decodeNotification,
  describeNotification,
  encodeNotification,
} from "../src/notification.ts";
import { decodeOpen, encodeOpen } from "../src/open.ts";
import { prefixTexts } from "../src/prefix.ts";
import { decodeRouteRefresh, encodeRouteRefresh } from "../src/route-refresh.ts";
import { decodeUpdate, encodeUpdate, endOfRib, type UpdateContext } from "../src/update.ts";
import { validateOpen } from "../src/validate-open.ts";
import { acceptedAttributes, validateUpdate } from "../src/validate-update.ts";
import { join } from "./corpus.ts";

/** A stream, how it was split, and the session that reads it. */
export interface Input {
  readonly stream: Uint8Array;
  readonly splits: readonly number[];
  readonly maxLength: number;
  readonly context: UpdateContext;
}

/** Reads a stream in every way. @throws {Error} when the codec does what it must not. */
export function check(input: Input): void {
  const whole = read(input, []);
  deepStrictEqual(read(input, input.splits), whole, "the split changed what was read");
}

/** What the stream holds, in a form that compares. */
function read({ stream, maxLength, context }: Input, splits: readonly number[]): unknown[] {
  const framer = new Framer();
  framer.maxLength = maxLength;
  const seen: unknown[] = [];
  for (const [i, start] of [0, ...splits].entries()) {
    framer.push(stream.subarray(start, splits[i] ?? stream.length));
    for (let next = framer.next(); next !== undefined; next = framer.next()) {
      if ("fault" in next) {
        seen.push(next);
        continue;
      }
      ok(next.message.length <= maxLength, "longer than the limit");
      seen.push(readBody(next.type, next.body, context));
    }
  }
  return seen;
}

function readBody(type: number, body: Uint8Array, context: UpdateContext): unknown {
  switch (type) {
    case 1:
      return readOpen(body);
    case 2:
      return readUpdate(body, context);
    case 3: {
      const decoded = decodeNotification(body);
      ok(!("fault" in decoded), "the framer lets no shorter one pass");
      deepStrictEqual(encodeNotification(decoded).slice(19), body.slice());
      return describeNotification(decoded);
    }
    case 5: {
      const decoded = decodeRouteRefresh(body);
      if ("fault" in decoded) return decoded;
      deepStrictEqual(encodeRouteRefresh(decoded).slice(19), body.slice(0, 4));
      return decoded;
    }
    default:
      return type;
  }
}

function readOpen(body: Uint8Array): unknown {
  const decoded = decodeOpen(body);
  if ("fault" in decoded) return decoded;
  checkOpenAgain(decoded);
  const expected = { asn: 0, localAsn: 65_001, localRouterId: "192.0.2.1", role: 0 };
  return [decoded, validateOpen(decoded, expected)];
}

/** Of another version only the fixed part is read, and parameters may need more room than they had. */
function checkOpenAgain(open: OpenMessage): void {
  if (open.version !== 4) return;
  let message: Uint8Array;
  try {
    message = encodeOpen(open);
  } catch (error) {
    if (error instanceof RangeError && error.message.startsWith("capabilities must fit")) return;
    throw error;
  }
  deepStrictEqual(decodeOpen(message.subarray(19)), open);
}

function readUpdate(body: Uint8Array, context: UpdateContext): unknown {
  const view = decodeUpdate(body, context);
  const verdict = validateUpdate(view, context);
  const { action } = verdict;
  if (verdict.action === "reset") ok(verdict.notification.data.length <= 4075);
  for (const { offset } of verdict.findings) ok(offset >= 0 && offset <= body.length);
  const attributes = acceptedAttributes(view, verdict);
  const { fourOctetAs } = context;
  const typed = (["classic", "multiprotocol"] as const).map((prefixes) =>
    decodeAttributes(attributes, { fourOctetAs, prefixes }),
  );
  const fields = [view.withdrawn, view.announced, view.mpReach?.nlri, view.mpUnreach];
  const prefixes = fields.map((nlri) => nlri && readNlri(nlri, action !== "reset"));
  if (action === "accept") {
    const block = body.slice(view.attributesStart, view.attributesEnd);
    const parts = {
      withdrawn: body.slice(2, view.withdrawnEnd),
      attributes: block,
      announced: body.slice(view.attributesEnd),
    };
    deepStrictEqual(encodeUpdate(parts).slice(19), body.slice());
    const raw = view.attributes.map(({ type, flags, value }) => {
      const extended = (flags & 0x10) !== 0;
      const length = extended ? [value.length >>> 8, value.length] : [value.length];
      return join([Uint8Array.of(flags, type, ...length), value]);
    });
    deepStrictEqual(join(raw), block, "an attribute did not survive");
  }
  return [action, verdict.findings, typed, prefixes, endOfRib(view)];
}

/** Visits every prefix; of a sound field there must be nothing left over. */
function readNlri(nlri: Nlri, sound: boolean): string[] {
  let end = 0;
  nlri.forEach((lengthBits, offset) => {
    end = offset + ((lengthBits + 7) >>> 3);
    ok(end <= nlri.octets.length, "a prefix past the end");
  });
  if (sound) ok(end === nlri.octets.length, "octets after the last prefix");
  return prefixTexts(nlri);
}
