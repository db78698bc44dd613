// Ten thousand Services have the same few port lists, labels and selectors between them: equal
// small values are kept once. What is shared is frozen, so nobody can change it for the others.

/** The one empty list. */
export const NONE: readonly never[] = Object.freeze([]);

/** An equal value met before, or this one; for small lists and records of plain values. */
export function shared<T extends object>(value: T): Readonly<T> {
  const text = JSON.stringify(value);
  const known = met.get(text);
  // Equal JSON text stands for an equal value of the same shape.
  if (known !== undefined) return known as T;
  if (met.size >= MOST_KEPT) met.clear();
  met.set(text, Object.freeze(value));
  return value;
}

/** A list, shared; the one empty list when it has no entries. */
export function sharedList<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? NONE : shared(list.slice());
}

/** A list of one's own; the one empty list when it has no entries. */
export function ownList<T>(list: readonly T[]): readonly T[] {
  // The copy has no spare room; what was built entry by entry has some for a dozen more.
  return list.length === 0 ? NONE : list.slice();
}

// Bounded, since label sets come and go: forgetting costs memory for a while, never correctness.
const MOST_KEPT = 4_096;
const met = new Map<string, object>();
