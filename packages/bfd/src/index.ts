export {
  Authenticator,
  type BfdAuthentication,
  type BfdAuthenticationType,
  type BfdKey,
} from "./authentication.ts";
export type { EchoIdentity } from "./echo.ts";
export { type BfdInput, BfdMachine, type BfdOutput } from "./machine.ts";
export type { BfdMachineOptions, BfdSessionOptions, BfdTiming } from "./options.ts";
export {
  BfdDecodeError,
  type BfdPacket,
  decodeBfd,
  encodeBfd,
  type MalformedReason,
} from "./packet.ts";
export {
  type AuthenticationFailure,
  type DiscardCounters,
  type DiscardReason,
  discardReason,
} from "./reception.ts";
export type { RemoteEnd } from "./remote.ts";
export type {
  BfdCounters,
  BfdLoss,
  BfdSessionEvents,
  BfdSpeakerEvents,
  BfdStates,
} from "./report.ts";
export type { BfdSession } from "./session.ts";
export {
  type BfdEchoOptions,
  type BfdEchoSocket,
  BfdPort,
  type BfdReceiver,
  type BfdReceiverOptions,
  type BfdSender,
  type BfdSenderOptions,
  type BfdSockets,
  type BfdSource,
  type Clock,
  type EchoVerdict,
} from "./socket.ts";
export { BfdSpeaker, type BfdSpeakerOptions } from "./speaker.ts";
export { BfdDiagnostic, type BfdState, type DownReason, isFailure, stateAfter } from "./state.ts";
