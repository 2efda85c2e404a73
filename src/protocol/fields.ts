/** Fields that many requests share: what a login, an address, a line of text may be. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { channelNamed, channels, storeNames } from '../domain/channels/index.ts';
import { isLogin, loginRule } from '../domain/login.ts';

export const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
    .regex(/^[^\u0000-\u001f\u007f]*$/, 'must be one line without control characters');
export const store = z.enum(storeNames).meta({ id: 'Store' });
export const channel = z
  .string()
  .refine((name) => channelNamed(name) !== undefined, {
    message: `must be one of ${channels.map((each) => each.name).join(', ')}`,
  })
  .meta({ id: 'Channel', enum: channels.map((each) => each.name) });
export const receiptState = z.enum(['ended', 'pending', 'not_proven', 'unreachable']);
export const profile = z.enum(['standard', 'public']);
export const address = z
  .string()
  .max(45)
  .refine((text) => isIP(text) !== 0, { message: 'must be an IPv4 or IPv6 address' });
export const cidr = z.union([z.cidrv4(), z.cidrv6()]);
export const moment = z.iso.datetime({ offset: true });
/** A login that is to be given to somebody. */
export const newLogin = z
  .string()
  .toLowerCase()
  .refine(isLogin, { message: `must be ${loginRule}` });
/** A login that is looked for: any text, since a refusal would tell what names look like. */
export const anyLogin = z.string().min(1).max(255);
export const password = z.string().min(1).max(1024);
export const reason = line(500);
export const hostName = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,253}[A-Za-z0-9])?$/, 'must be a host name');
