import type { Clock } from "./clock.ts";
import { project } from "./config/project.ts";
import type { Logger } from "./observe/log.ts";
import type { CommonOptions } from "./options.ts";
import type { Source } from "./source/source.ts";

/** The source that the options name: a folder of manifests, or the Kubernetes API. */
export async function openSource(
  options: Pick<CommonOptions, "namespace" | "manifests" | "statusDir" | "kubeconfig">,
  component: "metallb-controller" | "metallb-speaker",
  clock: Clock,
  logger: Logger,
  podName?: string,
): Promise<Source> {
  const { namespace, manifests, statusDir } = options;
  // Each is loaded for those who use it: a folder needs YAML, the API another dozen files.
  if (manifests !== undefined) {
    const { FolderSource } = await import("./source/folder.ts");
    return new FolderSource({
      directory: manifests,
      ...(statusDir === undefined ? {} : { statusDirectory: statusDir }),
      namespace,
      clock,
      logger,
    });
  }
  const [{ loadCluster }, { KubeClient }, { KubernetesSource }] = await Promise.all([
    import("./kube/config.ts"),
    import("./kube/client.ts"),
    import("./source/kubernetes.ts"),
  ]);
  const client = new KubeClient(await loadCluster(options.kubeconfig), clock);
  return new KubernetesSource({
    client,
    namespace,
    component,
    podName,
    project,
    clock,
    random: Math.random,
    logger,
  });
}
