import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LabProcess, until } from "@ingot/testkit";
import { parse } from "yaml";
import { type QuickLan, type QuickNode, startProgram } from "./lan.ts";

/** Ingot at work on the quick start's LAN, fed from a folder. */
export interface QuickCluster {
  /** Where the manifests are; a file put here is acted on. */
  readonly manifests: string;
  /** Where the results go. */
  readonly status: string;
  /** Of each node. */
  readonly speakers: Map<string, LabProcess>;
}

/** Starts a controller, and a speaker on every node. */
export async function startCluster(lan: QuickLan, manifests: string): Promise<QuickCluster> {
  const controller = startProgram(lan.lab, lan.switch, "controller", INGOT, [
    "controller",
    ...sharedFlags(manifests),
  ]);
  const speakers = new Map(
    lan.nodes.map((node) => [node.name, startSpeakerOn(lan, node, manifests)]),
  );
  await controller.waitForLine(/controller started/, 15_000);
  await Promise.all(Array.from(speakers.values(), isAtWork));
  return { manifests, status: statusOf(manifests), speakers };
}

/** Starts the speaker of one node anew. */
export async function restartSpeaker(
  lan: QuickLan,
  node: QuickNode,
  cluster: QuickCluster,
): Promise<void> {
  const speaker = startSpeakerOn(lan, node, cluster.manifests);
  cluster.speakers.set(node.name, speaker);
  await isAtWork(speaker);
}

/** Returns when the speaker of one node hears that of another again, after what `happens` to it. */
export async function heardAgain(
  cluster: QuickCluster,
  by: string,
  other: string,
  happens: () => Promise<void>,
): Promise<void> {
  const line = new RegExp(`"node":"${other}",.*"speaker is live"`);
  const times = () => cluster.speakers.get(by)?.lines.filter((text) => line.test(text)).length ?? 0;
  const before = times();
  await happens();
  await until(() => times() > before, { timeoutMs: 10_000, what: `${by} to hear ${other}` });
}

function isAtWork(speaker: LabProcess): Promise<string> {
  return speaker.waitForLine(/interfaces to announce on/, 15_000);
}

function startSpeakerOn(lan: QuickLan, node: QuickNode, manifests: string): LabProcess {
  return startProgram(lan.lab, node.ns, `${node.name}-speaker`, INGOT, [
    ...["speaker", "--node-name", node.name],
    ...sharedFlags(manifests),
  ]);
}

/**
 * The address that a Service was given.
 *
 * @throws {Error} when it gets none in time.
 */
export function addressOf(cluster: QuickCluster, namespace: string, name: string): Promise<string> {
  const file = join(cluster.status, "services", `${namespace}.${name}.yaml`);
  return until(
    () => {
      if (!existsSync(file)) return undefined;
      const object = parse(readFileSync(file, "utf8")) as ServiceStatusFile | null;
      return object?.status?.loadBalancer?.ingress?.[0]?.ip;
    },
    { timeoutMs: 10_000, intervalMs: 5, what: `Service ${namespace}/${name} to get an address` },
  );
}

function sharedFlags(manifests: string): readonly string[] {
  return [
    ...["--manifests", manifests, "--status-dir", statusOf(manifests)],
    ...["--namespace", "metallb-system", "--port", "0", "--health-probe-port", "0"],
  ];
}

function statusOf(manifests: string): string {
  return `${manifests}-status`;
}

interface ServiceStatusFile {
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] };
  };
}

const INGOT = fileURLToPath(new URL("../../packages/k8s-adapter/bin/ingot.js", import.meta.url));
