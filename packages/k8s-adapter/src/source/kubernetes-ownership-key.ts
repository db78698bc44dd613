import {
  OWNERSHIP_KEY_NAME,
  ownershipKeySecret,
  ROTATE_ANNOTATION,
} from "../config/ownership-key.ts";
import type { KubeRequest } from "../kube/client.ts";
import type { OwnershipKeyWrite } from "./source.ts";

/** The request that makes the Secret `ingot-ownership-key`, or changes it. */
export function keyRequest(namespace: string, write: OwnershipKeyWrite): KubeRequest {
  const collection = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`;
  const { resourceVersion, current, next, previous, rotationAsked } = write;
  if (resourceVersion === undefined) {
    return { method: "POST", path: collection, body: ownershipKeySecret(namespace, write) };
  }
  // In a merge patch null takes away.
  const body = {
    metadata: {
      resourceVersion,
      annotations: { [ROTATE_ANNOTATION]: rotationAsked ? "true" : null },
    },
    data: { current, next: next || null, previous: previous || null },
  };
  return { method: "PATCH", path: `${collection}/${OWNERSHIP_KEY_NAME}`, body };
}
