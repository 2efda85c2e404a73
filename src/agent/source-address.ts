/** The client's address from what daemons say of it: an IP literal, or a name that its owner chose and nobody checked. */
import { isIP } from 'node:net';

export interface Source {
  readonly ip?: string;
  readonly port?: number;
}

/** What the daemon says. Only literals count: a PTR record is written by whoever owns the address. */
export function sourceOf(rhost: string | undefined, sshConnection: string | undefined): Source {
  const [client, port] = (sshConnection ?? '').split(' ');
  const fromSsh = literalAddress(client);
  const ip = literalAddress(rhost) ?? fromSsh;
  const number = Number(port);
  const hasPort =
    fromSsh !== undefined && fromSsh === ip && Number.isInteger(number) && number > 0 && number < 65_536;
  return { ...(ip ? { ip } : {}), ...(hasPort ? { port: number } : {}) };
}

/** An address without zone, IPv4 never dressed as IPv6; undefined for a name. */
export function literalAddress(text: string | undefined): string | undefined {
  const plain = (text ?? '').replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(plain) ? plain : undefined;
}
