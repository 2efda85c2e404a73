/** A raw message (RFC 5322, MIME) as a plain `Message`, within limits. Bad input is read as far as it goes. */
import { cleaned, cleanText } from '../../domain/clean-text.ts';
import type { Address, Attachment, Form, Link, Message } from '../../domain/message.ts';
import { addressesIn } from './addresses.ts';
import { authenticationOf } from './authentication.ts';
import { decodeBody, decodeText } from './decode.ts';
import type { Headers } from './headers.ts';
import { type Page, readPage } from './html-text.ts';
import { Cuts, limits } from './limits.ts';
import { linksIn } from './links.ts';
import { type Part, readTree } from './parts.ts';

export interface Trust {
  /** authserv-ids of the boundary whose findings count. */
  readonly authservIds: readonly string[];
}

export function readMail(raw: Buffer, trust: Trust = { authservIds: [] }): Message {
  const cuts = new Cuts();
  const { headers, parts } = readTree(raw, cuts);
  const body = bodyOf(parts, cuts);
  const [only] = parts;
  const from = addressesIn(headers.first('from'), 1)[0];
  const returnPath = addressesIn(headers.first('return-path'), 1)[0];
  const authentication = authenticationOf(headers.all('authentication-results'), trust.authservIds);
  return cleaned<Message>({
    medium: 'email',
    direction: 'inbound',
    subject: headers.text('subject').slice(0, 1_000),
    ...body,
    ...(from === undefined ? {} : { from }),
    ...(returnPath === undefined ? {} : { returnPath }),
    ...(authentication === undefined ? {} : { authentication }),
    replyTo: headers
      .all('reply-to')
      .flatMap((each) => addressesIn(each))
      .slice(0, 50),
    to: recipients(headers),
    plain: parts.length === 1 && only !== undefined && isText(only) && !only.attached,
    marks: marksOf(headers),
    cut: cuts.list(),
  });
}

const recipients = (headers: Headers): Address[] =>
  ['delivered-to', 'x-original-to', 'to', 'cc']
    .flatMap((name) => addressesIn(headers.first(name)))
    .slice(0, 50);

const marksOf = (headers: Headers) => ({
  list:
    ['list-id', 'list-post', 'list-unsubscribe'].some((name) => headers.first(name) !== '') ||
    /bulk|list/i.test(headers.first('precedence')),
  reply: headers.first('in-reply-to') !== '' || headers.first('references') !== '',
  automatic: /auto-/i.test(headers.first('auto-submitted')),
});

interface Body {
  readonly text: string;
  readonly hidden: string;
  readonly links: readonly Link[];
  readonly forms: readonly Form[];
  readonly attachments: readonly Attachment[];
  readonly images: number;
}

const isHtmlName = (name: string) => /\.(s?html?|xhtml|svg|mht)$/i.test(name);
const isHtml = (part: Part) => part.type === 'text/html' || part.type === 'application/xhtml+xml';
const isText = (part: Part) => part.type.startsWith('text/') && !isHtml(part);

const isAttachedPage = (part: Part) => isHtmlName(part.name) || (part.attached && isHtml(part));

function bodyOf(parts: readonly Part[], cuts: Cuts): Body {
  const pages: Page[] = [];
  const plains: string[] = [];
  let plainly = 0;
  let attachedText = '';
  const attached: Form[] = [];
  const textOf = (part: Part) => {
    const bytes = part.bytes.subarray(0, cuts.take('bodies', part.bytes.length));
    return decodeText(decodeBody(bytes, part.encoding), part.charset);
  };
  // What is attached comes last: it must not use up what the message itself is read by.
  for (const part of [...parts].sort((a, b) => Number(isAttachedPage(a)) - Number(isAttachedPage(b)))) {
    if (isAttachedPage(part)) {
      const page = readPage(textOf(part), cuts, true);
      attached.push(...page.forms);
      attachedText += `\n\n${page.text.slice(0, 100_000)}`;
    } else if (part.attached) continue;
    else if (isHtml(part)) pages.push(readPage(textOf(part), cuts));
    else if (isText(part) && plainly >= limits.text) cuts.met('text');
    else if (isText(part)) {
      plains.push(cleanText(textOf(part)));
      plainly += plains.at(-1)?.length ?? 0;
    }
  }
  return joined(pages, plains, attachedText, {
    cuts,
    forms: attached,
    attachments: parts.filter(isAttachment).map(({ name, type, size }) => ({ name, type, bytes: size })),
    images: parts.filter(({ type }) => type.startsWith('image/')).length,
  });
}

const isAttachment = (part: Part) => part.name !== '' || part.attached || !(isHtml(part) || isText(part));

interface Besides {
  readonly cuts: Cuts;
  readonly forms: readonly Form[];
  readonly attachments: readonly Attachment[];
  readonly images: number;
}

/** Pages first, as readers see them; plain text too where it is no mere copy of them. */
function joined(
  pages: readonly Page[],
  plains: readonly string[],
  attachedText: string,
  besides: Besides,
): Body {
  const { cuts } = besides;
  let text = '';
  const links: Link[] = [];
  for (const page of pages) {
    const shift = text.length === 0 ? 0 : text.length + 2;
    text += `${text.length === 0 ? '' : '\n\n'}${page.text}`;
    links.push(...page.links.map((link) => (link.at < 0 ? link : { ...link, at: link.at + shift })));
    links.push(...(page.links.length === 0 ? linksIn(page.text, cuts) : []));
  }
  const plain = plains.join('\n\n');
  if (plain.length > text.length * 1.5 || (text.length < 200 && plain !== '')) {
    const shift = text.length === 0 ? 0 : text.length + 2;
    text += `${text.length === 0 ? '' : '\n\n'}${plain}`;
    links.push(...linksIn(plain, cuts).map((link) => ({ ...link, at: link.at + shift })));
  }
  text = cuts.fitting('text', text + attachedText);
  return {
    text,
    hidden: cuts.fitting(
      'hidden',
      pages
        .map(({ hidden }) => hidden)
        .join(' ')
        .trim(),
    ),
    links,
    forms: [...pages.flatMap(({ forms }) => forms), ...besides.forms],
    attachments: besides.attachments,
    images: pages.reduce((sum, { images }) => sum + images, besides.images),
  };
}
