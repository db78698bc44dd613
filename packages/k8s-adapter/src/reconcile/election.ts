import { createHash } from "node:crypto";

/**
 * The nodes in the order in which they answer for an address: preference score first, the highest
 * ahead, then ascending SHA-256 of `node#address`, as MetalLB elects. Stateless: removing a node
 * moves no other's addresses, adding one moves only those it wins.
 *
 * @param address Canonical text of the first address of the Service.
 */
export function electionOrder(
  nodes: Iterable<string>,
  address: string,
  scores: ReadonlyMap<string, number> = NO_SCORES,
): readonly string[] {
  const ranked = Array.from(nodes, (node) => ({
    node,
    score: scores.get(node) ?? 0,
    digest: digestOf(node, address),
  }));
  ranked.sort((a, b) => b.score - a.score || Buffer.compare(a.digest, b.digest));
  return ranked.map((entry) => entry.node);
}

function digestOf(node: string, address: string): Buffer {
  return createHash("sha256").update(`${node}#${address}`).digest();
}

const NO_SCORES: ReadonlyMap<string, number> = new Map();
