/** A mailbox file (RFC 4155) as its messages, in whatever pieces it comes: never more than one message is held. */
import { limits } from './limits.ts';

const newline = 10;
const separator = /^From \S{1,320}\s+(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b/;

/** Whether a file that begins so is a mailbox. */
export const isMailbox = (start: Buffer): boolean =>
  separator.test(
    start
      .subarray(0, 400)
      .toString('latin1')
      .replace(/^\r?\n/, ''),
  );

export class Mailbox {
  #rest: Buffer = Buffer.alloc(0);
  #lines: Buffer[] = [];
  #size = 0;
  #blank = true;
  #begun = false;

  /** The messages that end in this piece. */
  *push(piece: Buffer): Generator<Buffer> {
    const all = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let at = 0;
    for (;;) {
      const eol = all.indexOf(newline, at);
      if (eol < 0) break;
      yield* this.#line(all.subarray(at, eol + 1));
      at = eol + 1;
    }
    this.#rest = Buffer.from(all.subarray(at));
    // A line without an end must not be gathered for ever: it can be no separator any more.
    if (this.#rest.length > 64 * 1024) {
      this.#keep(this.#rest);
      this.#rest = Buffer.alloc(0);
    }
  }

  /** The last one. */
  *end(): Generator<Buffer> {
    if (this.#rest.length > 0) yield* this.#line(this.#rest);
    this.#rest = Buffer.alloc(0);
    if (this.#begun) yield this.#take();
  }

  *#line(line: Buffer): Generator<Buffer> {
    if (this.#blank && line[0] === 70 && separator.test(line.subarray(0, 400).toString('latin1'))) {
      if (this.#begun) yield this.#take();
      this.#begun = true;
      this.#blank = false;
      return;
    }
    this.#blank = line.length <= 2 && (line[0] === newline || line[0] === 13);
    // `>From ` was written for `From `, one mark the more.
    this.#keep(
      line[0] === 62 && /^>+From /.test(line.subarray(0, 40).toString('latin1')) ? line.subarray(1) : line,
    );
  }

  /** A message longer than what is read is held as far as it is read, and one byte more, which tells. */
  #keep(line: Buffer): void {
    const room = limits.bytes + 1 - this.#size;
    if (room <= 0) return;
    const kept = line.length > room ? line.subarray(0, room) : line;
    this.#lines.push(Buffer.from(kept));
    this.#size += kept.length;
  }

  #take(): Buffer {
    const message = Buffer.concat(this.#lines);
    this.#lines = [];
    this.#size = 0;
    this.#blank = true;
    return message;
  }
}
