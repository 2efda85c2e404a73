/** Which words, numbers and addresses of a text may be seen. Every answer is as long as what was asked about. */

export const mask = '•';

const masked = (chunk: string) => mask.repeat(chunk.length);

/** File types that are telling, and no secret. */
const fileTypes =
  /\.(?:s?html?|xhtml|pdf|zip|rar|7z|docx?|xlsx?|pptx?|rtf|txt|eml|msg|exe|js|iso|img|svg|png|jpe?g)$/;

const openers = `["'“”‘’„«¿¡([{<*_]{0,3}`;
const closers = `(?:\\.{3}|…|[.,:;!?])?["'“”‘’»)\\]}>*_]{0,3}[.,:;!?]?`;
const letters = String.raw`(?:\p{Lu}?[\p{Ll}\p{Lo}\p{M}]{1,24}|\p{Lu}{1,16})(?:['’]\p{Ll}{1,3})?`;
const wordForm = new RegExp(`^${openers}(?:${letters}|\\d{1,2})${closers}$`, 'u');
/** Words of two parts that nobody chose. */
const compound = new RegExp(
  `^${openers}(?:[Ee]-?[Mm]ails?|[Ll]og-(?:in|on)|[Ss]ign-(?:in|on))${closers}$`,
  'u',
);
/** Quotes in mail, dashes between words, bullets. */
const lone = /^(?:>{1,3}|[-–—•·|])$/;

/** Lower case, a capital first, or all capitals, with no more signs than sentences have; or a number of two digits. */
export const isWord = (chunk: string) => chunk.length <= 40 && (wordForm.test(chunk) || compound.test(chunk));
export const isCompound = (chunk: string) => compound.test(chunk);
export const isLone = (chunk: string) => lone.test(chunk);

const unspacedScript = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
export const isUnspaced = (chunk: string) => unspacedScript.test(chunk);
/** What stays between such words. */
export const isPause = (char: string) => '、。，．！？「」『』（）《》〈〉・：；,.!?:;()'.includes(char);
/** Where no secret is named: the script stays, what is in another is masked. */
export const withoutLatin = (chunk: string) => chunk.replace(/[^\p{Lo}\p{M}ー、。：，！？「」]/gu, mask);

const link = /^([("'“‘«[<*]{0,3})((?:(?:https?|ftps?|hxxps?):\/\/)?)([^\s/?#\\:]*)([\s\S]*)$/i;

export const isLink = (chunk: string) =>
  /^[("'“‘«[<*]{0,3}(?:(?:https?|ftps?|hxxps?):\/\/|www\.)/i.test(chunk);

/** Scheme and host of an address: what stands before the host or follows it may open something. */
export function withoutPath(chunk: string): string {
  const [, before = '', scheme = '', host = '', rest = ''] = link.exec(chunk) ?? [];
  const userinfo = host.includes('@') || /^[^?]*@/.test(rest) || /^:(?!\d{1,5}(?:[/?#]|$))/.test(rest);
  const shown = userinfo ? masked(host) : maskedHost(host, scheme !== '');
  return scheme === '' && !shown.includes('.') ? masked(chunk) : before + scheme + shown + masked(rest);
}

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const hostName = new RegExp(`^(?:${label}\\.)+(?:[a-z]{2,24}|xn--[a-z0-9-]{2,59})$`);
const machine = /^(?:www|web|mail|mx|ns|srv|server|host|smtp|imap|cdn|xn--[a-z0-9-]*)\d{0,2}$/;
const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;

/** A host in lower case whose labels are names: one that looks like a token is masked. */
export function maskedHost(host: string, withScheme: boolean): string {
  if (withScheme && ipv4.test(host)) return host;
  if (host.length > 253 || !hostName.test(host)) return masked(host);
  const labels = host.split('.');
  return labels
    .map((each, i) => {
      if (!/\d/.test(each) || machine.test(each)) return each;
      const registered = i === labels.length - 2 && withScheme;
      return registered && each.length <= 20 && !/[a-z]\d+[a-z]+\d/.test(each) ? each : masked(each);
    })
    .join('.');
}

/** Of an address of mail its domain. */
const mailbox = /^(["'(<[]{0,2})([^\s@]{1,255})@([a-z0-9.-]{4,253}?)([>)\]"'.,;:]{0,3})$/i;

/** A chunk of a sender, a header or a file's name that is no known word. */
export function withoutPerson(chunk: string): string {
  const [, before = '', local = '', host = '', after = ''] = mailbox.exec(chunk) ?? [];
  if (local !== '' && !/^mailto:/i.test(local))
    return `${before}${masked(local)}@${maskedHost(host, true)}${after}`;
  const type = fileTypes.exec(chunk);
  return type === null ? masked(chunk) : masked(chunk.slice(0, type.index)) + type[0];
}
