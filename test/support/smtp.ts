/** A real SMTP server on loopback that keeps what it is sent, and refuses when told to. */
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
}

export async function smtpServer(options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  let refuse: Error | undefined;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    ...options,
    onRcptTo: (_address, _session, done) => done(refuse),
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const from = session.envelope.mailFrom;
        received.push({
          from: from === false ? '' : from.address,
          to: session.envelope.rcptTo.map((each) => each.address),
          raw: Buffer.concat(parts).toString(),
        });
        done();
      });
    },
  });
  // Clients that break off are part of the tests.
  server.on('error', () => {});
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    /** Answers each recipient with this code from now on; undefined takes mail again. */
    refuseWith: (code: number | undefined) => {
      refuse = code === undefined ? undefined : Object.assign(new Error('no'), { responseCode: code });
    },
    close: () => new Promise<void>((closed) => server.close(closed)),
  };
}
