import { found, type Signal, whole } from './signal.ts';

/** A web page as an attachment: it opens in the browser, from nowhere. */
export const attachedPage: Signal = {
  name: 'attached-page',
  says: 'A web page is attached: opened, it can ask for anything in anyone’s name.',
  speaks: 'for',
  weigh({ message }) {
    const page = message.attachments.find(
      ({ name, type }) => /\.(s?html?|xhtml|svg)$/i.test(name) || (name !== '' && type === 'text/html'),
    );
    return page && found(1, whole('attachment', page.name));
  },
};
