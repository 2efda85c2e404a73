/** Foreign programs in small: each asks as the real one does, and takes our answer for what the real one would. */
import type { StoreName } from '../../../src/domain/channels/index.ts';
import type { TestNode } from '../../support/house.ts';

export interface Shown {
  readonly login: string;
  readonly password: string;
  readonly source?: string;
  /** A key that is not the usual one; `null`: none. */
  readonly key?: string | null;
}

export interface Heard {
  readonly status: number;
  readonly text: string;
  /** Whether the program would let the login in. */
  readonly yes: boolean;
}

export interface Caller {
  readonly name: string;
  /** Whose password opens this door. */
  readonly store: StoreName;
  /** `code`: shown when it is asked for. */
  ask(node: TestNode, key: string, shown: Shown, code?: string): Promise<Heard>;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The other end of the connection. */
  readonly peer?: string;
}

/** A request as if it came over a connection from `peer`. */
export async function send(node: TestNode, path: string, sent: Sent = {}): Promise<Response> {
  const { method = 'POST', headers = {}, body, peer = '127.0.0.1' } = sent;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const init = { method, headers, ...(body === undefined ? {} : { body: text }) };
  return node.app.request(`http://localhost${path}`, init, {
    incoming: { socket: { remoteAddress: peer } },
  });
}

const keyHeader = (key: string, shown: Shown): Record<string, string> => {
  const sent = shown.key === undefined ? key : shown.key;
  return sent === null ? {} : { 'x-gatehouse-key': sent };
};

async function heard(response: Response, yes: (text: string) => boolean): Promise<Heard> {
  const text = await response.text();
  return { status: response.status, text, yes: yes(text) };
}

const is = (test: (body: Record<string, unknown>) => boolean) => (text: string) =>
  text !== '' && test(JSON.parse(text) as Record<string, unknown>);

/** As nginx does: a header's text is bytes, one a character. */
const escaped = (text: string) =>
  Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[ %\p{Cc}]/gu, (one) => encodeURIComponent(one));

const nginxMail: Caller = {
  name: 'nginx mail',
  store: 'mail',
  ask: async (node, key, shown) => {
    const response = await send(node, '/hooks/nginx-mail', {
      method: 'GET',
      headers: {
        ...keyHeader(key, shown),
        'auth-method': 'plain',
        'auth-protocol': 'imap',
        'auth-user': escaped(shown.login),
        'auth-pass': escaped(shown.password),
        'auth-login-attempt': '1',
        'client-ip': shown.source ?? '198.51.100.7',
        'x-gatehouse-backend': '192.0.2.1:143',
      },
    });
    const status = response.headers.get('auth-status') ?? '';
    return { status: response.status, text: status, yes: response.status === 200 && status === 'OK' };
  },
};

const dovecot: Caller = {
  name: 'Dovecot passdb',
  store: 'mail',
  ask: async (node, key, shown) => {
    const { login, password, source: remote = '198.51.100.7' } = shown;
    const body = { login, password, remote, service: 'imap', session: 'x1', remote_port: '40001' };
    const response = await send(node, '/hooks/dovecot?command=check', {
      headers: keyHeader(key, shown),
      body,
    });
    return heard(response, (text) => response.status === 200 && text.startsWith('decision=allow\n'));
  },
};

const checkPassword: Caller = {
  name: 'SFTPGo check-password',
  store: 'ssh',
  ask: async (node, key, shown) => {
    const { login: username, password, source: ip = '198.51.100.7' } = shown;
    const response = await send(node, '/hooks/sftpgo/check-password', {
      headers: keyHeader(key, shown),
      body: { username, password, ip, protocol: 'SSH' },
    });
    return heard(response, (text) => response.status === 200 && is(({ status }) => status !== 0)(text));
  },
};

const externalAuth: Caller = {
  name: 'SFTPGo external-auth',
  store: 'ftp',
  ask: async (node, key, shown) => {
    const { login: username, password, source: ip = '198.51.100.7' } = shown;
    const user = { username, home_dir: '/srv/x', permissions: { '/': ['*'] }, id: 7 };
    const response = await send(node, '/hooks/sftpgo/external-auth', {
      headers: keyHeader(key, shown),
      body: { username, password, ip, protocol: 'FTP', public_key: '', keyboard_interactive: '', user },
    });
    // Nothing at all is a yes, and so is everything with a name.
    const yes = (text: string) => text === '' || is(({ username: name }) => name !== '')(text);
    return heard(response, (text) => response.status === 200 && yes(text));
  },
};

const keyboard: Caller = {
  name: 'SFTPGo keyboard-interactive',
  store: 'ssh',
  ask: async (node, key, shown, code) => {
    const request_id = `talk-${Math.random()}`;
    const at = { request_id, username: shown.login, password: '$2a$stored' };
    const headers = keyHeader(key, shown);
    const step = async (body: object) => {
      const response = await send(node, '/hooks/sftpgo/keyboard-interactive', { headers, body });
      const text = await response.text();
      const result = response.status === 200 ? (JSON.parse(text).auth_result as number) : -1;
      return {
        status: response.status,
        text,
        result,
        questions: response.status === 200 ? JSON.parse(text).questions : [],
      };
    };
    let last = await step({ ...at, step: 1, ip: shown.source ?? '198.51.100.7' });
    const answers = [shown.password, ...(code === undefined ? [] : [code])];
    for (const [number, answer] of answers.entries()) {
      if (last.result !== 0) break;
      last = await step({ ...at, step: number + 2, answers: [answer], questions: last.questions });
    }
    return { status: last.status, text: last.text, yes: last.result === 1 };
  },
};

export const attributes = (all: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(all).map(([name, value]) => [name, { type: 'string', value: [value] }]));

const radius: Caller = {
  name: 'FreeRADIUS',
  store: 'ftp',
  ask: async (node, key, shown) => {
    const response = await send(node, '/hooks/radius/authenticate', {
      headers: keyHeader(key, shown),
      body: attributes({
        'User-Name': shown.login,
        'User-Password': shown.password,
        'NAS-Identifier': 'ftp',
        'Calling-Station-Id': shown.source ?? '198.51.100.7',
      }),
    });
    return heard(response, () => response.status >= 200 && response.status < 300);
  },
};

export const callers: readonly Caller[] = [nginxMail, dovecot, checkPassword, externalAuth, keyboard, radius];
