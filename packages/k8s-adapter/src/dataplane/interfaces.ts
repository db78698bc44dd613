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
 * Whether something is announced on a link: up, with carrier, able to broadcast and to resolve, not
 * a port of a bridge or bond (its master is used instead), and not excluded by name. The rules are
 * MetalLB's.
 */
export function canAnnounceOn(link: LinkFacts, excluded: RegExp): boolean {
  return (
    link.up &&
    link.running &&
    link.broadcast &&
    !link.noArp &&
    link.masterIndex === 0 &&
    !excluded.test(link.name)
  );
}
