import type { BfdPacket } from "./packet.ts";
import type { BfdState } from "./state.ts";

/** What the neighbour's last packet said. */
export interface RemoteEnd {
  /** 0 while it is not known. */
  readonly discriminator: number;
  readonly state: BfdState;
  readonly diagnostic: number;
  readonly detectMultiplier: number;
  readonly desiredMinTxUs: number;
  readonly requiredMinRxUs: number;
  readonly requiredMinEchoRxUs: number;
  readonly demand: boolean;
  readonly controlPlaneIndependent: boolean;
}

/** What is taken for granted before the first packet, and after a detection time without any. */
export const UNKNOWN_REMOTE: RemoteEnd = {
  discriminator: 0,
  state: "down",
  diagnostic: 0,
  detectMultiplier: 0,
  desiredMinTxUs: 0,
  requiredMinRxUs: 1,
  requiredMinEchoRxUs: 0,
  demand: false,
  controlPlaneIndependent: false,
};

/** The neighbour as its packet has it. */
export function remoteOf(packet: BfdPacket): RemoteEnd {
  return {
    discriminator: packet.myDiscriminator,
    state: packet.state,
    diagnostic: packet.diagnostic,
    detectMultiplier: packet.detectMultiplier,
    desiredMinTxUs: packet.desiredMinTxUs,
    requiredMinRxUs: packet.requiredMinRxUs,
    requiredMinEchoRxUs: packet.requiredMinEchoRxUs,
    demand: packet.demand,
    controlPlaneIndependent: packet.controlPlaneIndependent,
  };
}
