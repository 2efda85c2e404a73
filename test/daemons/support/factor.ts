/** A second factor for an account of the site, added as its owner does: at the panel, over HTTP. */
import { generateSync } from 'otplib';
import type { Site } from './site.ts';

type Street = Pick<Site, 'call' | 'client'>;

export interface Factor {
  /** The owner's session of the panel, which has just shown the factor. */
  readonly token: string;
  readonly recoveryCodes: string[];
  /** The code of now, which works once. */
  code(): string;
}

/** The owner's session of the panel, for accounts without a second factor. */
export async function panelSession(site: Street, login: string, password: string): Promise<string> {
  const body = { store: 'panel', login, password, source_ip: '198.51.100.20' };
  const answer = await site.call<{ session?: { token: string } }>(
    'POST',
    '/v1/authenticate',
    body,
    site.client,
  );
  if (answer.body.session === undefined) throw new Error(JSON.stringify(answer));
  return answer.body.session.token;
}

export async function addTotp(site: Street, login: string, password: string): Promise<Factor> {
  const token = await panelSession(site, login, password);
  const offer = await site.call<{ secret: string }>('POST', '/v1/me/totp', {}, token);
  const at = (ms: number) =>
    generateSync({ secret: offer.body.secret, epoch: Math.floor(ms / 1000), period: 30 });
  // The step before is spent on this, so that the code of now still works.
  const confirmed = await site.call<{ recovery_codes: string[] }>(
    'POST',
    '/v1/me/totp/confirm',
    { code: at(Date.now() - 30_000) },
    token,
  );
  if (confirmed.status !== 200) throw new Error(JSON.stringify([offer, confirmed]));
  return { token, recoveryCodes: confirmed.body.recovery_codes, code: () => at(Date.now()) };
}
