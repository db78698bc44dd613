/** Roles of a speaker towards a peer of another AS, by their number. @see RFC 9234 section 4.1 */
export const Role = {
  provider: 0,
  routeServer: 1,
  routeServerClient: 2,
  customer: 3,
  peer: 4,
} as const;

/** Whether a peer may have this role beside ours. @see RFC 9234 section 4.2 */
export function isCounterpart(ours: number, theirs: number): boolean {
  return COUNTERPARTS[ours] === theirs;
}

/**
 * Whether a route may be told to a peer towards which we have this role: one that is for customers
 * alone goes down, and never up or across. Without a role any may.
 *
 * @see RFC 9234 section 5, egress rule 2
 */
export function mayLeave(ours: number | undefined, onlyToCustomer: number | undefined): boolean {
  if (onlyToCustomer === undefined || ours === undefined) return true;
  return ours === Role.provider || ours === Role.routeServer;
}

/**
 * ONLY_TO_CUSTOMER as it leaves: our own AS number, where the route goes down or across and has none.
 *
 * @see RFC 9234 section 5, egress rule 1
 */
export function leavingOnlyToCustomer(
  ours: number | undefined,
  onlyToCustomer: number | undefined,
  localAsn: number,
): number | undefined {
  if (onlyToCustomer !== undefined || ours === undefined) return onlyToCustomer;
  const marks = ours === Role.provider || ours === Role.routeServer || ours === Role.peer;
  return marks ? localAsn : undefined;
}

/**
 * Whether a route that came from a peer has leaked: one for customers alone comes from a customer, or
 * from a peer which is not the one that marked it.
 *
 * @see RFC 9234 section 5, ingress rules 1 and 2
 */
export function isLeak(
  ours: number | undefined,
  onlyToCustomer: number | undefined,
  peerAsn: number,
): boolean {
  if (onlyToCustomer === undefined) return false;
  if (ours === Role.provider || ours === Role.routeServer) return true;
  return ours === Role.peer && onlyToCustomer !== peerAsn;
}

/**
 * ONLY_TO_CUSTOMER as a route has it from then on: the peer's AS number, where it came from above or
 * across without.
 *
 * @see RFC 9234 section 5, ingress rule 3
 */
export function arrivedOnlyToCustomer(
  ours: number | undefined,
  onlyToCustomer: number | undefined,
  peerAsn: number,
): number | undefined {
  if (onlyToCustomer !== undefined || ours === undefined) return onlyToCustomer;
  const marks = ours === Role.customer || ours === Role.routeServerClient || ours === Role.peer;
  return marks ? peerAsn : undefined;
}

/** Roles of a peer by ours: provider and customer, route server and its client, peer and peer. */
const COUNTERPARTS: Readonly<Record<number, number>> = {
  [Role.provider]: Role.customer,
  [Role.routeServer]: Role.routeServerClient,
  [Role.routeServerClient]: Role.routeServer,
  [Role.customer]: Role.provider,
  [Role.peer]: Role.peer,
};
