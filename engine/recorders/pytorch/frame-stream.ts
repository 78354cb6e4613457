/** A message of the recorder's protocol: a JSON header, and raw bytes. */
export interface Frame {
  readonly header: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
}

/** Lengths of header and bytes: 32 and 64 bits, little-endian. */
const LENGTHS = 12;
/** No header is longer: what is sent by somebody else is not waited for. */
const LONGEST_HEADER = 2 ** 28;

export class FrameError extends Error {}

/** A message as it goes over the socket. */
export function encodeFrame(header: object, bytes: readonly Uint8Array[] = []): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.alloc(LENGTHS);
  lengths.writeUInt32LE(text.length, 0);
  lengths.writeBigUInt64LE(BigInt(bytes.reduce((sum, { length }) => sum + length, 0)), 4);
  return Buffer.concat([lengths, text, ...bytes]);
}

/** Puts messages together from the pieces in which they arrive. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #length = 0;
  #needed = LENGTHS;

  /** The messages that a piece completes. @throws FrameError when they are none of the protocol. */
  receive(piece: Buffer): Frame[] {
    this.#pieces.push(piece);
    this.#length += piece.length;
    const frames: Frame[] = [];
    while (this.#length >= this.#needed) {
      const all = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
      const header = all.readUInt32LE(0);
      const bytes = Number(all.readBigUInt64LE(4));
      if (header > LONGEST_HEADER) throw new FrameError("a message of the recorder is no message");
      const total = LENGTHS + header + bytes;
      this.#pieces = [all];
      if (all.length < total) {
        this.#needed = total;
        break;
      }
      frames.push({
        header: parsed(all.toString("utf8", LENGTHS, LENGTHS + header)),
        // A copy: columns and elements of other types must begin where their type may.
        bytes: Buffer.from(Uint8Array.from(all.subarray(LENGTHS + header, total)).buffer),
      });
      this.#pieces = all.length === total ? [] : [all.subarray(total)];
      this.#length = all.length - total;
      this.#needed = LENGTHS;
    }
    return frames;
  }
}

function parsed(text: string): Frame["header"] {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new FrameError("a message of the recorder is no message");
  return value as Frame["header"];
}
