import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { valueAt } from "../config/field.ts";
import { EXCLUSION_FILE } from "../dataplane/exclusion.ts";
import { variableOf } from "./flag.ts";
import { CONTROLLER_FLAGS, SPEAKER_FLAGS } from "./flags.ts";
import { parseFlags } from "./parse.ts";

// The manifests in deploy/, held against the program that they start.

const folder = new URL("../../deploy/", import.meta.url);
const text = (name: string) => readFileSync(new URL(name, folder), "utf8");
const workloadOf = (name: string): unknown => parseAllDocuments(text(name))[0]?.toJS();
const podOf = (name: string) => valueAt(workloadOf(name), ["spec", "template", "spec"]);
const containerOf = (name: string) => valueAt(podOf(name), ["containers", 0]);

/** What the container's arguments and environment come to. */
function optionsOf(name: string, table: typeof CONTROLLER_FLAGS | typeof SPEAKER_FLAGS) {
  const container = containerOf(name);
  const [command, ...argv] = valueAt(container, ["args"]) as string[];
  const env = Object.fromEntries(
    ((valueAt(container, ["env"]) ?? []) as { name: string }[]).map((entry) => [entry.name, "x"]),
  );
  const parsed = parseFlags<object>(table, [], argv, { env, readFile: () => undefined });
  return { command, env, options: parsed.help ? undefined : parsed.options };
}

describe("deploy", () => {
  it("lists every manifest in its kustomization", () => {
    const manifests = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
    const { resources } = parse(text("kustomization.yaml")) as { resources: string[] };
    expect([...resources, "kustomization.yaml"].sort()).toEqual(manifests.sort());
    for (const name of manifests) {
      expect(
        parseAllDocuments(text(name)).flatMap(({ errors }) => errors),
        name,
      ).toEqual([]);
    }
  });

  it("starts the controller with flags that it has, probed where it listens", () => {
    const { command, env, options } = optionsOf("controller.yaml", CONTROLLER_FLAGS);
    expect(command).toBe("controller");
    expect(Object.keys(env)).toEqual([variableOf(CONTROLLER_FLAGS.namespace), "NODE_OPTIONS"]);
    expect(options).toMatchObject({ port: 9_120, healthProbePort: 17_472 });
    expect(valueAt(containerOf("controller.yaml"), ["ports"])).toEqual([
      { name: "metrics", containerPort: 9_120 },
      { name: "probes", containerPort: 17_472 },
    ]);
  });

  it("runs two controllers, on different nodes if it can, and lets one at a time be drained", () => {
    const [deployment, budget] = parseAllDocuments(text("controller.yaml")).map(
      (document): unknown => document.toJS(),
    );
    expect(valueAt(deployment, ["spec", "replicas"])).toBe(2);
    const labels = valueAt(deployment, ["spec", "template", "metadata", "labels"]);
    const term = ["preferredDuringSchedulingIgnoredDuringExecution", 0, "podAffinityTerm"];
    expect(
      valueAt(podOf("controller.yaml"), ["affinity", "podAntiAffinity", ...term, "labelSelector"]),
    ).toEqual({ matchLabels: labels });
    expect(valueAt(budget, ["spec"])).toEqual({
      maxUnavailable: 1,
      selector: { matchLabels: labels },
    });
  });

  it("starts the speaker with flags that it has, on a state folder that is mounted", () => {
    const { command, env, options } = optionsOf("speaker.yaml", SPEAKER_FLAGS);
    expect(command).toBe("speaker");
    expect(Object.keys(env)).toEqual([
      variableOf(SPEAKER_FLAGS.nodeName),
      variableOf(SPEAKER_FLAGS.podName),
      variableOf(SPEAKER_FLAGS.namespace),
    ]);
    const mounts = valueAt(containerOf("speaker.yaml"), ["volumeMounts"]);
    expect(mounts).toEqual([
      { name: "state", mountPath: valueAt(options, ["stateDir"]) },
      { name: "exclusion", mountPath: dirname(EXCLUSION_FILE), readOnly: true },
    ]);
    for (const probe of ["livenessProbe", "readinessProbe"]) {
      expect(valueAt(containerOf("speaker.yaml"), [probe, "httpGet"]), probe).toMatchObject({
        host: "127.0.0.1",
        port: valueAt(options, ["healthProbePort"]),
      });
    }
  });

  it("gives the Pods nothing but what they need", () => {
    const least = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true };
    expect(valueAt(containerOf("controller.yaml"), ["securityContext"])).toEqual({
      ...least,
      capabilities: { drop: ["ALL"] },
    });
    expect(valueAt(podOf("controller.yaml"), ["securityContext", "runAsNonRoot"])).toBe(true);
    expect(valueAt(podOf("controller.yaml"), ["hostNetwork"])).toBeUndefined();
    expect(valueAt(containerOf("speaker.yaml"), ["securityContext"])).toEqual({
      ...least,
      runAsUser: 0,
      capabilities: { drop: ["ALL"], add: ["NET_RAW"] },
      seccompProfile: { type: "RuntimeDefault" },
    });
  });
});
