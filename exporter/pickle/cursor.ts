import { PickleRefused } from './refused.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Reads little-endian values off a buffer and never past its end. */
export class ByteCursor {
  position = 0;
  private readonly view: DataView;

  constructor(private readonly buffer: Uint8Array) {
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  uint8(): number {
    return this.view.getUint8(this.advance(1));
  }

  uint16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  uint32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  int32(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  /** A length; one beyond 2^53 is past any buffer's end and refused where it is used. */
  uint64(): number {
    return Number(this.view.getBigUint64(this.advance(8), true));
  }

  /** Pickle's BINFLOAT is the one big-endian value of the format. */
  float64(): number {
    return this.view.getFloat64(this.advance(8), false);
  }

  bytes(length: number): Uint8Array {
    const from = this.advance(length);
    return this.buffer.subarray(from, from + length);
  }

  text(length: number): string {
    const bytes = this.bytes(length);
    try {
      return UTF8.decode(bytes);
    } catch {
      throw new PickleRefused('malformed', `text at byte ${this.position - length} is not UTF-8`);
    }
  }

  private advance(length: number): number {
    const from = this.position;
    if (length > this.buffer.length - from) {
      throw new PickleRefused('truncated', `${length} bytes wanted at byte ${from} of ${this.buffer.length}`);
    }
    this.position = from + length;
    return from;
  }
}
