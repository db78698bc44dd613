import { malformed } from "./kube-error.ts";

/**
 * Cuts a stream of chunks into lines of text. It cuts octets, so that a chunk may end anywhere, also
 * within a character; what has no end yet is kept, copied out of its chunk.
 */
export class LineSplitter {
  readonly #longestBytes: number;
  #pieces: Uint8Array[] = [];
  #pendingBytes = 0;

  /** A line may have `longestBytes`; default 16 MiB, ten times what etcd keeps of an object. */
  constructor(longestBytes: number = 16 * 1024 * 1024) {
    this.#longestBytes = longestBytes;
  }

  /**
   * The lines that this chunk completes, without their ends; empty ones are left out.
   *
   * @throws {KubeError} `Malformed` when a line is longer than it may be.
   */
  push(chunk: Uint8Array): readonly string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = this.#complete(chunk.subarray(start, end));
      if (line.trim() !== "") lines.push(line);
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.slice(start));
    return lines;
  }

  #complete(end: Uint8Array): string {
    if (this.#pieces.length === 0) return text(end);
    this.#keep(end);
    const line = text(Buffer.concat(this.#pieces, this.#pendingBytes));
    this.#pieces = [];
    this.#pendingBytes = 0;
    return line;
  }

  #keep(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#pendingBytes += piece.length;
    if (this.#pendingBytes <= this.#longestBytes) return;
    throw malformed(`a line of more than ${this.#longestBytes} octets`);
  }
}

const NEWLINE = 0x0a;

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
