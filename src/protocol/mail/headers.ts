/** Header fields of a message or a part: unfolded, decoded, as many as fit. */
import { decodeWords } from 'postal-mime';

export interface Headers {
  /** All values of a field, first first; names in lower case. */
  all(name: string): readonly string[];
  first(name: string): string;
  /** The first value with its encoded words decoded. */
  text(name: string): string;
  /** Offset of the body. */
  readonly end: number;
}

const newline = 10;

/** Reads a header block that begins at `start`; it ends at an empty line, at `end`, or after `most` bytes. */
export function readHeaders(bytes: Buffer, start: number, end: number, most: number): Headers {
  const stop = Math.min(end, start + most);
  const fields = new Map<string, string[]>();
  let at = start;
  let name = '';
  let pieces: string[] = [];
  const keep = () => {
    if (name === '') return;
    const values = fields.get(name) ?? [];
    if (values.length < 100) values.push(pieces.join(' ').trim());
    fields.set(name, values);
    name = '';
  };
  while (at < stop) {
    let eol = bytes.indexOf(newline, at);
    if (eol < 0 || eol > stop) eol = stop;
    const line = readable(bytes.subarray(at, eol > at && bytes[eol - 1] === 13 ? eol - 1 : eol));
    at = Math.min(eol + 1, end);
    if (line === '') break;
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (pieces.length < 200) pieces.push(line.trim());
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0 || colon > 76) {
      // The separator line of mailboxes may stand first; anything else that is no field is passed over.
      continue;
    }
    keep();
    name = line.slice(0, colon).trim().toLowerCase();
    pieces = [line.slice(colon + 1).trim()];
  }
  keep();
  const all = (field: string) => fields.get(field) ?? [];
  const first = (field: string) => all(field)[0] ?? '';
  return { all, first, text: (field) => decodeWords(first(field).slice(0, 8_000)), end: at };
}

/** Raw eight-bit headers are UTF-8 where they can be, else they are read as Latin. */
function readable(bytes: Buffer): string {
  for (const byte of bytes) {
    if (byte < 128) continue;
    const text = bytes.toString('utf8');
    return text.includes('\ufffd') ? bytes.toString('latin1') : text;
  }
  return bytes.toString('latin1');
}

/** `text/html; charset="utf-8"` → its value and its parameters, RFC 2231 pieces joined. */
export function structured(value: string): { value: string; params: Map<string, string> } {
  const pieces = splitOutsideQuotes(value.slice(0, 8_000));
  const params = new Map<string, string>();
  for (const piece of pieces.slice(1)) {
    const equals = piece.indexOf('=');
    if (equals <= 0) continue;
    const name = piece.slice(0, equals).trim().toLowerCase();
    const raw = piece.slice(equals + 1).trim();
    const read = raw.startsWith('"')
      ? raw.slice(1, raw.endsWith('"') && raw.length > 1 ? -1 : undefined)
      : raw;
    const star = name.indexOf('*');
    const key = star > 0 ? name.slice(0, star) : name;
    const plain = star > 0 && name.endsWith('*') ? percentDecoded(read) : read.replaceAll('\\"', '"');
    if (star > 0) params.set(key, (params.get(key) ?? '') + plain);
    else if (!params.has(key)) params.set(key, plain);
  }
  return { value: (pieces[0] ?? '').trim().toLowerCase(), params };
}

function splitOutsideQuotes(value: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < value.length; at++) {
    const char = value[at];
    if (char === '\\') at++;
    else if (char === '"') quoted = !quoted;
    else if (char === ';' && !quoted) {
      pieces.push(value.slice(from, at));
      from = at + 1;
    }
  }
  pieces.push(value.slice(from));
  return pieces;
}

function percentDecoded(value: string): string {
  const quote = value.indexOf("''");
  const body = quote >= 0 && quote < 40 ? value.slice(quote + 2) : value;
  try {
    return decodeURIComponent(body);
  } catch {
    return body;
  }
}
