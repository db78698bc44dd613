import { valueText } from "../config/field.ts";

/**
 * A name of the old configuration, which could be any text, as an object can have it.
 *
 * @throws {RangeError} when there is no letter in it; the message names the key and the value.
 */
export function objectName(name: string, key: string): string {
  const plain = name.slice(0, LONGEST).toLowerCase().replaceAll("_", "-");
  const made = plain
    .replace(/^[^a-z]+/, "")
    .replaceAll(/[^a-z0-9.-]/g, "-")
    .replaceAll(/[^a-z0-9]*\.[^a-z0-9]*/g, ".")
    .replace(/[^a-z0-9]+$/, "");
  if (made !== "") return made;
  throw new RangeError(
    `${key} must have a letter that the name of an object can begin with, got ${valueText(name)}`,
  );
}

/** A label has this many; the old converter kept to it. */
const LONGEST = 63;
