import type { Clock } from "../clock.ts";
import type { Key, Kind } from "../domain.ts";
import { compareText } from "../reconcile/pools.ts";
import { World } from "../reconcile/world.ts";
import type { Source } from "../source/source.ts";
import type { Report } from "./report.ts";

/**
 * Lists what is reserved: the address, its pool, whose it is, and whether that Service has it now.
 *
 * @throws {Error} when it cannot be read in that time.
 */
export async function listReservations(
  { source, clock }: { readonly source: Source; readonly clock: Clock },
  timeoutMs: number,
  { say }: Report,
): Promise<boolean> {
  const world = await readWorld(source, clock, timeoutMs);
  const rows = [...world.table("pool").values()].flatMap(({ name, reservations }) =>
    reservations.map(({ address, service }) => [
      address,
      name,
      service,
      useOf(world, address, service),
    ]),
  );
  if (rows.length === 0) {
    say("nothing is reserved");
    return true;
  }
  rows.sort((a, b) => compareText(a.join(" "), b.join(" ")));
  for (const line of tableOf([["ADDRESS", "POOL", "SERVICE", "IN USE"], ...rows])) say(line);
  return true;
}

/** `yes`: by its Service; `no`; or by whom else. */
function useOf(world: World, address: string, service: Key): string {
  const users = [...world.table("service").values()]
    .filter(({ ingress }) => ingress.includes(address))
    .map(({ key }) => key);
  const strangers = users.filter((key) => key !== service);
  if (strangers.length > 0) return `by ${strangers.join(", ")}`;
  return users.length > 0 ? "yes" : "no";
}

function tableOf(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

const KINDS: readonly Kind[] = ["pool", "service"];

function readWorld(source: Source, clock: Clock, timeoutMs: number): Promise<World> {
  const world = new World(KINDS);
  return new Promise((resolve, reject) => {
    let reason = "";
    const cancel = clock.setTimer(timeoutMs, () => {
      const why = reason === "" ? "" : `: ${reason}`;
      reject(new Error(`cannot read from ${source.description} in ${timeoutMs / 1_000} s${why}`));
    });
    source.start(KINDS, (event) => {
      world.apply(event);
      if (event.type === "connection" && !event.connected) reason = event.reason;
      if (!world.isListed) return;
      cancel();
      resolve(world);
    });
  });
}
