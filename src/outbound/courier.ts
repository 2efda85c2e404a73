/** The only way out by HTTP to where somebody else says: one POST, to an address that was checked when it was dialled. */
import { lookup as systemLookup } from 'node:dns';
import { request as plainRequest, type RequestOptions } from 'node:http';
import { request as secureRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type DialRule, dialRule } from '../domain/dial-rule.ts';
import { createLanes, type Lanes } from './lanes.ts';

export interface Parcel {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the other side said, as far as it is kept; or why nothing was heard, in a word. */
export type Heard =
  | { readonly status: number; readonly fault?: undefined }
  | { readonly status?: undefined; readonly fault: string };

export interface Courier {
  /** Never throws: whatever goes wrong is a fault of this attempt. */
  post(parcel: Parcel): Promise<Heard>;
  readonly lanes: Lanes;
  readonly rule: DialRule;
  /** Breaks off what is under way. */
  close(): Promise<void>;
}

export interface CourierOptions {
  /** Networks that may be dialled though they are not public, and without TLS. */
  readonly allow: readonly string[];
  /** Whom to believe who somebody is, instead of the usual authorities. */
  readonly ca?: string;
  /** For the whole attempt, from looking the name up. */
  readonly patienceMs?: number;
  /** How names are looked up. */
  readonly lookup?: LookupFunction;
}

/** Nobody reads the answer: beyond this it is cut off. */
const answerBytes = 16_384;

class AddressRefused extends Error {
  readonly code = 'address_refused';
}

/**
 * Names are resolved, checked and dialled in one: the socket gets the very addresses that were found good, so that a
 * name which answers otherwise the next time (DNS rebinding) gains nothing.
 */
function checkedLookup(rule: DialRule, secure: boolean, lookup: LookupFunction): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, []);
      const addresses = typeof found === 'string' ? [] : found;
      const good = addresses.filter(({ address }) => rule.mayDial(address, secure));
      const [first] = good;
      if (first === undefined) return done(new AddressRefused('no address that may be dialled'), []);
      if (options.all) return done(null, good);
      return done(null, first.address, first.family);
    });
  };
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'failed';

export function httpCourier(options: CourierOptions): Courier {
  const { ca, patienceMs = 10_000, lookup = systemLookup as LookupFunction } = options;
  const rule = dialRule(options.allow);
  const lanes = createLanes();
  const stopping = new AbortController();

  const post = ({ url: text, headers, body }: Parcel) =>
    new Promise<Heard>((resolve) => {
      const url = new URL(text);
      const secure = url.protocol === 'https:';
      const literal = url.hostname.replace(/^\[(.*)\]$/, '$1');
      // A literal address is dialled without being looked up.
      if (isIP(literal) !== 0 && !rule.mayDial(literal, secure)) return resolve({ fault: 'address_refused' });
      const late = AbortSignal.timeout(patienceMs);
      const how: RequestOptions & { ca?: string; minVersion: 'TLSv1.2' } = {
        ...{ method: 'POST', agent: false, minVersion: 'TLSv1.2' },
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        lookup: checkedLookup(rule, secure, lookup),
        signal: AbortSignal.any([late, stopping.signal]),
        ...(ca === undefined ? {} : { ca }),
      };
      let status: number | undefined;
      const asked = (secure ? secureRequest : plainRequest)(url, how, (answer) => {
        // From here on it has answered, whatever becomes of the rest.
        status = answer.statusCode ?? 0;
        const heard = { status };
        let bytes = 0;
        answer.on('data', (piece: Buffer) => {
          bytes += piece.length;
          if (bytes > answerBytes) answer.destroy();
        });
        answer.on('error', () => {}).on('close', () => resolve(heard));
      });
      asked.on('error', (error) =>
        resolve(status === undefined ? { fault: late.aborted ? 'timeout' : codeOf(error) } : { status }),
      );
      asked.end(body);
    });
  return {
    ...{ post, lanes, rule },
    close: () => {
      stopping.abort();
      return lanes.close();
    },
  };
}

/** For a process that delivers nothing. */
export const noCourier: Courier = {
  post: () => Promise.resolve({ fault: 'off' }),
  lanes: createLanes(),
  rule: dialRule([]),
  close: async () => {},
};
