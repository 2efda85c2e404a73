import { colonFields, fieldsFault, type ImportFormat, ignored, passwdIds } from './row.ts';

/** Pure-FTPd's `pureftpd.passwd`: eighteen fields; its README writes one separator more. Quotas and sources stay behind. */
export const pureftpd: ImportFormat = {
  name: 'pureftpd',
  summary: 'pureftpd.passwd of Pure-FTPd: 18 fields between colons',
  open: () => (line) => {
    const fields = colonFields(line);
    if (fields === undefined) return ignored;
    if (fields.length < 6 || fields.length > 19) return fieldsFault(fields.length, '18 or 19');
    const [login = '', secret = '', uid, gid, , home] = fields;
    return { row: { login, secret, unix: passwdIds(uid, gid, home, undefined) } };
  },
};
