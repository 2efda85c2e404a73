/** The unix side of an account, as far as a file, or whoever set it, may say it. */

export interface UnixIds {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string | undefined;
}

/** Below live the system's own users and groups, at 65534 nobody's: nobody may be made one of them. */
const firstOfPeople = 1000;
const last = 2_147_483_647;
const nobody = [65_534, 65_535];

const isPersonal = (id: number | undefined): id is number =>
  id !== undefined && Number.isInteger(id) && id >= firstOfPeople && id <= last && !nobody.includes(id);

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
const path = /^\/[^\u0000-\u001f\u007f]{0,1023}$/;

/** Pure-FTPd marks a jail by `/./`; a path with `..` leads who knows where. */
function plainPath(text: string | undefined): string | undefined {
  if (text === undefined || !path.test(text)) return undefined;
  const parts = text.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? undefined : `/${parts.join('/')}`;
}

/** The ids when they are of a person and with a home; undefined when they are better left out. */
export function ownIds(said: {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly home: string | undefined;
  readonly shell: string | undefined;
}): UnixIds | undefined {
  const home = plainPath(said.home);
  if (!isPersonal(said.uid) || !isPersonal(said.gid) || home === undefined || home === '/') return undefined;
  const shell = plainPath(said.shell);
  return { uid: said.uid, gid: said.gid, home, shell: shell === '/' ? undefined : shell };
}
