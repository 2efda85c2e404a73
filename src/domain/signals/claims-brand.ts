import { brandIn, ownerOf } from '../brands.ts';
import { shownSender } from './sender.ts';
import { found, type Signal, whole } from './signal.ts';

/** The sender calls itself by a known name and writes from elsewhere. */
export const claimsBrand: Signal = {
  name: 'claims-brand',
  says: 'The sender uses a well-known name but does not write from there.',
  speaks: 'for',
  weigh({ message }) {
    const { from, subject, text, links } = message;
    const claimed = (from && brandIn(from.name)) ?? brandIn(subject) ?? brandIn(text.slice(0, 200));
    if (!claimed) return undefined;
    const genuine = (domain: string) => claimed.domains.has(domain) || ownerOf(domain) === claimed;
    const strange = links.filter(({ domain }) => !genuine(domain));
    const stranger = from !== undefined && from.domain !== '' && !genuine(from.domain);
    if (!stranger && !(links.length > 0 && strange.length === links.length)) return undefined;
    const said = from && brandIn(from.name) === claimed;
    return found(
      said && stranger ? 1 : stranger ? 0.6 : 0.5,
      from ? whole('sender', shownSender(from)) : whole('link', strange[0]?.href ?? ''),
    );
  },
};
