/** What the environment may say of mail and of the host's own words. */
import { z } from 'zod';
import type { DetectorSettings } from '../actions/context.ts';

/** Links that open accounts travel in mails: in the clear, only to this very machine. */
export const smtpUrl = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (
    (url?.protocol === 'smtp:' || url?.protocol === 'smtps:') &&
    url.hostname !== '' &&
    !url.search &&
    !url.hash
  );
}, 'must be an smtp:// or smtps:// URL (TLS is required, but on loopback)');

const mailFrom = z
  .string()
  .regex(
    /^([\p{L}\p{N} ._-]{1,60} <)?[^\s@<>,;:"]{1,64}@[A-Za-z0-9.-]{1,253}>?$/u,
    'must be one address, like Host <security@example.net>',
  )
  .refine(
    (text) => text.includes('<') === text.endsWith('>'),
    'must be one address, like Host <security@example.net>',
  );

const words = z
  .string()
  .max(2000)
  .transform((text) => text.split(/[\s,]+/).filter((word) => word !== ''));

/** The host's own domains, as mail names them. */
const mailDomains = words.pipe(
  z.array(
    z
      .string()
      .toLowerCase()
      .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$/, 'must be domains, like example.net'),
  ),
);

/** authserv-ids of the mail boundary whose Authentication-Results count (RFC 8601 2.2). */
const authservIds = words.pipe(
  z.array(
    z
      .string()
      .toLowerCase()
      .regex(/^[a-z0-9._-]{1,253}$/, 'must be authserv-ids, like mx.example.net'),
  ),
);

export const mailFields = {
  MAIL_FROM: mailFrom.optional(),
  GATEHOUSE_WORDS: words.default([]),
  GATEHOUSE_DOMAINS: mailDomains.optional(),
  GATEHOUSE_AUTHSERV_IDS: authservIds.default([]),
};

/** The host's own domain is that of the service, unless others are said. */
export const detectorOf = (
  said: { readonly GATEHOUSE_DOMAINS?: string[] | undefined; readonly GATEHOUSE_AUTHSERV_IDS: string[] },
  origin: string,
): DetectorSettings => ({
  ownDomains: said.GATEHOUSE_DOMAINS ?? [new URL(origin).hostname],
  authservIds: said.GATEHOUSE_AUTHSERV_IDS,
});
