/** The body of a part as text: transfer encoding off, charset off. Never fails: what cannot be read is read roughly. */
import { TextDecoder } from 'node:util';

export function decodeBody(bytes: Buffer, encoding: string): Buffer {
  const how = /[a-z0-9-]+/.exec(encoding.toLowerCase())?.[0] ?? '';
  if (how === 'base64') return Buffer.from(bytes.toString('latin1'), 'base64');
  if (how === 'quoted-printable') return fromQuotedPrintable(bytes);
  return bytes;
}

const hex = (byte: number | undefined) => {
  if (byte === undefined) return -1;
  if (byte >= 48 && byte <= 57) return byte - 48;
  const low = byte | 32;
  return low >= 97 && low <= 102 ? low - 87 : -1;
};

/** RFC 2045 §6.7, leniently: an `=` that starts no pair stands for itself. */
function fromQuotedPrintable(bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte !== 61) {
      out[length++] = byte;
      continue;
    }
    const next = bytes[at + 1];
    if (next === 10) at += 1;
    else if (next === 13 && bytes[at + 2] === 10) at += 2;
    else {
      const [high, low] = [hex(next), hex(bytes[at + 2])];
      if (high >= 0 && low >= 0) {
        out[length++] = high * 16 + low;
        at += 2;
      } else out[length++] = byte;
    }
  }
  return out.subarray(0, length);
}

/** Names that mail uses and the Encoding Standard does not know. */
const aliases: Record<string, string> = {
  'iso-2022-jp-1': 'iso-2022-jp',
  'iso-2022-jp-2': 'iso-2022-jp',
  cp932: 'shift_jis',
  cp936: 'gbk',
  cp949: 'euc-kr',
  cp950: 'big5',
  'utf-7': 'utf-8',
  ansi: 'windows-1252',
};

/** `charset` is what the part says; nothing or nonsense is UTF-8 where that fits, else windows-1252. */
export function decodeText(bytes: Buffer, charset: string): string {
  const name = charset
    .trim()
    .toLowerCase()
    .replace(/^cp-?(125\d)$/, 'windows-$1');
  if (name !== '' && name !== 'us-ascii' && name !== 'ascii') {
    const decoder = decoderOf(aliases[name] ?? name);
    if (decoder) return decoder.decode(bytes);
  }
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? (decoderOf('windows-1252')?.decode(bytes) ?? text) : text;
}

function decoderOf(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}
