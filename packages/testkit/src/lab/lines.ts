import { closeSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

/** Cuts octets that arrive in pieces into lines of text. */
export class LineSplitter {
  readonly #decoder = new StringDecoder("utf8");
  readonly #receive: (line: string) => void;
  #rest = "";

  constructor(receive: (line: string) => void) {
    this.#receive = receive;
  }

  push(bytes: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(bytes)).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#receive(line);
  }

  /** Hands over a last line that has no end. */
  end(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = "";
    if (rest !== "") this.#receive(rest);
  }
}

/** Reads the lines that are added to a file. It looks every 20 ms: no file system is too odd for that. */
export class LogFollower {
  readonly #file: number;
  readonly #splitter: LineSplitter;
  readonly #timer: NodeJS.Timeout;
  #offset: number;
  #open = true;

  /** Reads from `offset` on; the file must exist. */
  constructor(path: string, offset: number, receive: (line: string) => void) {
    this.#file = openSync(path, "r");
    this.#offset = offset;
    this.#splitter = new LineSplitter(receive);
    this.#timer = setInterval(() => this.#read(), 20);
  }

  /** Reads what there is and stops. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    clearInterval(this.#timer);
    this.#read();
    this.#splitter.end();
    closeSync(this.#file);
  }

  #read(): void {
    const chunk = Buffer.allocUnsafe(65_536);
    for (;;) {
      const length = readSync(this.#file, chunk, 0, chunk.length, this.#offset);
      if (length === 0) return;
      this.#offset += length;
      this.#splitter.push(chunk.subarray(0, length));
    }
  }
}
