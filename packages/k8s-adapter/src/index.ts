export { crdYaml } from "./cli/crds.ts";
export { startController } from "./controller.ts";
export { LOG_LEVELS, type Logger, type LogLevel } from "./observe/log.ts";
export type {
  CommonOptions,
  ControllerOptions,
  Running,
  SpeakerOptions,
} from "./options.ts";
export { electionOrder } from "./reconcile/election.ts";
export { startSpeaker } from "./speaker.ts";
