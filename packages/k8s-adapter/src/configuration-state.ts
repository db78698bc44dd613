import type { Kind, ObjectError } from "./domain.ts";

/** What one program says about the configuration as it finds it; a ConfigurationState on the API. */
export interface ConfigurationReport {
  /** Of the object: `controller`, or `speaker-NODE`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The condition that says whether all of it is in force. */
  readonly condition: "poolReconcilerValid" | "configReconcilerValid";
  /** A line for each object that is refused, in a steady order; none: all is in force. */
  readonly errors: readonly string[];
}

/** The report of the controller. */
export function controllerReport(errors: readonly ObjectError[]): ConfigurationReport {
  return {
    name: "controller",
    labels: { [COMPONENT_LABEL]: "controller" },
    condition: "poolReconcilerValid",
    errors: linesOf(errors),
  };
}

/** The report of the speaker on a node. */
export function speakerReport(node: string, errors: readonly ObjectError[]): ConfigurationReport {
  return {
    name: `speaker-${node}`,
    labels: { [COMPONENT_LABEL]: "speaker", [NODE_LABEL]: node },
    condition: "configReconcilerValid",
    errors: linesOf(errors),
  };
}

/** What is written in `status`, without the time of the condition. */
export interface ConfigurationStatus {
  readonly result: "Valid" | "Invalid";
  readonly errorSummary: string;
  readonly condition: {
    readonly type: string;
    readonly status: "True" | "False";
    readonly reason: "Reconciled" | "ConfigurationError";
    readonly message: string;
  };
}

/** A report as it is written. */
export function statusOf({ condition: type, errors }: ConfigurationReport): ConfigurationStatus {
  const errorSummary = shortened(errors);
  return errors.length === 0
    ? {
        result: "Valid",
        errorSummary,
        condition: { type, status: "True", reason: "Reconciled", message: "" },
      }
    : {
        result: "Invalid",
        errorSummary,
        condition: { type, status: "False", reason: "ConfigurationError", message: errorSummary },
      };
}

const COMPONENT_LABEL = "metallb.io/component-type";
const NODE_LABEL = "metallb.io/node-name";

/** The kinds that are configuration; a Service that is wrong is told on the Service. */
const NAMES: { readonly [K in Kind]?: string } = {
  pool: "IPAddressPool",
  l2Advertisement: "L2Advertisement",
  bgpPeer: "BGPPeer",
  bgpAdvertisement: "BGPAdvertisement",
  bfdProfile: "BFDProfile",
  community: "Community",
  secret: "Secret",
  ownershipKey: "Secret",
};

/** What a condition's message can have. */
const LONGEST_SUMMARY = 32_768;

function linesOf(errors: readonly ObjectError[]): readonly string[] {
  return errors
    .flatMap(({ kind, key, field, message }) => {
      const name = NAMES[kind];
      const at = field === "" ? "" : `${field} `;
      return name === undefined ? [] : [`${name} ${key}: ${at}${message}`];
    })
    .sort();
}

function shortened(errors: readonly string[]): string {
  const text = errors.join("\n");
  return text.length <= LONGEST_SUMMARY ? text : `${text.slice(0, LONGEST_SUMMARY - 3)}...`;
}
