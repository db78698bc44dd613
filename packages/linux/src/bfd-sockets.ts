import { type BfdEchoOptions, type BfdEchoSocket, openBfdEcho } from "./bfd-echo.ts";
import { type BfdReceiver, type BfdReceiverOptions, openBfdReceiver } from "./bfd-receiver.ts";
import { type BfdSender, type BfdSenderOptions, openBfdSender } from "./bfd-sender.ts";
import type { LinkMonitor } from "./links.ts";

/** The sockets that BFD needs. */
export interface BfdSockets {
  openReceiver(options: BfdReceiverOptions): BfdReceiver;
  openSender(options: BfdSenderOptions): BfdSender;
  openEcho(options: BfdEchoOptions): BfdEchoSocket;
}

/** UDP and frames as `@ingot/bfd` wants them; the monitor is open as long as an echo socket is. */
export function bfdSockets(links: LinkMonitor): BfdSockets {
  return {
    openReceiver: openBfdReceiver,
    openSender: openBfdSender,
    openEcho: (options) => openBfdEcho({ ...options, links }),
  };
}
