/** What in the settings of a Pure-FTPd lets somebody past Gatehouse, as Debian keeps them: one file a setting. Pure. */
import type { Finding } from '../domain/finding.ts';
import { finding } from './pam-stack.ts';

export interface PureFtpdSettings {
  /** What it asks, by the names of the settings, in order: `auth/*` are links to them. */
  readonly asked: readonly string[];
  /** `conf/*` by name: the first line that says anything. */
  readonly said: ReadonlyMap<string, string>;
}

/** Backends that are asked only where their setting says so. */
const switched = ['PAMAuthentication', 'UnixAuthentication'];
const isYes = (text: string | undefined) => /^(yes|1|on)$/i.test(text ?? '');

/** `socket`: where the agent answers, by its configuration. `silence`: why it does not, if it does not. */
export function pureFtpdFinding(
  { asked, said }: PureFtpdSettings,
  socket: string | undefined,
  silence: string | undefined,
): Finding {
  const others = asked.filter(
    (name) => name !== 'ExtAuth' && (!switched.includes(name) || isYes(said.get(name))),
  );
  const named = said.get('ExtAuth');
  const faults = [
    ...(socket === undefined ? ['the agent has no GATEHOUSE_EXTAUTH: nobody answers Pure-FTPd'] : []),
    ...(silence === undefined ? [] : [silence]),
    ...(asked.includes('ExtAuth') ? [] : ['it does not ask Gatehouse: auth/ has no link to ../conf/ExtAuth']),
    ...(socket !== undefined && named !== undefined && named !== socket
      ? [`conf/ExtAuth names ${named}, but the agent answers at ${socket}`]
      : []),
    ...others.map((name) => `it asks ${name} as well: whoever that lets in never comes before Gatehouse`),
    ...(isYes(said.get('NoAnonymous'))
      ? []
      : ['conf/NoAnonymous is not yes: strangers come in without a login']),
  ];
  return finding('Pure-FTPd', faults, `asks Gatehouse alone, at ${socket}`);
}
