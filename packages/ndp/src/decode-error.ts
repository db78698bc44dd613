/** Octets that are not an NDP packet. `offset` is where in the frame reading stopped. */
export class NdpDecodeError extends Error {
  override readonly name = "NdpDecodeError";
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} at offset ${offset}`);
    this.offset = offset;
  }
}
