/** Mail over SMTP. Passwords and links never cross a network in the clear: TLS, or loopback. */
import { createTransport } from 'nodemailer';
import { asWritten, letterFor } from './letter.ts';
import { MailRefused, type MailRoom } from './mail-room.ts';

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps`); otherwise STARTTLS, which then is a must. */
  readonly tlsAtOnce: boolean;
  /** On this machine: nobody listens in between, and its certificate is nobody's. */
  readonly loopback: boolean;
  readonly login: { readonly user: string; readonly password: string } | undefined;
}

const patience = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

export function mailOverSmtp(server: SmtpServer, from: string): MailRoom {
  const { host, port, tlsAtOnce, loopback, login } = server;
  const transport = createTransport({
    ...{ host, port, secure: tlsAtOnce, ...patience },
    requireTLS: !tlsAtOnce && !loopback,
    ignoreTLS: !tlsAtOnce && loopback,
    tls: { minVersion: 'TLSv1.2' },
    ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password } }),
  }).use('stream', asWritten);
  return {
    kind: 'smtp',
    async send(mail) {
      const letter = letterFor(mail, from);
      try {
        await transport.sendMail(letter);
      } catch (error) {
        throw isFinal(error)
          ? new MailRefused(faultWords(error))
          : new Error(faultWords(error), { cause: error });
      }
    },
    close: () => transport.close(),
  };
}

const codeOf = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null && name in error ? Reflect.get(error, name) : undefined;

/** The server knows this recipient, and never takes mail for it. A refused login or a full queue may pass. */
function isFinal(error: unknown): boolean {
  return codeOf(error, 'code') === 'EENVELOPE' && Number(codeOf(error, 'responseCode')) >= 550;
}

/** Codes alone: what a server answers quotes addresses, and sometimes the mail. */
function faultWords(error: unknown): string {
  const codes = ['code', 'command', 'responseCode'].map((name) => codeOf(error, name)).filter(Boolean);
  return codes.length === 0 ? 'the mail did not go out' : codes.join(' ').slice(0, 100);
}
