import { found, type Signal, whole } from './signal.ts';

/** The words of a link are an address, and another one than it leads to. */
export const linkDisguised: Signal = {
  name: 'link-disguised',
  says: 'A link shows one address and leads to another.',
  speaks: 'for',
  weigh({ message }) {
    if (message.marks.list) return undefined;
    const false_ = message.links.find(
      ({ shownDomain, domain }) => shownDomain !== undefined && shownDomain !== domain,
    );
    return false_ && found(1, whole('link', `${false_.text} → ${false_.href}`));
  },
};
