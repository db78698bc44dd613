/**
 * When BIRD first took in a route to each of the addresses, by its log: `timeformat log iso long us`, and
 * `debug ... { routes }` on its protocols. Milliseconds of the wall clock.
 */
export function firstRoutes(log: string, addresses: ReadonlySet<string>): Map<string, number> {
  const first = new Map<string, number>();
  for (const [, day, time, micros, address = ""] of log.matchAll(ADDED)) {
    if (!addresses.has(address) || first.has(address)) continue;
    first.set(address, new Date(`${day}T${time}`).getTime() + Number(micros) / 1_000);
  }
  return first;
}

// Its time is that of the place, as that of a Date without a zone is.
const ADDED = /^(\S+) (\d\d:\d\d:\d\d)\.(\d{6}) <TRACE> \S+ > added(?: \[best\])? ([\d.]+)\/32 /gm;
