/** The doors and what each must hold: which tests prove it on the real daemon, and what cannot be, with the reason. */

export const doors = [
  'ssh',
  'sftp',
  'telnet',
  'ProFTPD',
  'ProFTPD sftp',
  'vsftpd',
  'Pure-FTPd',
  'IMAP',
  'POP3',
  'nginx mail',
  'nginx pages',
  'Caddy pages',
  'FreeRADIUS',
] as const;

export const cases = [
  'right',
  'wrong',
  'other store',
  'suspended',
  'second factor',
  'logoff idle',
  'logoff mid-transfer',
  'idle end',
  'absolute end',
  'agent restarted',
  'service away',
] as const;

export type Door = (typeof doors)[number];
export type Case = (typeof cases)[number];
export type Cell = `${Door}: ${Case}`;
export type Mark = 'ok' | 'FAIL' | '–' | 'missing';

const noPassword = 'a proxy sees sessions, never a password: the panel asks the API for it';
const oneQuestion = 'a proxy asks once a request: a download that has begun goes on until it is closed';
const noAgent = 'nothing of an agent is in the way: each request asks the service';
const behind = 'the connection is a relay: the session is that of the mail server behind, which ends it';

/** What cannot be, and why. */
export const cannot: Partial<Record<Cell, string>> = {
  'nginx mail: logoff idle': behind,
  'nginx mail: logoff mid-transfer': behind,
  'nginx mail: idle end': behind,
  'nginx mail: absolute end': behind,
  'nginx mail: agent restarted': 'nginx asks the service itself: no agent is in the way',
  'nginx pages: wrong': noPassword,
  'nginx pages: second factor': noPassword,
  'nginx pages: logoff mid-transfer': oneQuestion,
  'nginx pages: agent restarted': noAgent,
  'Caddy pages: wrong': noPassword,
  'Caddy pages: second factor': noPassword,
  'Caddy pages: logoff mid-transfer': oneQuestion,
  'Caddy pages: agent restarted': noAgent,
  'FreeRADIUS: logoff mid-transfer':
    'RADIUS knows no transfers: a Disconnect-Request is for the whole session',
  'FreeRADIUS: idle end':
    'the NAS keeps it (Idle-Timeout): accounting tells that somebody is there, not that he does something',
  'FreeRADIUS: agent restarted': 'the service tells the NAS itself: no agent is in the way',
};

const isOneOf = <T extends string>(list: readonly T[], text: string): text is T =>
  (list as readonly string[]).includes(text);

/** Reads `door: case, case`. What it does not know is a fault: a misspelt cell would count for nothing. */
export function cellsOf(claim: string): Cell[] {
  const [door = '', list = ''] = claim.split(': ');
  if (!isOneOf(doors, door)) throw new Error(`no such door: ${claim}`);
  return list.split(', ').map((each): Cell => {
    if (!isOneOf(cases, each)) throw new Error(`no such case: ${each} in ${claim}`);
    const cell: Cell = `${door}: ${each}`;
    if (cannot[cell] !== undefined) throw new Error(`it is said that this cannot be: ${cell}`);
    return cell;
  });
}

declare module 'vitest' {
  interface TaskMeta {
    proves?: readonly Cell[];
  }
}

/** Options of a test: the cells that it proves, each door as `door: case, case`. */
export function proves(...claims: readonly string[]): { meta: { proves: readonly Cell[] } } {
  return { meta: { proves: claims.flatMap(cellsOf) } };
}

/** Several doors, for one table of tests; its claims are made by `provesAt`. */
export const eachDoor = <D extends Door>(...list: readonly D[]): readonly D[] => list;

/** Options of a test of a table: the cells of this door that it proves. */
export const provesAt = (door: Door, list: string) => proves(`${door}: ${list}`);

const quoted = (text: string) => [...text.matchAll(/'([^']+)'/g)].map(([, each = '']) => each);

/** The cells that a test file claims, read from its text. A table claims its cells for each of its doors. */
export function claimedIn(source: string): Cell[] {
  const args = (name: string) =>
    [...source.matchAll(new RegExp(`\\b${name}\\(([^)]*)\\)`, 'g'))].flatMap(([, list = '']) => quoted(list));
  const [table, lists] = [args('eachDoor'), args('provesAt')];
  if (lists.length > 0 && table.length === 0) throw new Error(`claims of no table: ${lists.join('; ')}`);
  const ofTable = table.flatMap((door) => lists.map((list) => `${door}: ${list}`));
  return [...args('proves'), ...ofTable].flatMap(cellsOf);
}

export function markOf(cell: Cell, found: ReadonlyMap<Cell, boolean>): Mark {
  const passed = found.get(cell);
  if (passed !== undefined) return passed ? 'ok' : 'FAIL';
  return cannot[cell] === undefined ? 'missing' : '–';
}

const cellAt = (door: Door, what: Case): Cell => `${door}: ${what}`;

export const allCells = doors.flatMap((door) => cases.map((what) => cellAt(door, what)));

/** A table in Markdown, and below it why some cells cannot be. `open`: how a cell looks that nothing was found of. */
export function matrix(found: ReadonlyMap<Cell, boolean>, open = 'missing'): string {
  const shown = (cell: Cell) => {
    const mark = markOf(cell, found);
    return mark === 'missing' ? open : mark;
  };
  const rows = [
    ['', ...cases],
    ...doors.map((door) => [door, ...cases.map((what) => shown(cellAt(door, what)))]),
  ];
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  const lines = rows.map((row) => `| ${row.map((text, at) => text.padEnd(widths[at] ?? 0)).join(' | ')} |`);
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const [head = '', ...body] = lines;
  return [head, rule, ...body, '', ...reasons()].join('\n');
}

/** One line a reason, with the cells that it is for. */
function reasons(): string[] {
  const byReason = new Map<string, Map<string, string[]>>();
  for (const cell of allCells) {
    const why = cannot[cell];
    if (why === undefined) continue;
    const [door = '', what = ''] = cell.split(': ');
    const list = byReason.get(why) ?? new Map<string, string[]>();
    list.set(door, [...(list.get(door) ?? []), what]);
    byReason.set(why, list);
  }
  return [...byReason].map(([why, list]) => {
    const where = [...list].map(([door, whats]) => `${door} (${whats.join(', ')})`);
    return `- – ${where.join('; ')}: ${why}.`;
  });
}
