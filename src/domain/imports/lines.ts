/** Cuts a stream of bytes into numbered lines, in constant memory whatever the stream holds. */
import { isUtf8 } from 'node:buffer';

export type Line =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly refused: string };

/** Bytes of a line; what is longer is no login. */
export const longestLine = 8192;

const newline = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const tooLong = `The line is longer than ${longestLine} bytes.`;

export interface LineCutter {
  /** The lines that end in these bytes. */
  push(bytes: Uint8Array): Line[];
  /** What stands behind the last newline. */
  end(): Line[];
}

function read(number: number, bytes: Buffer): Line {
  const from = number === 1 && bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : 0;
  const to = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
  const line = bytes.subarray(from, to);
  if (line.length > longestLine) return { number, refused: tooLong };
  if (line.includes(0)) return { number, refused: 'The line holds a NUL.' };
  // Latin-1 for example: a name that is guessed at would be somebody else's.
  if (!isUtf8(line)) return { number, refused: 'The line is not UTF-8.' };
  return { number, text: line.toString('utf8') };
}

export function cutLines(): LineCutter {
  let number = 0;
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let overlong = false;

  /** Keeps no more of an endless line than shows that it is one. */
  const keep = (part: Buffer) => {
    keptBytes += part.length;
    if (keptBytes > longestLine + 4) {
      overlong = true;
      kept = [];
    } else if (part.length > 0) kept.push(Buffer.from(part));
  };
  const finish = (part: Buffer): Line => {
    number += 1;
    keep(part);
    const line = overlong ? { number, refused: tooLong } : read(number, Buffer.concat(kept));
    kept = [];
    keptBytes = 0;
    overlong = false;
    return line;
  };

  return {
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const lines: Line[] = [];
      let from = 0;
      for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, from)) {
        const part = bytes.subarray(from, at);
        if (keptBytes === 0 && part.length <= longestLine) lines.push(read(++number, part));
        else lines.push(finish(part));
        from = at + 1;
      }
      keep(bytes.subarray(from));
      return lines;
    },
    end: () => (keptBytes === 0 ? [] : [finish(Buffer.alloc(0))]),
  };
}
