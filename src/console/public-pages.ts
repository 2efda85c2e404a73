/** The pages behind mailed links. They work without scripts, and nothing happens before a button is pressed. */
import type { Context } from 'hono';
import { html } from 'hono/html';
import { confirmReset } from '../actions/confirm-reset.ts';
import type { Ctx, House } from '../actions/context.ts';
import { denyReset } from '../actions/deny-reset.ts';
import { confirmEmail } from '../actions/email-change.ts';
import { lookAtLink } from '../actions/look-at-link.ts';
import { secureAccount } from '../actions/secure-account.ts';
import type { MailedPurpose } from '../domain/mailed.ts';
import { trustedProxies } from '../domain/proxies.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { AccountSecured } from '../protocol/recovery.ts';
import { type CarriedToken, carriedToken } from './carried-token.ts';
import { page } from './page.ts';
import { type Form, formOf, sourceOf, visitor } from './visit.ts';

interface Shown {
  readonly c: Context;
  readonly ctx: Ctx;
  readonly carried: CarriedToken;
  readonly token: string;
}

type Posted = Shown & { readonly form: Form; readonly from: { readonly source_ip?: string } };

interface PublicPage {
  readonly path: string;
  readonly purpose: MailedPurpose;
  show(at: Shown, link: { login: string; email: string | undefined }): Promise<Response>;
  act(sent: Posted): Promise<Response>;
}

type Run = (c: Context, requestId: string) => Promise<Response>;

export interface PublicPagesOptions {
  readonly house: House;
  /** Addresses and CIDR ranges whose `X-Forwarded-*` counts. */
  readonly proxies: readonly string[];
}

/** As another door of the house: `http/app` gives it the street. The pages are no part of the API's document. */
export function publicPages({ house, proxies }: PublicPagesOptions) {
  const trusted = trustedProxies(proxies);
  const secure = house.origin.startsWith('https:');
  return {
    paths: {},
    mount(on: (method: string, path: string, run: Run) => void): void {
      for (const each of [resetPage, securePage, confirmEmailPage]) {
        const carried = carriedToken(each.path, secure);
        on('GET', each.path, (c, requestId) => shown(c, house, each, carried, requestId));
        on('POST', each.path, (c, requestId) => {
          const at = { c, ctx: visitor(house, requestId), carried, from: sourceOf(c, trusted) };
          return posted(at, house, each);
        });
      }
    },
  };
}

async function shown(c: Context, house: House, what: PublicPage, carried: CarriedToken, requestId: string) {
  const moved = carried.takeOut(c);
  if (moved) return moved;
  const token = carried.read(c) ?? '';
  const ctx = visitor(house, requestId);
  const link = await lookAtLink(ctx, token, what.purpose);
  return link.ok ? what.show({ c, ctx, carried, token }, link.value) : over(c);
}

async function posted(at: Omit<Posted, 'form' | 'token'>, house: House, what: PublicPage) {
  const { c } = at;
  const form = await formOf(c, house);
  if (form === 'foreign') return foreign(c);
  if (form === 'too_large') return page(c, 413, 'That is too much', html`<p>The form was too large.</p>`);
  return what.act({ ...at, form, token: form.get('token') ?? '' });
}

function over(c: Context) {
  const text = html`<p>It was used, is too old, or a newer one has taken its place. Nothing has changed.</p>
<p>If you need a new password, ask for another link where you log in. Cookies must be allowed for this page.</p>`;
  return page(c, 422, 'This link is no longer good', text);
}

function foreign(c: Context) {
  const text = html`<p>Open the link from the mail again, and press the button there.</p>`;
  return page(c, 403, 'This came from another page', text);
}

function refused(c: Context, { refused: code, detail }: Refusal) {
  if (code === 'link_rejected') return over(c);
  if (code === 'busy' || code === 'unavailable') {
    return page(c, 503, 'Too busy just now', html`<p>Nothing has changed. Try again in a moment.</p>`);
  }
  return page(c, 422, 'That did not work', html`<p role="alert">${detail ?? 'Nothing has changed.'}</p>`);
}

const hidden = (text: string) => html`<input type="hidden" name="token" value="${text}">`;

// --- a new password ---

function passwordForm(at: Shown, login: string, status: 200 | 422, fault?: string) {
  const alert = fault === undefined ? '' : html`<p role="alert" id="fault">${fault}</p>`;
  const described = fault === undefined ? 'rules' : 'rules fault';
  const text = html`${alert}
<form method="post" action="/reset">
${hidden(at.token)}
<input type="hidden" name="login" autocomplete="username" value="${login}">
<p id="rules">For <strong>${login}</strong>. Several words together make a good password. All sessions end when it is changed.</p>
<label for="new">New password</label>
<input id="new" name="new_password" type="password" autocomplete="new-password" required maxlength="1024" aria-describedby="${described}">
<label for="again">The same again</label>
<input id="again" name="again" type="password" autocomplete="new-password" required maxlength="1024">
<button name="do" value="set">Set the password</button>
</form>
<form method="post" action="/reset">
${hidden(at.token)}
<p>Did you not ask for this? Then somebody else did. This cancels the link and tells your host.</p>
<button name="do" value="deny">This was not me</button>
</form>`;
  return page(at.c, status, 'Choose a new password', text);
}

async function setPassword(sent: Posted) {
  const { c, ctx, form, carried, from } = sent;
  const secret = form.get('new_password') ?? '';
  if (secret !== form.get('again')) return onceMore(sent, 'The two are not the same.');
  const outcome = await confirmReset(ctx, { ...from, token: sent.token, new_password: secret });
  if (!outcome.ok && outcome.refusal.refused === 'password_rejected') {
    return onceMore(sent, outcome.refusal.detail ?? '');
  }
  if (!outcome.ok) return refused(c, outcome.refusal);
  carried.clear(c);
  const factor = outcome.value.second_factor ? html` Your second factor is asked for as before.` : '';
  const text = html`<p>Log in as <strong>${outcome.value.login}</strong> with the new password.${factor} All sessions were ended; programs that keep the old password must be given the new one.</p>`;
  return page(c, 200, 'The password is changed', text);
}

/** The form again, with why. What it shows comes from the link, never from what was sent. */
async function onceMore(sent: Posted, fault: string) {
  const link = await lookAtLink(sent.ctx, sent.token, 'reset');
  return link.ok ? passwordForm(sent, link.value.login, 422, fault) : over(sent.c);
}

async function deny({ c, ctx, carried, from, token: link }: Posted) {
  const outcome = await denyReset(ctx, { ...from, token: link });
  if (!outcome.ok) return refused(c, outcome.refusal);
  carried.clear(c);
  const { live_sessions: live, secure_token: secure, login } = outcome.value;
  const text = html`<p>The link is cancelled, and your host is told. The password of <strong>${login}</strong> is what it was.</p>
<form method="post" action="/secure">
${hidden(secure)}
<p>Open sessions now: ${live}. If you fear that somebody else is in one of them, end them all and have a link to a new password mailed.</p>
<button>End all sessions</button>
</form>`;
  return page(c, 200, 'Thank you', text);
}

const resetPage: PublicPage = {
  path: '/reset',
  purpose: 'reset',
  show: (at, { login }) => passwordForm(at, login, 200),
  act: (sent) => (sent.form.get('do') === 'deny' ? deny(sent) : setPassword(sent)),
};

// --- the page of every notice ---

/** One line a kind of door, place and state: a customer may have had dozens of FTP connections. */
function doorList(doors: AccountSecured['doors']) {
  if (doors.length === 0) return '';
  const counts = new Map<string, number>();
  for (const { channel, host, meaning } of doors) {
    const line = `${channel}${host === null ? '' : ` on ${host}`}: ${meaning}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  const lines = [...counts].map(
    ([line, count]) => html`<li>${count === 1 ? '' : `${count} × `}${line}</li>
`,
  );
  return html`<ul>
${lines}</ul>`;
}

const securePage: PublicPage = {
  path: '/secure',
  purpose: 'secure',
  show: ({ c, token: link }, { login }) =>
    page(
      c,
      200,
      `Was it not you, ${login}?`,
      html`<form method="post" action="/secure">
${hidden(link)}
<p>This ends every session of <strong>${login}</strong>, on every door, takes back app passwords, permissions and SSH keys that were made in the last days, and mails a link to a new password. If it was you, close this page.</p>
<button>It was not me: end all sessions</button>
</form>`,
    ),
  async act({ c, ctx, carried, from, token: link }) {
    const outcome = await secureAccount(ctx, { ...from, token: link });
    if (!outcome.ok) return refused(c, outcome.refusal);
    carried.clear(c);
    const {
      login,
      sessions_ended: ended,
      access_revoked: revoked,
      reset_mailed: mailed,
      doors,
    } = outcome.value;
    const next = mailed
      ? html`A link to a new password for <strong>${login}</strong> is on its way to your mailbox.`
      : html`The newest link to a new password in your mailbox works; if there is none, ask your host.`;
    const proved = doors.every(({ state }) => state === 'ended');
    const text = html`<p>Sessions ended: ${ended}.${proved ? '' : ' Not every door has confirmed it yet: each is told again until it has.'}</p>
${doorList(doors)}
<p>App passwords, permissions and keys taken back: ${revoked}. ${next}</p>
<p>Look at your second factors, app passwords and keys when you have logged in again.</p>`;
    return page(c, 200, proved ? 'All sessions are ended' : 'All sessions are being ended', text);
  },
};

// --- a new address ---

const confirmEmailPage: PublicPage = {
  path: '/confirm-email',
  purpose: 'email',
  show: ({ c, token: link }, { login, email }) =>
    page(
      c,
      200,
      'Confirm this address',
      html`<form method="post" action="/confirm-email">
${hidden(link)}
<p>From now on, mail of <strong>${login}</strong> goes to <strong>${email ?? ''}</strong>.</p>
<button>Confirm</button>
</form>`,
    ),
  async act({ c, ctx, carried, from, token: link }) {
    const outcome = await confirmEmail(ctx, { ...from, token: link });
    if (!outcome.ok) return refused(c, outcome.refusal);
    carried.clear(c);
    const { login, email } = outcome.value;
    return page(
      c,
      200,
      'Confirmed',
      html`<p>Mail of <strong>${login}</strong> goes to <strong>${email}</strong>.</p>`,
    );
  },
};
