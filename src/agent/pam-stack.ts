/** The PAM files of a host, read as Linux-PAM does, and what in them lets somebody past Gatehouse. Pure. */
import { channelNamed } from '../domain/channels/index.ts';
import type { Finding } from '../domain/finding.ts';

export interface PamLine {
  readonly type: string;
  /** `required`, `sufficient`, …, or the text within brackets. */
  readonly control: string;
  readonly module: string;
  readonly args: readonly string[];
  /** A leading `-`: a module that is not there is passed over. */
  readonly optional: boolean;
}

export const ourModule = 'pam_gatehouse.so';
const phases = ['auth', 'account', 'session'] as const;
type Phase = (typeof phases)[number];
const deepest = 8;

/**
 * The lines of a PAM file (pam.conf(5)), with what it includes in its place. `read` gives the text of a file of
 * `/etc/pam.d`; undefined where there is none.
 */
export function pamLines(text: string, read: (name: string) => string | undefined, depth = 0): PamLine[] {
  const lines = text.replaceAll('\\\n', ' ').split('\n');
  return lines.flatMap((line) => {
    const plain = line.replace(/#.*$/, '').trim();
    const whole = /^@include\s+(\S+)$/.exec(plain)?.[1];
    if (whole !== undefined) return included(whole, read, depth);
    const [, dash, type = '', bracket, word = '', module = '', rest = ''] =
      /^(-?)(\w+)\s+(?:\[([^\]]*)\]|(\S+))\s+(\S+)(.*)$/.exec(plain) ?? [];
    if (type === '') return [];
    if (bracket === undefined && (word === 'include' || word === 'substack')) {
      return included(module, read, depth).filter((each) => each.type === type.toLowerCase());
    }
    const args = rest.trim().split(/\s+/).filter(Boolean);
    const control = bracket ?? word;
    return [{ type: type.toLowerCase(), control, module, args, optional: dash === '-' }];
  });
}

function included(name: string, read: (name: string) => string | undefined, depth: number): PamLine[] {
  const text = depth < deepest ? read(name) : undefined;
  return text === undefined ? [] : pamLines(text, read, depth + 1);
}

const isOurs = (line: PamLine) => line.module.split('/').at(-1) === ourModule;

export const namesOurModule = (lines: readonly PamLine[]) => lines.some(isOurs);

/** Where the agent answers and which key it shows: the module must be told the same. */
export interface AgentPlace {
  readonly pamAddress: string;
  readonly pamKeyFile: string;
}

/** What is wrong with the stack of one service, in the order of its lines. Nothing: it is in order. */
export function stackFaults(lines: readonly PamLine[], agent: AgentPlace): string[] {
  return [
    ...phases.flatMap((phase) => phaseFaults(phase, lines)),
    ...lines.filter(isOurs).flatMap((line) => argumentFaults(line, agent)),
  ];
}

const without: Readonly<Record<Phase, string>> = {
  auth: 'passwords are not judged by Gatehouse',
  account: 'whoever comes in by key is let in though the account is suspended',
  session: 'no session is opened, so nothing can log it off',
};

function phaseFaults(phase: Phase, lines: readonly PamLine[]): string[] {
  const stack = lines.filter((line) => line.type === phase);
  const at = stack.findIndex(isOurs);
  const ours = stack[at];
  if (ours === undefined) return [`there is no ${phase} line of ${ourModule}: ${without[phase]}`];
  const faults: string[] = [];
  if (!/^(required|requisite)$/.test(ours.control) || ours.optional) {
    faults.push(
      `its ${phase} line is ${ours.optional ? 'optional (a leading -)' : `"${ours.control}"`}: it must be required`,
    );
  }
  for (const before of stack.slice(0, at)) {
    const early = earlyEnd(before);
    if (early) faults.push(`${before.module} (${early}) before its ${phase} line can let somebody past it`);
  }
  const late = stack.slice(at + 1).find((line) => line.module.endsWith('pam_systemd.so'));
  if (phase === 'session' && late) {
    faults.push('its session line comes before pam_systemd: the session has no scope of its own yet');
  }
  return faults;
}

/** Whether a line can end the stack with a yes before the next ones are asked. */
function earlyEnd(line: PamLine): string | undefined {
  if (line.control === 'sufficient') return 'sufficient';
  return /=\s*done\b/.test(line.control) ? `[${line.control}]` : undefined;
}

/** What the module takes (`pam/settings.c`); where it takes certain words alone, these. */
export const moduleOptions: Readonly<Record<string, readonly string[] | undefined>> = {
  agent: undefined,
  key: undefined,
  store: undefined,
  channel: undefined,
  timeout: undefined,
  unknown: ['ignore', 'deny'],
  door: ['first', 'no'],
  code: ['prompt', 'none'],
  after_key: ['password', 'code', 'code-if-set'],
  encrypted: ['unknown', 'always', 'never', 'ftps-variable'],
  read_only: ['enforced', 'no'],
};

function argumentFaults(line: PamLine, agent: AgentPlace): string[] {
  const said = new Map(line.args.map((arg) => [arg.split('=')[0] ?? '', arg.split('=').slice(1).join('=')]));
  const faults: string[] = [];
  const where = `its ${line.type} line`;
  for (const [name, value] of said) {
    const words = moduleOptions[name];
    if (!Object.hasOwn(moduleOptions, name))
      faults.push(`${where} says ${name}=, which it does not know: it refuses everybody`);
    else if (value === '' || (words && !words.includes(value)))
      faults.push(
        `${where} says ${name}=${value}, and not ${words?.join(', ') ?? 'what'}: it refuses everybody`,
      );
  }
  const store = said.get('store') ?? 'ssh';
  const channel = said.get('channel') ?? 'ssh';
  if (channelNamed(channel)?.store !== store) {
    faults.push(`${where} names the channel ${channel} of the store ${store}: there is no such channel`);
  }
  const address = said.get('agent') ?? '127.0.0.1:7422';
  if (address !== agent.pamAddress) {
    faults.push(`${where} asks ${address}, but the agent answers on ${agent.pamAddress}`);
  }
  const key = said.get('key') ?? '/etc/gatehouse/pam.key';
  if (key !== agent.pamKeyFile)
    faults.push(`${where} reads ${key}, but the agent's key is ${agent.pamKeyFile}`);
  const { passwordOnly } = channelNamed(channel) ?? {};
  if ((line.type === 'auth' || passwordOnly === true) && said.get('unknown') === 'ignore') {
    faults.push(
      passwordOnly === true
        ? `${where} leaves unknown names to the next module: the channel ${channel} takes nobody without a password of Gatehouse`
        : `${where} leaves unknown names to the next module: that belongs to account and session alone`,
    );
  }
  return faults;
}

/** One finding a service of this host that asks Gatehouse, and one when sshd, or nobody, does. */
export function pamFindings(
  files: ReadonlyMap<string, string>,
  agent: AgentPlace,
  hasSshd: boolean,
): Finding[] {
  const read = (name: string) => files.get(name.replace(/^\/etc\/pam\.d\//, ''));
  const services = [...files]
    .map(([name, text]) => ({ name, lines: pamLines(text, read) }))
    .filter(({ lines }) => namesOurModule(lines));
  const findings = services.map(({ name, lines }) => {
    const faults = stackFaults(lines, agent);
    return finding(`PAM ${name}`, faults, 'asks Gatehouse for password, account and session');
  });
  if (hasSshd && !services.some(({ name }) => name === 'sshd')) {
    findings.push(
      finding('PAM sshd', [`/etc/pam.d/sshd does not name ${ourModule}: SSH is not guarded`], ''),
    );
  } else if (services.length === 0) {
    findings.push(finding('PAM', [`no file in /etc/pam.d names ${ourModule}: no door is guarded`], ''));
  }
  return findings;
}

/** The files that the lines load, as they name them. */
export function modulesNamed(files: ReadonlyMap<string, string>): string[] {
  const lines = [...files.values()].flatMap((text) => pamLines(text, () => undefined));
  return [...new Set(lines.filter(isOurs).map((line) => line.module))];
}

/** All faults of one thing in one line; `well` when there are none. */
export function finding(name: string, faults: readonly string[], well: string): Finding {
  return { name, ok: faults.length === 0, detail: faults.length === 0 ? well : faults.join('; ') };
}
