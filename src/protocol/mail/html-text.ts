/**
 * HTML as a reader sees it: visible text, hidden text apart, links with their words, forms. One pass of the tokenizer,
 * no tree and no stack: what is nested deep or never closed costs nothing more.
 */
import { Tokenizer } from 'htmlparser2';
import type { Form, Link } from '../../domain/message.ts';
import { registrable } from './addresses.ts';
import { type Cuts, limits } from './limits.ts';
import { linkOf } from './links.ts';

export interface Page {
  readonly text: string;
  readonly hidden: string;
  readonly links: readonly Link[];
  readonly forms: readonly Form[];
  readonly images: number;
  /** Text that scripts would write: only ever a reason for suspicion. */
  readonly scripts: number;
}

const blocks = new Set(
  'p div table tr td th h1 h2 h3 h4 h5 h6 li ul ol dl dt dd blockquote section article header footer form hr center fieldset label option select button pre address main nav aside title'.split(
    ' ',
  ),
);
const empty = new Set('br img input hr meta link area base col embed source wbr'.split(' '));
const unseen = new Set(['script', 'style', 'title', 'template', 'noscript', 'head', 'object', 'svg', 'math']);
const kept = new Set([
  'href',
  'style',
  'src',
  'action',
  'type',
  'name',
  'color',
  'bgcolor',
  'alt',
  'hidden',
  'value',
  'placeholder',
]);

/** Whether a style hides what it is on: not shown, no size, no opacity, or off the page. */
export function hides(style: string): boolean {
  const plain = style.toLowerCase().replaceAll(' ', '').slice(0, 2_000);
  return (
    plain.includes('display:none') ||
    plain.includes('visibility:hidden') ||
    /(^|;)opacity:0(\.0+)?(;|$)/.test(plain) ||
    /(^|;)font-size:[01](\.\d+)?(px|pt|em|%)?(;|!|$)/.test(plain) ||
    /(^|;)(max-height|max-width|height|width):0(px)?(;|$).{0,200}overflow:hidden/.test(plain) ||
    /text-indent:-\d{3,}/.test(plain) ||
    (whitish(/(^|;)color:([^;]{1,40})/.exec(plain)?.[2] ?? '') && !plain.includes('background'))
  );
}

/** White or so near to it that nobody reads it on white. */
export function whitish(color: string): boolean {
  const plain = color.trim().toLowerCase().replace('!important', '');
  if (plain === 'white' || plain === '#fff') return true;
  const hex = /^#?([0-9a-f]{6})$/.exec(plain)?.[1];
  return hex !== undefined && [0, 2, 4].every((at) => Number.parseInt(hex.slice(at, at + 2), 16) >= 0xf4);
}

/** White space as one space, other control characters not at all. Entities are single letters: most need nothing. */
function inOneLine(piece: string): string {
  if (piece.length === 1 && piece > ' ' && piece < '\u007f') return piece;
  return piece.replace(/[\s\u0085]+/g, ' ').replace(/\p{Cc}+/gu, '');
}

export function readPage(html: string, cuts: Cuts, attached = false): Page {
  const source = cuts.fitting('html', html);
  const reader = new Reader(source, cuts, attached);
  const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true }, reader);
  tokenizer.write(source);
  tokenizer.end();
  return reader.page();
}

class Reader {
  readonly #html: string;
  readonly #cuts: Cuts;
  readonly #attached: boolean;
  readonly #seen: string[] = [];
  readonly #hidden: string[] = [];
  #length = 0;
  #ended = false;
  #last = '\n';
  #name = '';
  #attribute = '';
  #value = '';
  #attributes: Map<string, string> = new Map();
  /** The element that hides what is in it, and how many of its name are open within. */
  #hider: { name: string; depth: number } | undefined;
  #background = false;
  #anchor: { href: string; at: number; words: string[]; size: number } | undefined;
  readonly #links: Link[] = [];
  readonly #forms: Form[] = [];
  #images = 0;
  #scripts = 0;

  constructor(html: string, cuts: Cuts, attached: boolean) {
    this.#html = html;
    this.#cuts = cuts;
    this.#attached = attached;
  }

  page(): Page {
    this.#closeAnchor();
    return {
      text: this.#seen.join(''),
      hidden: this.#hidden.join(' ').slice(0, limits.hidden),
      links: this.#links,
      forms: this.#forms,
      images: this.#images,
      scripts: this.#scripts,
    };
  }

  // --- what the tokenizer calls ---

  onattribname(start: number, end: number): void {
    this.#attribute = this.#html.slice(start, Math.min(end, start + 40)).toLowerCase();
    this.#value = '';
  }
  onattribdata(start: number, end: number): void {
    if (kept.has(this.#attribute) && this.#value.length < 4_000)
      this.#value += this.#html.slice(start, Math.min(end, start + 4_000));
  }
  onattribentity(code: number): void {
    if (this.#value.length < 4_000) this.#value += String.fromCodePoint(code);
  }
  onattribend(): void {
    if (kept.has(this.#attribute) && !this.#attributes.has(this.#attribute))
      this.#attributes.set(this.#attribute, this.#value);
  }
  onopentagname(start: number, end: number): void {
    this.#name = this.#html.slice(start, Math.min(end, start + 40)).toLowerCase();
    this.#attributes = new Map();
  }
  onopentagend(): void {
    this.#open();
  }
  onselfclosingtag(): void {
    this.#open();
  }
  onclosetag(start: number, end: number): void {
    this.#close(this.#html.slice(start, Math.min(end, start + 40)).toLowerCase());
  }
  ontext(start: number, end: number): void {
    this.#write(this.#html.slice(start, end));
  }
  ontextentity(code: number): void {
    this.#write(String.fromCodePoint(code));
  }
  oncdata(): void {}
  oncomment(): void {}
  ondeclaration(): void {}
  onend(): void {}
  onprocessinginstruction(): void {}
  isInForeignContext(): boolean {
    return false;
  }

  // --- elements ---

  #open(): void {
    const name = this.#name;
    const attribute = (key: string) => this.#attributes.get(key) ?? '';
    if (this.#hider?.name === name && !empty.has(name)) this.#hider.depth++;
    else if (!this.#hider && !empty.has(name) && this.#hidesNow(name, attribute))
      this.#hider = { name, depth: 1 };
    if (attribute('bgcolor') !== '' && !whitish(attribute('bgcolor'))) this.#background = true;
    if (/background/i.test(attribute('style'))) this.#background = true;
    if (name === 'br') this.#break('\n');
    else if (blocks.has(name)) this.#break('\n\n');
    if (name === 'a') this.#openAnchor(attribute('href'));
    else if (name === 'img') this.#image(attribute('alt'));
    else if (name === 'form') this.#form(attribute('action'));
    else if (name === 'input')
      this.#input(attribute('type').toLowerCase(), attribute('placeholder') || attribute('value'));
    else if (name === 'script') this.#scripts++;
  }

  #hidesNow(name: string, attribute: (key: string) => string): boolean {
    if (unseen.has(name)) return true;
    if (this.#attributes.has('hidden')) return true;
    const style = attribute('style');
    const byColor = whitish(attribute('color')) && !this.#background;
    if (style === '') return byColor;
    const hidden = hides(style);
    return (
      byColor || (hidden && !(this.#background && !hides(style.replace(/(^|;)\s*color:[^;]{0,40}/i, ''))))
    );
  }

  #close(name: string): void {
    if (this.#hider?.name === name && --this.#hider.depth <= 0) this.#hider = undefined;
    if (name === 'a') this.#closeAnchor();
    if (blocks.has(name)) this.#break('\n\n');
  }

  #openAnchor(href: string): void {
    this.#closeAnchor();
    this.#anchor = { href, at: this.#length, words: [], size: 0 };
  }

  #closeAnchor(): void {
    const anchor = this.#anchor;
    this.#anchor = undefined;
    if (!anchor || anchor.href === '') return;
    if (this.#cuts.take('links', 1) === 0) return;
    const link = linkOf(anchor.href, anchor.words.join('').trim(), anchor.at);
    if (link) this.#links.push(link);
  }

  #image(alt: string): void {
    this.#images++;
    if (alt.trim() !== '') this.#write(` ${alt.slice(0, 300)} `);
  }

  #form(action: string): void {
    if (this.#cuts.take('forms', 1) === 0) return;
    const domain = /^https?:/i.test(action) ? (linkOf(action, '', -1)?.domain ?? '') : '';
    const form = {
      action: action.slice(0, 2_000),
      domain,
      passwords: 0,
      fields: 0,
      attached: this.#attached,
    };
    this.#forms.push({ ...form, domain: registrable(domain) });
  }

  #input(type: string, shown: string): void {
    if (type === 'hidden') return;
    if (shown !== '') this.#write(` ${shown.slice(0, 200)} `);
    if (type === 'submit' || type === 'button' || type === 'image') return;
    const last = this.#forms.pop() ?? {
      action: '',
      domain: '',
      passwords: 0,
      fields: 0,
      attached: this.#attached,
    };
    this.#forms.push({
      ...last,
      passwords: last.passwords + (type === 'password' ? 1 : 0),
      fields: last.fields + 1,
    });
  }

  // --- text ---

  #write(piece: string): void {
    if (this.#ended) return;
    if (this.#hider) {
      if (!unseen.has(this.#hider.name) && this.#hidden.length < 5_000)
        this.#hidden.push(piece.slice(0, 10_000));
      return;
    }
    const text = inOneLine(piece);
    const trimmed = this.#last === '\n' || this.#last === ' ' ? text.replace(/^ /, '') : text;
    if (trimmed === '') return;
    this.#put(trimmed);
    if (this.#anchor && this.#anchor.size < 300) {
      this.#anchor.words.push(trimmed);
      this.#anchor.size += trimmed.length;
    }
  }

  #break(how: '\n' | '\n\n'): void {
    if (this.#hider || this.#length === 0) return;
    if (this.#last !== '\n') this.#put(how);
    else if (how === '\n\n' && !this.#doubled) {
      this.#put('\n');
      this.#doubled = true;
    }
    if (how === '\n\n') this.#doubled = true;
  }
  #doubled = false;

  #put(text: string): void {
    if (this.#length + text.length > limits.text) {
      this.#ended = true;
      this.#cuts.met('text');
      return;
    }
    this.#seen.push(text);
    this.#length += text.length;
    this.#last = text.at(-1) ?? '';
    if (this.#last !== '\n') this.#doubled = false;
  }
}
