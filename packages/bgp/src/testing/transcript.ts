import { Framer } from "../framer.ts";
import { decodeNotification } from "../notification.ts";
import type { BgpConnection } from "../transport.ts";

const NAMES = ["", "OPEN", "UPDATE", "NOTIFICATION", "KEEPALIVE", "ROUTE-REFRESH"];

/** A message that somebody wrote. */
export interface Line {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  /** Its name; of a NOTIFICATION also its code and subcode: `NOTIFICATION 6/2`. */
  readonly message: string;
  readonly body: Uint8Array;
}

/** What was written on all connections of a network, message by message. */
export class Transcript {
  readonly lines: Line[] = [];

  /** @throws {Error} when what is written is not whole messages: a message was split. */
  record(at: number, { localAddress, remoteAddress }: BgpConnection, bytes: Uint8Array): void {
    const framer = new Framer();
    framer.maxLength = 65_535;
    framer.push(bytes);
    let seen = 0;
    for (let frame = framer.next(); frame !== undefined; frame = framer.next()) {
      if ("fault" in frame) throw new Error(`not a message: ${bytes}`);
      seen += frame.message.length;
      const body = frame.body.slice();
      const name = NAMES[frame.type] ?? "";
      const message = name === "NOTIFICATION" ? `${name} ${errorOf(body)}` : name;
      this.lines.push({ at, from: localAddress, to: remoteAddress, message, body });
    }
    if (seen !== bytes.length) throw new Error("a message was written in pieces");
  }

  /** The messages that one host sent, KEEPALIVEs left out. */
  sentBy(address: string): string[] {
    return this.lines
      .filter(({ from, message }) => from === address && message !== "KEEPALIVE")
      .map(({ message }) => message);
  }
}

function errorOf(body: Uint8Array): string {
  const notification = decodeNotification(body);
  return "fault" in notification ? "?" : `${notification.code}/${notification.subcode}`;
}
