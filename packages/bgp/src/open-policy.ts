import { AS_TRANS, ErrorCode, OpenError } from "./constants.ts";
import { type Fault, faultOf } from "./fault.ts";
import { gracefulRestartCapability } from "./graceful-restart.ts";
import type { Capability, OpenMessage } from "./message.ts";
import { type Negotiated, negotiate } from "./negotiate.ts";
import type { ResolvedOptions } from "./peer-options.ts";
import { validateOpen } from "./validate-open.ts";

/** The OPEN that says what the options want. `restarting` is the R bit of a graceful restart. */
export function localOpen(options: ResolvedOptions, restarting: boolean): OpenMessage {
  const { localAsn, routerId, holdTimeS } = options;
  return {
    type: "open",
    version: 4,
    asn: localAsn > 0xffff ? AS_TRANS : localAsn,
    holdTimeS,
    routerId,
    capabilities: capabilitiesOf(options, restarting),
  };
}

/** Whether a peer's OPEN will do beside ours, and what the two make of the session. */
export function judgeOpen(
  options: ResolvedOptions,
  local: OpenMessage,
  remote: OpenMessage,
): { readonly negotiated: Negotiated } | Fault {
  const { asn, localAsn, routerId, requiredFamilies, role, roleRequired } = options;
  const verdict = validateOpen(remote, {
    asn: typeof asn === "number" ? asn : 0,
    localAsn,
    localRouterId: routerId,
    ...(requiredFamilies && { requiredFamilies }),
    ...(role !== undefined && { role }),
    ...(roleRequired !== undefined && { roleRequired }),
  });
  if ("fault" in verdict) return verdict;
  const { internal } = verdict.session;
  if ((asn === "internal" && !internal) || (asn === "external" && internal)) {
    return faultOf(ErrorCode.open, OpenError.peerAs);
  }
  return { negotiated: negotiate(local, remote, localAsn) };
}

function capabilitiesOf(options: ResolvedOptions, restarting: boolean): Capability[] {
  const { families, localAsn, role, gracefulRestart, capabilities = [] } = options;
  const all: Capability[] = families.map(({ afi, safi }) => ({ type: "multiprotocol", afi, safi }));
  all.push({ type: "route-refresh" }, { type: "enhanced-route-refresh" });
  if (options.extendedNextHop) {
    all.push({ type: "extended-next-hop", families: [{ afi: 1, safi: 1, nextHopAfi: 2 }] });
  }
  if (options.extendedMessage) all.push({ type: "extended-message" });
  if (role !== undefined) all.push({ type: "role", role });
  if (gracefulRestart !== undefined) {
    all.push(gracefulRestartCapability(gracefulRestart, families, restarting));
  }
  all.push({ type: "four-octet-as", asn: localAsn }, ...capabilities);
  return all;
}
