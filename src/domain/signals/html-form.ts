import { found, type Signal, whole } from './signal.ts';

/** A form in a message, above all one with a password in it. */
export const htmlForm: Signal = {
  name: 'html-form',
  says: 'The message itself holds a form to fill in.',
  speaks: 'for',
  weigh({ message }) {
    const asking = message.forms.filter(({ fields }) => fields > 0);
    const best = asking.find(({ passwords }) => passwords > 0) ?? asking[0];
    if (!best) return undefined;
    return found(
      best.passwords > 0 ? 1 : best.attached ? 0.6 : 0.3,
      whole('form', best.action === '' ? 'a form' : best.action),
    );
  },
};
