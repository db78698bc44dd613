import type { Clock } from "../clock.ts";
import type { OwnershipKeyRecord } from "../domain.ts";
import type { Source } from "../source/source.ts";
import type { Report } from "./report.ts";

/**
 * Asks the controller for another key of the speakers; it comes in about two minutes.
 *
 * @throws {Error} when there is no key, or it cannot be asked for.
 */
export async function rotateKey(
  { source, clock }: { readonly source: Source; readonly clock: Clock },
  timeoutMs: number,
  { say }: Report,
): Promise<boolean> {
  const key = await currentKey(source, clock, timeoutMs);
  if (key === undefined) throw new Error("there is no key yet: is there a controller?");
  if (key.rotationAsked || key.next !== "" || key.previous !== "") {
    say("the key is being replaced already");
    return true;
  }
  const { current, next, previous, resourceVersion } = key;
  const result = await source.writeOwnershipKey({
    current,
    next,
    previous,
    rotationAsked: true,
    resourceVersion,
  });
  if (result !== "written") throw new Error("the key was changed by somebody else meanwhile");
  say(
    "asked for another key: speakers learn it now, in 60 s it seals, in 120 s the old one is gone",
  );
  return true;
}

function currentKey(
  source: Source,
  clock: Clock,
  timeoutMs: number,
): Promise<OwnershipKeyRecord | undefined> {
  return new Promise((resolve, reject) => {
    let found: OwnershipKeyRecord | undefined;
    const cancel = clock.setTimer(timeoutMs, () =>
      reject(new Error(`cannot read from ${source.description} in ${timeoutMs / 1_000} s`)),
    );
    source.start(["ownershipKey"], (event) => {
      if (event.type === "put" && event.kind === "ownershipKey") found = event.record;
      if (event.type !== "synced") return;
      cancel();
      resolve(found);
    });
  });
}
