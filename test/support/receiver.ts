/** A real receiver of webhooks on loopback, over HTTPS or HTTP, that answers as it is told and keeps what it got. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type IncomingMessage, createServer as plainServer, type ServerResponse } from 'node:http';
import { createServer as secureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Got {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A certificate for names that nobody owns, signed by itself. */
export function certificateFor(...names: string[]): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cert-'));
  try {
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const alt = names.map((name) => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`)).join(',');
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...[
          '-keyout',
          key,
          '-out',
          cert,
          '-days',
          '2',
          '-subj',
          '/CN=test',
          '-addext',
          `subjectAltName=${alt}`,
        ],
      ],
      { stdio: 'ignore' },
    );
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Answer = (got: Got, response: ServerResponse) => void;

/** @param tls without: plain HTTP. */
export async function receiver(tls?: { readonly key: string; readonly cert: string }) {
  const got: Got[] = [];
  const usual: Answer = (_, response) => void response.writeHead(204).end();
  let answer = usual;
  let connections = 0;
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k, String(v)]));
    const one = { path: request.url ?? '', headers, body: Buffer.concat(parts).toString() };
    got.push(one);
    answer(one, response);
  };
  const handler = (request: IncomingMessage, response: ServerResponse) =>
    void take(request, response).catch(() => response.destroy());
  const server = tls === undefined ? plainServer(handler) : secureServer(tls, handler);
  server.on('connection', () => {
    connections += 1;
  });
  // Whoever does not believe our certificate breaks off.
  server.on('tlsClientError', () => {});
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  return {
    port: (server.address() as AddressInfo).port,
    got,
    connections: () => connections,
    /** From now on; without one, 204. */
    answerWith: (next: Answer | number = usual) => {
      answer = typeof next === 'number' ? (_, response) => void response.writeHead(next).end() : next;
    },
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
