/**
 * Text that every store takes: PostgreSQL has neither NUL nor half a surrogate pair, and a message that cannot be written
 * down must not go unflagged for it.
 */

/** Breaks are `\n`, other control characters but tabs go, half pairs become U+FFFD. What parts words goes on parting them. */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\v\f\u0085]/g, ' ')
    .replace(/(?:(?![\n\t])\p{Cc})+/gu, '')
    .toWellFormed();
}

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
