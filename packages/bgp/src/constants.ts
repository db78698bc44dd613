/** Message types of the BGP header. @see RFC 4271 section 4.1, RFC 2918 */
export const MessageType = {
  open: 1,
  update: 2,
  notification: 3,
  keepalive: 4,
  routeRefresh: 5,
} as const;
/** One of {@link MessageType}. */
export type MessageType = (typeof MessageType)[keyof typeof MessageType];

/** Address family identifiers that this package encodes itself. @see IANA "Address Family Numbers" */
export const Afi = { ipv4: 1, ipv6: 2 } as const;
/** Subsequent address family identifiers that this package encodes itself. @see RFC 4760 section 6 */
export const Safi = { unicast: 1 } as const;

/** Capability codes. @see IANA "Capability Codes" */
export const CapabilityCode = {
  multiprotocol: 1,
  routeRefresh: 2,
  extendedNextHop: 5,
  extendedMessage: 6,
  role: 9,
  gracefulRestart: 64,
  fourOctetAs: 65,
  addPath: 69,
  enhancedRouteRefresh: 70,
  longLivedGracefulRestart: 71,
  linkLocalNextHop: 77,
} as const;

/** Path attribute types. @see IANA "BGP Path Attributes" */
export const AttributeType = {
  origin: 1,
  asPath: 2,
  nextHop: 3,
  multiExitDisc: 4,
  localPref: 5,
  atomicAggregate: 6,
  aggregator: 7,
  communities: 8,
  originatorId: 9,
  clusterList: 10,
  mpReachNlri: 14,
  mpUnreachNlri: 15,
  extendedCommunities: 16,
  as4Path: 17,
  as4Aggregator: 18,
  ipv6ExtendedCommunities: 25,
  largeCommunities: 32,
  onlyToCustomer: 35,
} as const;

/** Bits of an attribute's flags octet. @see RFC 4271 section 4.3 */
export const AttributeFlag = {
  optional: 0x80,
  transitive: 0x40,
  partial: 0x20,
  extendedLength: 0x10,
} as const;

/** NOTIFICATION error codes. @see RFC 4271 section 4.5, RFC 7313, RFC 9687 */
export const ErrorCode = {
  header: 1,
  open: 2,
  update: 3,
  holdTimerExpired: 4,
  fsm: 5,
  cease: 6,
  routeRefresh: 7,
  sendHoldTimerExpired: 8,
} as const;

/** Subcodes of a message header error. @see RFC 4271 section 6.1 */
export const HeaderError = { marker: 1, length: 2, type: 3 } as const;

/** Subcodes of an OPEN error. @see RFC 4271 section 6.2, RFC 5492, RFC 9234 */
export const OpenError = {
  version: 1,
  peerAs: 2,
  bgpIdentifier: 3,
  optionalParameter: 4,
  holdTime: 6,
  capability: 7,
  roleMismatch: 11,
} as const;

/** Subcodes of an UPDATE error. @see RFC 4271 section 6.3 */
export const UpdateError = {
  attributeList: 1,
  unrecognizedWellKnown: 2,
  missingWellKnown: 3,
  attributeFlags: 4,
  attributeLength: 5,
  origin: 6,
  nextHop: 8,
  optionalAttribute: 9,
  networkField: 10,
  asPath: 11,
} as const;

/** Subcodes of a finite state machine error. @see RFC 6608 */
export const FsmError = { openSent: 1, openConfirm: 2, established: 3 } as const;

/** Subcodes of a Cease. @see RFC 4486, RFC 8538, RFC 9384 */
export const Cease = {
  maximumPrefixes: 1,
  administrativeShutdown: 2,
  peerDeconfigured: 3,
  administrativeReset: 4,
  connectionRejected: 5,
  configurationChange: 6,
  collisionResolution: 7,
  outOfResources: 8,
  hardReset: 9,
  bfdDown: 10,
} as const;

/** The AS number that stands for one that does not fit into two octets. @see RFC 6793 section 9 */
export const AS_TRANS = 23_456;
/** Octets of a header: marker, length, type. @see RFC 4271 section 4.1 */
export const HEADER_LENGTH = 19;
/** The largest message without the Extended Message capability. @see RFC 4271 section 4 */
export const MAX_MESSAGE_LENGTH = 4096;
/** The largest message with it. @see RFC 8654 section 3 */
export const MAX_EXTENDED_MESSAGE_LENGTH = 65_535;
