import { freeMail } from '../places.ts';
import { shownSender } from './sender.ts';
import { found, type Signal, whole } from './signal.ts';

/** Answers go to somebody else than the one who seems to write. */
export const replyElsewhere: Signal = {
  name: 'reply-elsewhere',
  says: 'Your answer would go to another address than the sender’s.',
  speaks: 'for',
  weigh({ message }) {
    const { from, replyTo, marks } = message;
    if (!from || marks.list) return undefined;
    const other = replyTo.find(({ domain }) => domain !== '' && domain !== from.domain);
    if (other)
      return found(
        freeMail.has(other.domain) ? 1 : 0.6,
        whole('sender', `${shownSender(from)} → ${shownSender(other)}`),
      );
    const shown = /@([\w-]{1,63}(?:\.[\w-]{1,63}){1,6})/.exec(from.name)?.[1]?.toLowerCase();
    return shown !== undefined &&
      shown !== from.host &&
      !from.host.endsWith(`.${shown}`) &&
      !shown.endsWith(from.domain)
      ? found(1, whole('sender', shownSender(from)))
      : undefined;
  },
};
