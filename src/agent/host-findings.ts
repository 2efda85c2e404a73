/** What is wrong with a host, from what was read of it. Pure: the reading is in `hands-host`. */
import type { Finding } from '../domain/finding.ts';
import type { SelfAnswer } from '../protocol/agent.ts';
import { finding } from './pam-stack.ts';

/** `sshd -T`: settings in lower case, the first of each. Undefined: sshd could not say. */
export function parseSshdSettings(text: string): ReadonlyMap<string, string> {
  const rows = text.split('\n').flatMap((line) => {
    const [, name, value] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
    return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value] as const];
  });
  return new Map(rows.reverse());
}

/** Settings of sshd that open a way past Gatehouse, or that break a login. */
export function sshdFindings(settings: ReadonlyMap<string, string>): Finding {
  const is = (name: string, value: string) => settings.get(name) === value;
  const faults: string[] = [];
  if (!is('usepam', 'yes')) faults.push('UsePAM is not yes: sshd asks nobody, and no session is ever opened');
  if (is('kbdinteractiveauthentication', 'no') && is('passwordauthentication', 'yes')) {
    faults.push(
      'KbdInteractiveAuthentication is no: a second factor has no prompt (password and code in one field only)',
    );
  }
  if (is('permitemptypasswords', 'yes')) faults.push('PermitEmptyPasswords is yes');
  if (is('usedns', 'yes'))
    faults.push('UseDNS is yes: sessions carry a name that the client chose, not its address');
  const grace = seconds(settings.get('logingracetime') ?? '');
  if (grace !== undefined && grace > 0 && grace < 30) {
    faults.push(`LoginGraceTime is ${grace} s: too short to type a code`);
  }
  if (is('permituserenvironment', 'yes')) {
    faults.push('PermitUserEnvironment is yes: users choose variables of programs that run for them');
  }
  if (is('clientaliveinterval', '0')) {
    faults.push('ClientAliveInterval is 0: a dead connection stays listed until its idle end');
  }
  return finding('sshd', faults, 'UsePAM, keyboard-interactive and the rest are as they must be');
}

function seconds(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Further apart than this, times in lists and mails begin to mislead; clocks of sessions are kept apart from it. */
const clockToleranceMs = 2_000;

export interface ServiceAnswer {
  readonly answer: SelfAnswer;
  /** This host's clock in the middle of the question, ms since 1970, and how long it took. */
  readonly askedAt: number;
  readonly tookMs: number;
}

/** What the service said of the key, the host's name, the clock and the releases. `mine`: this program's release. */
export function serviceFindings({ answer, askedAt, tookMs }: ServiceAnswer, mine: string): Finding[] {
  const ahead = Math.round(askedAt - Date.parse(answer.server_time));
  const missing = ['agent', 'authenticate'].filter((scope) => !answer.scopes.includes(scope));
  const agent = answer.agent;
  return [
    { name: 'service', ok: true, detail: `answers in ${tookMs} ms, release ${answer.service_version}` },
    finding(
      'key',
      missing.map(
        (scope) => `it lacks the scope ${scope}: gatehouse client create NAME --scope agent authenticate`,
      ),
      `good${answer.bound_host === null ? '; bound to no host: anybody who has it may speak for any' : ''}`,
    ),
    finding(
      'clock',
      Math.abs(ahead) > clockToleranceMs + tookMs
        ? [`this host's clock is ${ahead} ms ahead of the service's: is time synchronised (chrony, ntpd)?`]
        : [],
      `${ahead} ms ahead of the service's`,
    ),
    finding(
      'release',
      answer.service_version === mine
        ? []
        : [`this is ${mine}, the service is ${answer.service_version}: bring both to one release`],
      `${mine}, as the service`,
    ),
    finding(
      'agent',
      [
        ...(answer.taken ? ['another machine speaks to the service under this name (GATEHOUSE_HOST)'] : []),
        ...(agent === null ? ['the service has never heard of an agent of this name'] : []),
        ...(agent !== null && !agent.connected
          ? [`the service last heard of it at ${agent.last_contact_at}: nobody can log in`]
          : []),
        ...(agent !== null && agent.version !== mine
          ? [`the one that runs is release ${agent.version}: restart it`]
          : []),
      ],
      `connected, release ${agent?.version}`,
    ),
  ];
}

/** Without an answer: what that says about service and key. `status` is undefined when nothing answered at all. */
export function noServiceFinding(status: number | undefined, detail: string): Finding {
  if (status === 401)
    return {
      name: 'key',
      ok: false,
      detail: 'the service does not take it: revoked, or of another installation',
    };
  if (status === 403) {
    return {
      name: 'key',
      ok: false,
      detail: 'it may not speak for this host: it lacks the scope agent, or is bound to another host',
    };
  }
  const said = status === undefined ? detail : `it answered ${status}`;
  return { name: 'service', ok: false, detail: `no answer (${said}): no login is let in while that lasts` };
}

/** What was tried in the place where sessions get their cgroups. */
export interface CgroupLook {
  /** Where cgroup v2 is mounted. */
  readonly mount: string | undefined;
  readonly root: string | undefined;
  /** Why no cgroup could be made there. */
  readonly fault: string | undefined;
  readonly hasKill: boolean;
  /** Of systemd: `Delegate=yes` on the agent's unit. Undefined: no systemd runs here. */
  readonly delegated: boolean | undefined;
}

export function cgroupFinding({ mount, root, fault, hasKill, delegated }: CgroupLook): Finding {
  if (mount === undefined) {
    return {
      name: 'cgroups',
      ok: false,
      detail:
        'cgroup v2 is not mounted: sessions are ended, but their end is never proved (receipts say not_proven)',
    };
  }
  const faults: string[] = [];
  if (fault !== undefined) faults.push(`no cgroup can be made in ${root}: ${fault}`);
  if (delegated === false) {
    faults.push(
      'the unit gatehouse-agent has no Delegate=yes: systemd may take the cgroups of sessions away',
    );
  }
  return finding(
    'cgroups',
    faults,
    `v2 at ${mount}, sessions in ${root}${hasKill ? '' : '; this kernel has no cgroup.kill: they are frozen and killed'}`,
  );
}
