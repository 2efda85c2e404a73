/** Server-sent events (WHATWG HTML §9.2.6), as much as the stream of orders needs: fed in pieces, in any cut. */

export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** One line or event longer than this ends the connection: an endless line would fill the memory. */
const maxEventCharacters = 4_000_000;

export class EventStreamParser {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #size = 0;

  /** The events completed by these characters. Comments and unknown fields vanish. Throws on an endless event. */
  feed(characters: string): ServerEvent[] {
    const text = this.#rest + characters;
    // A CR at the very end may be half of a CRLF: it waits for what comes next.
    const usable = text.endsWith('\r') ? text.slice(0, -1) : text;
    const lines = usable.split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? '') + text.slice(usable.length);
    const events = lines.flatMap((line) => this.#line(line) ?? []);
    if (this.#rest.length + this.#size > maxEventCharacters) throw new RangeError('an event without end');
    return events;
  }

  #line(line: string): ServerEvent | undefined {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#event = value;
    if (field === 'data') {
      this.#data.push(value);
      this.#size += value.length + 1;
    }
    return undefined;
  }

  #dispatch(): ServerEvent | undefined {
    const event = { event: this.#event || 'message', data: this.#data.join('\n') };
    const empty = this.#data.length === 0;
    this.#event = '';
    this.#data = [];
    this.#size = 0;
    return empty ? undefined : event;
  }
}
