/**
 * Text that every store takes: PostgreSQL has neither NUL nor half a surrogate pair, and a message that cannot be written
 * down must not go unflagged for it.
 */

/** Control characters but breaks and tabs. */
const spoils = /[^\P{Cc}\n\t]/u;
const [tab, newline, verticalTab, formFeed, carriageReturn, space, nextLine] = [9, 10, 11, 12, 13, 32, 0x85];

/** Breaks are `\n`, other control characters but tabs go, half pairs become U+FFFD. What parts words goes on parting them. */
export function cleanText(text: string): string {
  if (!spoils.test(text)) return text.toWellFormed();
  // By hand: replacing each of a million by an expression takes the better part of a second.
  const kept = new Uint16Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === carriageReturn) {
      if (text.charCodeAt(at + 1) !== newline) kept[length++] = newline;
    } else if (unit === verticalTab || unit === formFeed || unit === nextLine) kept[length++] = space;
    else if (unit === newline || unit === tab || !isControl(unit)) kept[length++] = unit;
  }
  return Buffer.from(kept.buffer, 0, length * 2)
    .toString('utf16le')
    .toWellFormed();
}

const isControl = (unit: number) => unit < space || (unit >= 0x7f && unit <= 0x9f);

/** Every text in plain values. */
export function cleaned<T>(value: T): T {
  return walked(value) as T;
}

function walked(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(walked);
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walked(each)]));
}
