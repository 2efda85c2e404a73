/**
 * The tree of a MIME message as a list of leaves. Boundaries are found by the machine's own search over bytes, so a
 * message of many short lines costs no more than one of a few long ones.
 */
import { decodeBody } from './decode.ts';
import { type Headers, readHeaders, structured } from './headers.ts';
import { type Cuts, limits } from './limits.ts';

export interface Part {
  readonly headers: Headers;
  readonly type: string;
  readonly charset: string;
  readonly name: string;
  readonly attached: boolean;
  /** The encoded body, and how to decode it. */
  readonly bytes: Buffer;
  readonly encoding: string;
  /** The multipart/alternative it belongs to, if any: its siblings say the same. */
  readonly alternative: number;
  readonly size: number;
}

export interface Tree {
  readonly headers: Headers;
  readonly parts: readonly Part[];
}

export function readTree(raw: Buffer, cuts: Cuts): Tree {
  const bytes = raw.length > limits.bytes ? raw.subarray(0, limits.bytes) : raw;
  if (raw.length > limits.bytes) cuts.met('bytes');
  const headers = readTop(bytes, cuts);
  const parts: Part[] = [];
  const state = { parts, cuts, alternatives: 0 };
  walk(state, bytes, headers, bytes.length, 0, 0, 'text/plain');
  return { headers, parts };
}

const usual = [
  'from',
  'to',
  'subject',
  'date',
  'received',
  'message-id',
  'mime-version',
  'content-type',
  'return-path',
];

/** The message's headers; a text that has none is all body, for people paste what they got. */
function readTop(bytes: Buffer, cuts: Cuts): Headers {
  const headers = headersAt(cuts, bytes, 0, bytes.length, limits.headers);
  return usual.some((name) => headers.first(name) !== '') ? headers : { ...headers, end: 0 };
}

function headersAt(cuts: Cuts, bytes: Buffer, start: number, end: number, most: number): Headers {
  const read = Math.min(most, cuts.left('allHeaders'));
  const headers = readHeaders(bytes, start, end, read);
  cuts.take('allHeaders', Math.min(read, headers.end - start));
  if (start < end && headers.end - start >= read) cuts.met(read < most ? 'allHeaders' : 'headers');
  return headers;
}

interface Walk {
  readonly parts: Part[];
  readonly cuts: Cuts;
  alternatives: number;
}

function walk(
  state: Walk,
  bytes: Buffer,
  headers: Headers,
  end: number,
  depth: number,
  alternative: number,
  unsaid: string,
): void {
  const { value, params } = structured(headers.first('content-type'));
  const type = value.includes('/') ? value : unsaid;
  const boundary = params.get('boundary') ?? '';
  const encoding = headers.first('content-transfer-encoding');
  if (depth >= limits.depth) state.cuts.met('depth');
  else if (type.startsWith('multipart/') && boundary !== '') {
    const inside = type === 'multipart/alternative' ? ++state.alternatives : alternative;
    const usually = type === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
    let any = false;
    for (const [from, to] of between(state.cuts, bytes, headers.end, end, boundary)) {
      any = true;
      if (state.cuts.take('parts', 1) === 0) break;
      const inner = headersAt(state.cuts, bytes, from, to, limits.partHeaders);
      walk(state, bytes, inner, to, depth + 1, inside, usually);
    }
    if (any) return;
  } else if (type === 'message/rfc822' || type === 'message/global') {
    const inner = decodeBody(bytes.subarray(headers.end, Math.min(end, headers.end + limits.body)), encoding);
    const nested = headersAt(state.cuts, inner, 0, inner.length, limits.headers);
    walk(state, inner, nested, inner.length, depth + 1, alternative, 'text/plain');
    return;
  }
  state.parts.push(leaf(state.cuts, bytes, headers, end, alternative, type, params));
}

function leaf(
  cuts: Cuts,
  bytes: Buffer,
  headers: Headers,
  end: number,
  alternative: number,
  type: string,
  params: Map<string, string>,
): Part {
  const disposition = structured(headers.first('content-disposition'));
  const size = Math.max(0, end - headers.end);
  if (size > limits.body && type.startsWith('text/')) cuts.met('text');
  return {
    headers,
    // A container that holds nothing readable is read as text: somebody will.
    type: type.startsWith('multipart/') ? 'text/plain' : type,
    charset: params.get('charset') ?? '',
    name: (disposition.params.get('filename') ?? params.get('name') ?? '').slice(0, 255),
    attached: disposition.value === 'attachment',
    bytes: bytes.subarray(headers.end, Math.min(end, headers.end + limits.body)),
    encoding: headers.first('content-transfer-encoding'),
    alternative,
    size,
  };
}

/** Stretches between the boundary's lines, in order; the last one may lack its end. */
function* between(
  cuts: Cuts,
  bytes: Buffer,
  start: number,
  end: number,
  boundary: string,
): Generator<[number, number]> {
  const needle = Buffer.from(`--${boundary}`, 'latin1');
  let from = -1;
  let at = start;
  while (at < end) {
    const found = bytes.indexOf(needle, at);
    if (found < 0 || found >= end || cuts.take('boundaries', 1) === 0) break;
    at = found + needle.length;
    if (found > start && bytes[found - 1] !== 10) continue;
    const [next, after] = [bytes[at], bytes[at + 1]];
    const closes = next === 45 && after === 45;
    if (!closes && next !== 10 && next !== 13 && next !== 32 && next !== 9 && at < end) continue;
    if (from >= 0) yield [from, Math.max(from, found - (bytes[found - 2] === 13 ? 2 : 1))];
    if (closes) return;
    const eol = bytes.indexOf(10, at);
    from = eol < 0 || eol >= end ? end : eol + 1;
    at = from;
  }
  if (from >= 0 && from < end) yield [from, end];
}
