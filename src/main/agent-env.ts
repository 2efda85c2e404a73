/** The environment that systemd gives the agent (`EnvironmentFile=`), for a command typed at the host's own shell. */
import { existsSync } from 'node:fs';
import { readKept } from './keep-file.ts';

type Variables = Readonly<Record<string, string | undefined>>;

const usualAgentEnv = '/etc/gatehouse/agent.env';

/** Whether this looks like a hosting machine: told where the service is, or set up as `docs/operations.md` says. */
export function isHostMachine(env: Variables): boolean {
  return env.GATEHOUSE_URL !== undefined || existsSync(usualAgentEnv);
}

/**
 * The variables of the file, with the shell's own before them. Without that file, the shell's own.
 * @throws when others than its owner may read it: it holds a key.
 */
export function agentEnvironment(file: string | undefined, env: Variables): Variables {
  const text = readKept(file ?? usualAgentEnv);
  return text === undefined ? env : { ...parseEnvFile(text), ...env };
}

/** As systemd.exec(5) reads it, less the escapes: `NAME=value`, quotes around a value, comments. */
export function parseEnvFile(text: string): Record<string, string> {
  const rows = text.split('\n').flatMap((line) => {
    const [, name, value = ''] = /^\s*([A-Z_][A-Z0-9_]*)=(.*)$/i.exec(line) ?? [];
    return name === undefined ? [] : [[name, value.trim().replace(/^(["'])(.*)\1$/, '$2')] as const];
  });
  return Object.fromEntries(rows);
}
