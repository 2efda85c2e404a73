/**
 * One field Authentication-Results, taken apart by the grammar of RFC 8601 section 2.2. Senders choose much of what stands
 * in it (`smtp.mailfrom="x;dmarc=pass"@evil.example`): quoted strings and comments are passed over as what they are.
 */

export interface MethodResult {
  readonly method: string;
  readonly result: string;
  /** `header.d` → its value. */
  readonly properties: ReadonlyMap<string, string>;
}

const keyword = /[a-z0-9-]{1,64}/iy;

/** After the authserv-id. Undefined where a quoted string or a comment has no end: what is meant, nobody can tell. */
export function resultsIn(field: string): readonly MethodResult[] | undefined {
  const scan = new Scan(field);
  const results: MethodResult[] = [];
  for (scan.toNext(); scan.at < field.length; scan.toNext()) {
    scan.at++;
    const result = statement(scan);
    if (result) results.push(result);
  }
  return scan.broken ? undefined : results;
}

/** `method [/ version] = result [reason = value] *(ptype.property = value)`, as far as it is one. */
function statement(scan: Scan): MethodResult | undefined {
  const method = scan.word();
  if (scan.sign('/')) scan.word();
  if (method === '' || !scan.sign('=')) return undefined;
  const result = scan.word();
  if (result === '' || !scan.isApart()) return undefined;
  const properties = new Map<string, string>();
  for (let kind = scan.word(); kind !== ''; kind = scan.word()) {
    const name = scan.sign('.') ? `${kind}.${scan.word()}` : kind;
    if (!scan.sign('=')) break;
    const value = scan.value();
    if (!properties.has(name)) properties.set(name, value);
  }
  return { method, result, properties };
}

class Scan {
  readonly #text: string;
  at = 0;
  broken = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** On to the `;` before the next statement, or to the end. */
  toNext(): void {
    while (this.at < this.#text.length && this.#text[this.at] !== ';')
      if (!this.#apart() && this.#quoted() === undefined) this.at++;
  }

  /** A keyword in lower case, and what parts it from the next; empty where there is none. */
  word(): string {
    this.#apart();
    keyword.lastIndex = this.at;
    const found = keyword.exec(this.#text)?.[0] ?? '';
    this.at += found.length;
    return found.toLowerCase();
  }

  sign(char: string): boolean {
    this.#apart();
    if (this.#text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  /** Whether what was read ends here: `pass`, and not `pass"x"`. */
  isApart(): boolean {
    return this.at >= this.#text.length || this.#text[this.at] === ';' || this.#apart();
  }

  /** A value: quoted strings and what clings to them, such as a local part and its domain. */
  value(): string {
    this.#apart();
    let value = '';
    while (this.at < this.#text.length && !/[\s;(]/.test(this.#text[this.at] ?? '')) {
      value += this.#quoted() ?? this.#text[this.at++];
    }
    return value;
  }

  /** White space and comments. */
  #apart(): boolean {
    const from = this.at;
    let depth = 0;
    for (; this.at < this.#text.length; this.at++) {
      const char = this.#text[this.at] ?? '';
      if (char === '(') depth++;
      else if (depth > 0 && char === ')') depth--;
      else if (depth > 0 && char === '\\') this.at++;
      else if (depth === 0 && !/\s/.test(char)) break;
    }
    if (depth > 0) this.broken = true;
    return this.at > from;
  }

  #quoted(): string | undefined {
    if (this.#text[this.at] !== '"') return undefined;
    let text = '';
    for (this.at++; this.at < this.#text.length; this.at++) {
      const char = this.#text[this.at] ?? '';
      if (char === '"') {
        this.at++;
        return text;
      }
      text += char === '\\' ? (this.#text[++this.at] ?? '') : char;
    }
    this.broken = true;
    return text;
  }
}
