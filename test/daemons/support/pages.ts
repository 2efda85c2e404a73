/** A panel, and web servers in front of it that ask the service at each request. */
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { Front } from './front.ts';
import { listens } from './lines.ts';
import { startNginx } from './nginx.ts';
import { freePort, type Program, start, until } from './processes.ts';

export interface Panel {
  readonly port: number;
  /** The requests that reached it. */
  readonly seen: { readonly url: string; readonly headers: IncomingHttpHeaders }[];
  close(): void;
}

export async function openPanel(): Promise<Panel> {
  const port = await freePort();
  const seen: Panel['seen'] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url ?? '', headers: request.headers });
    response.end('the panel');
  }).listen(port, '127.0.0.1');
  return { port, seen, close: () => server.close() };
}

/** nginx as shipped, on `at`; and on `cached` as somebody has it who caches what he should not: `no-store` has to hold. */
export async function startGuardingNginx(
  front: Front,
  panel: Panel,
  at: number,
  cached?: number,
): Promise<Program> {
  const key = `${front.folder}/web.key`;
  writeFileSync(key, `proxy_set_header X-Gatehouse-Key ${front.key};\n`, { mode: 0o600 });
  const guarded = front.deployed('nginx/gatehouse-panel.conf', {
    'http://127.0.0.1:8080': front.url,
    '/etc/gatehouse/nginx.key': key,
  });
  const site = (port: number, text: string) =>
    `server { listen 127.0.0.1:${port}; ${text}\nlocation / { proxy_pass http://127.0.0.1:${panel.port}; } }`;
  const caching = guarded.replace('proxy_cache off;', 'proxy_cache kept; proxy_cache_key all;');
  const http = [
    `proxy_cache_path ${front.folder}/nginx-cache keys_zone=kept:1m;`,
    front.deployed('nginx/gatehouse-http.conf', {}),
    site(at, guarded),
    cached === undefined ? '' : site(cached, caching),
  ];
  return startNginx(front.folder, at, { http: http.join('\n') });
}

export async function startGuardingCaddy(front: Front, panel: Panel, at: number): Promise<Program> {
  const site = front.deployed('caddy/Caddyfile', {
    'panel.example.net': `http://localhost:${at}`,
    '127.0.0.1:8080': `127.0.0.1:${front.port}`,
    '127.0.0.1:9000': `127.0.0.1:${panel.port}`,
  });
  const file = `${front.folder}/Caddyfile`;
  writeFileSync(file, `{\n\tadmin off\n\tauto_https off\n}\n${site}`);
  const program = start('/usr/bin/caddy', ['run', '--adapter', 'caddyfile', '--config', file], {
    env: { PATH: '/usr/bin:/bin', HOME: front.folder, GATEHOUSE_KEY: front.key },
  });
  await until(() => listens(at), 'Caddy to listen', 20_000, program.said);
  return program;
}
