/** Tells the story of the quick start: to people as lines, to machines as one JSON document. */
export class Story {
  readonly #json: boolean;
  readonly #facts: Record<string, unknown> = {};
  readonly #started = performance.now();
  #step = 0;

  constructor(json: boolean) {
    this.#json = json;
  }

  /** A new chapter: what is about to happen. */
  step(title: string): void {
    this.#step += 1;
    this.#print(`\n${bold(`${this.#step}. ${title}`)}`);
  }

  /** A line of it. */
  say(line: string): void {
    this.#print(`   ${line}`);
  }

  /** Something measured or found out, which `--json` gives under this name. */
  fact(name: string, value: unknown): void {
    this.#facts[name] = value;
  }

  /** The end: prints the JSON document when that was asked for. */
  end(ok: boolean): void {
    const tookMs = Math.round(performance.now() - this.#started);
    if (this.#json) process.stdout.write(`${JSON.stringify({ ok, tookMs, ...this.#facts })}\n`);
    else this.#print(`\nThat took ${(tookMs / 1_000).toFixed(1)} s.`);
  }

  #print(line: string): void {
    if (!this.#json) process.stdout.write(`${line}\n`);
  }
}

function bold(text: string): string {
  return process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text;
}
