/** `ssh` or `sftp` that is asked: a program of ours answers every prompt, in order, and keeps what it was asked. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { trusting } from './clients.ts';
import { type Program, start } from './processes.ts';
import type { Site } from './site.ts';

export interface Asked extends Program {
  /** The prompts so far, in their order. */
  prompts(): readonly string[];
}

let count = 0;

const script = (base: string, typing: number) => `#!/bin/bash
printf '%s\\n' "$1" >> '${base}.asked'
case "$1" in
  *assword*) cat '${base}.password' ;;
  *) sleep ${typing}; head -n 1 '${base}.codes'; sed -i 1d '${base}.codes' ;;
esac
`;

/** Keyboard-interactive unless `method` says otherwise; each code is typed once, in order. */
export function sshAsked(
  site: Site,
  login: string,
  answers: { readonly password?: string; readonly codes?: readonly string[] },
  options: {
    readonly method?: string;
    readonly port?: number;
    readonly command?: string;
    /** In place of a command: `ssh -s`, which says nothing by itself, or `sftp`, which reads its commands from its input. */
    readonly subsystem?: 'ssh' | 'sftp';
    readonly key?: string;
    readonly rounds?: number;
    /** Seconds that each code takes to type. */
    readonly typing?: number;
  } = {},
): Asked {
  const base = `${site.folder}/asked${count++}`;
  writeFileSync(base, script(base, options.typing ?? 0), { mode: 0o755 });
  writeFileSync(`${base}.password`, `${answers.password ?? ''}\n`);
  writeFileSync(`${base}.codes`, (answers.codes ?? []).map((code) => `${code}\n`).join(''));
  const key =
    options.key === undefined
      ? ['-o', 'PubkeyAuthentication=no']
      : ['-i', `${site.folder}/keys/${options.key}.private`, '-o', 'IdentitiesOnly=yes'];
  const what = { ssh: ['-s', `${login}@127.0.0.1`, 'sftp'], sftp: [`${login}@127.0.0.1`] };
  const shell = [`${login}@127.0.0.1`, options.command ?? 'echo came in'];
  const program = start(
    options.subsystem ?? 'ssh',
    [
      ...trusting,
      ...['-o', `NumberOfPasswordPrompts=${options.rounds ?? 1}`, ...key],
      ...['-o', `PreferredAuthentications=${options.method ?? 'keyboard-interactive'}`],
      ...['-o', `Port=${options.port ?? site.sshPort}`],
      ...(options.subsystem === undefined ? shell : what[options.subsystem]),
    ],
    { env: { ...process.env, SSH_ASKPASS: base, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' } },
  );
  const prompts = () =>
    existsSync(`${base}.asked`) ? readFileSync(`${base}.asked`, 'utf8').trim().split('\n') : [];
  return { ...program, prompts };
}
