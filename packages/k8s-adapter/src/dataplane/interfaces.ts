/** What is asked of a link before it may announce. */
export interface LinkFacts {
  readonly name: string;
  readonly up: boolean;
  readonly running: boolean;
  readonly broadcast: boolean;
  readonly noArp: boolean;
  readonly masterIndex: number;
}

/**
 * Whether ARP is answered on a link: up, with carrier, able to broadcast and to resolve, not a
 * port of a bridge or bond (its master is used instead), and not excluded by name. The rules and
 * the excluded names are MetalLB's.
 */
export function canAnnounceOn(link: LinkFacts): boolean {
  return (
    link.up &&
    link.running &&
    link.broadcast &&
    !link.noArp &&
    link.masterIndex === 0 &&
    !EXCLUDED_NAMES.test(link.name)
  );
}

const EXCLUDED_NAMES =
  /^docker|^cbr|^dummy|^virbr|^lxcbr|^veth|^lo$|^cali|^tunl|^flannel|^kube-ipvs|^cni|^nodelocaldns|^lxc/;
