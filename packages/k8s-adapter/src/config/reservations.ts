import { canonicalAddress } from "../address.ts";
import type { Reservation } from "../domain.ts";
import { valueText } from "./field.ts";

/** On an IPAddressPool: which addresses are whose, whether the Service is there or not. */
export const RESERVATIONS_ANNOTATION = "ingot.dev/reservations";

/** Reservations, or what is wrong with the text. */
export type ReadReservations =
  | { readonly ok: true; readonly list: readonly Reservation[] }
  | { readonly ok: false; readonly problem: string };

/** Reads `10.0.0.1=default/web,2001:db8::1=default/web`; blanks and line ends separate as well. */
export function readReservations(text: string): ReadReservations {
  const byAddress = new Map<string, string>();
  for (const entry of text.split(/[\s,]+/)) {
    if (entry === "") continue;
    const [, given = "", service = ""] = ENTRY.exec(entry) ?? [];
    const address = canonicalAddress(given);
    if (address === undefined) {
      return refuse(`must be ADDRESS=NAMESPACE/NAME entries, got ${valueText(entry)}`);
    }
    const other = byAddress.get(address);
    if (other !== undefined && other !== service) {
      return refuse(`must not reserve ${address} for both ${other} and ${service}`);
    }
    byAddress.set(address, service);
  }
  return { ok: true, list: Array.from(byAddress, ([address, service]) => ({ address, service })) };
}

/** The text of reservations, always the same for the same. */
export function reservationsText(list: readonly Reservation[]): string {
  return list
    .map(({ address, service }) => `${address}=${service}`)
    .sort()
    .join(",");
}

const ENTRY = /^([0-9A-Fa-f:.]+)=([^/=]+\/[^/=]+)$/;

function refuse(problem: string): ReadReservations {
  return { ok: false, problem };
}
