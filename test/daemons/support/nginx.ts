/** An nginx of its own, with these blocks. */
import { writeFileSync } from 'node:fs';
import { listens } from './lines.ts';
import { type Program, start, until } from './processes.ts';

/** `port`: of those that it listens at. `mail`: a whole block, as shipped. */
export async function startNginx(
  folder: string,
  port: number,
  { http, mail }: { readonly http?: string; readonly mail?: string },
): Promise<Program> {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/nginx-${name};`)
    .join('\n');
  const conf = [
    mail === undefined ? '' : 'load_module /usr/lib/nginx/modules/ngx_mail_module.so;',
    `daemon off; user root; pid ${folder}/nginx.pid; error_log stderr info; worker_processes 1;`,
    'events { worker_connections 256; }',
    http === undefined ? '' : `http { access_log off; ${temp}\n${http}\n}`,
    mail ?? '',
  ];
  writeFileSync(`${folder}/nginx.conf`, conf.join('\n'), { mode: 0o600 });
  const program = start('/usr/sbin/nginx', ['-p', folder, '-c', `${folder}/nginx.conf`]);
  await until(() => listens(port), 'nginx to listen', 20_000, program.said);
  return program;
}
