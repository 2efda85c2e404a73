/** Which way mail leaves: over SMTP, as files beside the embedded database, or not at all. */
import { join } from 'node:path';
import { mailFiles } from '../mail/files.ts';
import { type MailRoom, noMail } from '../mail/mail-room.ts';
import { mailOverSmtp, type SmtpServer } from '../mail/smtp.ts';
import type { ServeConfig, StoreConfig } from './config.ts';

export function mailRoomFor(config: ServeConfig): MailRoom {
  if (config.smtpUrl !== undefined) {
    return mailOverSmtp(smtpServerOf(config.smtpUrl.reveal()), config.mailFrom);
  }
  return config.databaseUrl === undefined ? mailFiles(mailFolder(config), config.mailFrom) : noMail;
}

const mailFolder = (config: StoreConfig) => join(config.dataDir, 'mails');

/** For the log and for `doctor`: whether owners can be reached, and how. */
export function mailWords(config: StoreConfig): { readonly ok: boolean; readonly detail: string } {
  if (config.smtpUrl !== undefined) return { ok: true, detail: 'leaves over SMTP' };
  if (config.databaseUrl === undefined) {
    return { ok: true, detail: `is written to ${mailFolder(config)}; set SMTP_URL to send it` };
  }
  return { ok: false, detail: 'SMTP_URL is not set: password resets and notices to owners are off' };
}

/** @param text an smtp:// or smtps:// URL, with its login percent-encoded. */
export function smtpServerOf(text: string): SmtpServer {
  const url = new URL(text);
  const tlsAtOnce = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const loopback = host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  return {
    host,
    port: url.port === '' ? (tlsAtOnce ? 465 : loopback ? 25 : 587) : Number(url.port),
    tlsAtOnce,
    loopback,
    login: user === '' ? undefined : { user, password },
  };
}
