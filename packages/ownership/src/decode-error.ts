/** Octets that are no hello. `offset` is where reading stopped. */
export class HelloDecodeError extends Error {
  override readonly name = "HelloDecodeError";
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} at offset ${offset}`);
    this.offset = offset;
  }
}
