/** An entry of an {@link OrderedMap}, and the entries below it in the tree. */
export interface MapEntry<V> {
  readonly key: bigint;
  readonly value: V;
  /** Entries with lower keys. */
  readonly left: MapEntry<V> | undefined;
  /** Entries with higher keys. */
  readonly right: MapEntry<V> | undefined;
  /** Of the tree from here down: 1 for a leaf. */
  readonly height: number;
}

/** Lets a value sum up what is below it; called whenever that may have changed, leaves first. */
export type Settle<V> = (value: V, left: V | undefined, right: V | undefined) => void;

/**
 * A map in the order of its keys: every operation takes O(log n) steps, at most 1.45 log2(n).
 *
 * An AVL tree. Its entries can be walked from `root`, but change only through the map.
 */
export class OrderedMap<V> {
  readonly #settle: Settle<V>;
  #root: Node<V> | undefined;

  constructor(settle: Settle<V> = () => {}) {
    this.#settle = settle;
  }

  get root(): MapEntry<V> | undefined {
    return this.#root;
  }

  /** The entry with the lowest key. */
  get first(): MapEntry<V> | undefined {
    return this.#root && leftmost(this.#root);
  }

  get(key: bigint): V | undefined {
    const entry = this.floor(key);
    return entry?.key === key ? entry.value : undefined;
  }

  /** The entry with the highest key that is not above this one. */
  floor(key: bigint): MapEntry<V> | undefined {
    let found: Node<V> | undefined;
    let node = this.#root;
    while (node !== undefined) {
      if (key < node.key) {
        node = node.left;
      } else {
        found = node;
        node = node.right;
      }
    }
    return found;
  }

  /** Adds the entry, or replaces its value. */
  set(key: bigint, value: V): void {
    this.#root = this.#insert(this.#root, key, value);
  }

  /** Does nothing when there is no such entry. */
  delete(key: bigint): void {
    this.#root = this.#remove(this.#root, key);
  }

  #insert(node: Node<V> | undefined, key: bigint, value: V): Node<V> {
    if (node === undefined) return this.#update(new Node(key, value));
    if (key < node.key) node.left = this.#insert(node.left, key, value);
    else if (key > node.key) node.right = this.#insert(node.right, key, value);
    else node.value = value;
    return this.#balance(node);
  }

  #remove(node: Node<V> | undefined, key: bigint): Node<V> | undefined {
    if (node === undefined) return undefined;
    if (key < node.key) {
      node.left = this.#remove(node.left, key);
    } else if (key > node.key) {
      node.right = this.#remove(node.right, key);
    } else {
      if (node.left === undefined) return node.right;
      if (node.right === undefined) return node.left;
      const next = leftmost(node.right);
      next.right = this.#removeFirst(node.right);
      next.left = node.left;
      return this.#balance(next);
    }
    return this.#balance(node);
  }

  #removeFirst(node: Node<V>): Node<V> | undefined {
    if (node.left === undefined) return node.right;
    node.left = this.#removeFirst(node.left);
    return this.#balance(node);
  }

  /** Restores the balance of a node whose subtrees are balanced, and returns the new top. */
  #balance(node: Node<V>): Node<V> {
    const { left, right } = node;
    const lean = heightOf(left) - heightOf(right);
    if (left !== undefined && lean > 1) {
      if (heightOf(left.left) < heightOf(left.right)) node.left = this.#rotateLeft(left);
      return this.#rotateRight(node);
    }
    if (right !== undefined && lean < -1) {
      if (heightOf(right.right) < heightOf(right.left)) node.right = this.#rotateRight(right);
      return this.#rotateLeft(node);
    }
    return this.#update(node);
  }

  #rotateLeft(node: Node<V>): Node<V> {
    const top = node.right;
    if (top === undefined) return node;
    node.right = top.left;
    top.left = this.#update(node);
    return this.#update(top);
  }

  #rotateRight(node: Node<V>): Node<V> {
    const top = node.left;
    if (top === undefined) return node;
    node.left = top.right;
    top.right = this.#update(node);
    return this.#update(top);
  }

  #update(node: Node<V>): Node<V> {
    node.height = 1 + Math.max(heightOf(node.left), heightOf(node.right));
    this.#settle(node.value, node.left?.value, node.right?.value);
    return node;
  }
}

class Node<V> implements MapEntry<V> {
  readonly key: bigint;
  value: V;
  left: Node<V> | undefined;
  right: Node<V> | undefined;
  height = 1;

  constructor(key: bigint, value: V) {
    this.key = key;
    this.value = value;
  }
}

function heightOf(node: Node<unknown> | undefined): number {
  return node === undefined ? 0 : node.height;
}

function leftmost<V>(node: Node<V>): Node<V> {
  let lowest = node;
  while (lowest.left !== undefined) lowest = lowest.left;
  return lowest;
}
