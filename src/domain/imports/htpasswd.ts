import { colonFields, fieldsFault, type ImportFormat, ignored } from './row.ts';

/** Apache's and nginx's file; what stands behind a second colon is a remark to both. */
export const htpasswd: ImportFormat = {
  name: 'htpasswd',
  summary: 'htpasswd of Apache and nginx: name:hash',
  open: () => (line) => {
    const fields = colonFields(line);
    if (fields === undefined) return ignored;
    const [login = '', secret] = fields;
    if (secret === undefined) return fieldsFault(1, '2');
    // htdigest's hashes hold the name and a realm: nothing that could be verified from a password alone.
    if (fields.length === 3 && /^[0-9a-f]{32}$/i.test(fields[2] ?? '')) {
      return { refused: 'A line of htdigest; its hashes are bound to a realm and not verified.' };
    }
    return { row: { login, secret } };
  },
};
