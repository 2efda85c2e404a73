/** What FreeRADIUS's `rlm_rest` sends and takes: attributes by name, each with its type and its values. */
import { z } from 'zod';

const value = z.union([z.string().max(4096), z.number(), z.boolean(), z.null()]);
const attribute = z.object({ value: z.array(value).max(64) });

/** A request's attributes; what is not shaped like one is left aside. */
export const radiusRequest = z.record(z.string().max(255), z.unknown()).transform((all) => {
  const entries = Object.entries(all).flatMap(([name, given]) => {
    const parsed = attribute.safeParse(given);
    const [first] = parsed.success ? parsed.data.value : [];
    return first === undefined || first === null ? [] : [[name, String(first)] as const];
  });
  return new Map<string, string>(entries);
});

export type RadiusRequest = z.infer<typeof radiusRequest>;

/** One attribute of an answer. `do_xlat` off: FreeRADIUS would run what it takes for a template in our text. */
export function attributeOf(text: string | number) {
  return { value: [text], do_xlat: false, op: ':=' } as const;
}

/** Bytes as FreeRADIUS writes them: `Class` and `State` are octets. */
export function octets(text: string): string {
  return `0x${Buffer.from(text).toString('hex')}`;
}

/** What stands in such bytes, if it is text; else as it came. */
export function fromOctets(text: string | undefined): string | undefined {
  const hex = /^0x((?:[0-9a-f]{2})+)$/i.exec(text ?? '')?.[1];
  return hex === undefined ? text : Buffer.from(hex, 'hex').toString();
}

const byIdentifier: Readonly<Record<string, string>> = { ftp: 'ftp', ssh2: 'sftp', ssh: 'ssh', sshd: 'ssh' };

/** ProFTPD names its doors in NAS-Identifier (`ftp`, `ssh2`), the PAM client its service. */
export function channelByNas(identifier: string | undefined): string | undefined {
  return identifier !== undefined && Object.hasOwn(byIdentifier, identifier)
    ? byIdentifier[identifier]
    : undefined;
}

const statuses: Readonly<Record<string, 'begun' | 'seen' | 'over'>> = {
  Start: 'begun',
  '1': 'begun',
  'Interim-Update': 'seen',
  Alive: 'seen',
  '3': 'seen',
  Stop: 'over',
  '2': 'over',
};

/** Acct-Status-Type, by name or number; others (a NAS that starts or stops itself) tell nothing of a session. */
export function accountingStatus(text: string | undefined) {
  return text !== undefined && Object.hasOwn(statuses, text) ? statuses[text] : undefined;
}

const refShape = z.tuple([z.string(), z.string().nullable(), z.string()]);
const refMark = 'radius:';

/**
 * What a NAS calls a session, kept as its door's name: the name it logged in with and, once accounting told it,
 * Acct-Session-Id. `unique` keeps apart what a NAS does not.
 */
export function nasRef(userName: string, acctSessionId: string | undefined, unique: string): string {
  return refMark + JSON.stringify([userName, acctSessionId ?? null, unique]);
}

/** The names in such a reference. */
export function nasNames(ref: string): { readonly userName?: string; readonly acctSessionId?: string } {
  const [userName, acctSessionId] = refOf(ref) ?? [];
  return { ...(userName ? { userName } : {}), ...(acctSessionId ? { acctSessionId } : {}) };
}

function refOf(ref: string) {
  if (!ref.startsWith(`${refMark}[`)) return undefined;
  try {
    return refShape.safeParse(JSON.parse(ref.slice(refMark.length))).data;
  } catch {
    return undefined;
  }
}
